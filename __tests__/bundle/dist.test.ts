import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

/** Builds in a copy, so that the committed files are read only and a path of the machine would make a difference. */
const root = resolve(import.meta.dirname, '../..');
const committed = join(root, 'dist');
let copy: string;
let built: string;

beforeAll(() => {
  copy = realpathSync(mkdtempSync(join(tmpdir(), 'gobuild-test-dist-')));
  for (const name of ['src', 'package.json', 'package-lock.json', 'tsconfig.json', 'rolldown.config.js']) {
    cpSync(join(root, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  const { scripts }: { scripts: { build: string } } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  );
  expect(scripts.build).toBe('rolldown -c rolldown.config.js');
  const cli = join(root, 'node_modules', 'rolldown', 'bin', 'cli.mjs');
  const build = spawnSync(process.execPath, [cli, '-c', 'rolldown.config.js'], {
    cwd: copy,
    encoding: 'utf8',
  });
  if (build.status !== 0) throw new Error(build.stderr || build.stdout);
  built = join(copy, 'dist');
});

afterAll(() => {
  rmSync(copy, { recursive: true, force: true });
});

describe('dist/', () => {
  it('has the files that a build gives, and no other', () => {
    expect(readdirSync(committed).sort(), stale).toEqual(readdirSync(built).sort());
  });

  it('has their bytes', () => {
    const names = readdirSync(built);
    const different = names.filter(
      (name) => !read(committed, name)?.equals(read(built, name) ?? Buffer.of()),
    );
    expect(different, stale).toEqual([]);
  });

  it('has no path of the machine that built it', () => {
    for (const name of readdirSync(built)) {
      const text = read(built, name)?.toString('latin1') ?? '';
      for (const path of [copy, root]) expect(text.includes(path), `${name} holds ${path}`).toBe(false);
    }
  });

  it('has what the action and its sub-actions run', () => {
    const programs = ['action.yml', 'restore/action.yml', 'save/action.yml'].flatMap((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return [...text.matchAll(/^ {2}(?:main|post): (\S+)$/gm)].map(([, path = '']) =>
        join(file, '..', path),
      );
    });
    const expected = ['main.js', 'post.js', 'restore.js', 'save.js'];
    expect(programs).toEqual(expected.map((name) => join('dist', name)));
    expect(readdirSync(committed)).toEqual(expect.arrayContaining(expected));
  });
});

const stale = 'dist/ is not what the sources build to: run npm run build and commit it';

function read(directory: string, name: string): Buffer | undefined {
  return readdirSync(directory).includes(name) ? readFileSync(join(directory, name)) : undefined;
}
