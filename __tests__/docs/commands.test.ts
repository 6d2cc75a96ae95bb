import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { heldCommands } from './known-commands.ts';
import { shellCommands } from './shell-commands.ts';

/** Every command of the docs is run: here, by another test, or by CI; known-commands.ts says which. */
const root = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', ...globSync('docs/**/*.md', { cwd: root })];
const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));
const held = Object.entries(heldCommands);

describe('the commands of a page', () => {
  it.each([
    ['```sh\nnpm ci && npm test\n\n# why\ngo test \\\n  ./...\n```', ['npm ci', 'npm test', 'go test ./...']],
    ['```console\n$ go env GOCACHE\n/home/me/.cache\n```', ['go env GOCACHE']],
    ['- one\n\n  ```bash\n  ls\n  ```', ['ls']],
    ['```\nnpm run try\ntext\n```', ['npm run try']],
    ['```text\ngo: no such tool\ngo version\n```', ['go version']],
    ['```yaml\ngo test ./...\n```', []],
    [
      'say `npm run\nbuild`, `X=1 npm test` and `gh cache list`',
      ['npm run build', 'X=1 npm test', 'gh cache list'],
    ],
    ['by `go test`, in `npm`, `ghcr.io`', []],
  ])('%j', (markdown, commands) => {
    expect(shellCommands(markdown)).toEqual(commands);
  });
});

describe.each(pages)('%s', (page) => {
  it('has no command that nobody runs', () => {
    for (const command of shellCommands(read(page)))
      expect(heldCommands, `known-commands.ts says nothing of: ${command}`).toHaveProperty([command]);
  });
});

describe('known-commands.ts', () => {
  it('names commands that a page has', () => {
    const named = new Set(pages.flatMap((page) => shellCommands(read(page))));
    expect(held.map(([command]) => command).filter((command) => !named.has(command))).toEqual([]);
  });

  it.each(held.flatMap(([command, how]) => ('by' in how ? [[command, how] as const] : [])))(
    '%s is run where it says',
    (command, { by, as = command }) => {
      expect(read(by)).toContain(as);
      const [, script] = /^npm run ([\w-]+)/.exec(command) ?? [];
      if (script !== undefined && !as.startsWith('npm ')) expect(scripts[script]).toContain(as);
    },
  );

  it('names tables of the bench that there are', () => {
    const { stderr } = spawnSync(process.execPath, [join(root, 'bench/main.ts'), '?'], { encoding: 'utf8' });
    const [, list = ''] = /there are (.*)$/m.exec(stderr) ?? [];
    const named = held.flatMap(([command]) => /^npm run bench -- ([a-z]\S*)$/.exec(command)?.[1] ?? []);
    expect(named).not.toEqual([]);
    expect(list.split(', ')).toEqual(expect.arrayContaining(named));
  });
});

describe('in a copy of the repository', () => {
  let copy: string;
  const git = (...args: string[]): string => {
    const { status, stdout, stderr } = spawnSync('git', args, { cwd: copy, encoding: 'utf8' });
    if (status !== 0) throw new Error(`git ${args[0]}: ${stderr}`);
    return stdout;
  };

  beforeAll(() => {
    copy = realpathSync(mkdtempSync(join(tmpdir(), 'gobuild-test-commands-')));
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
    const { stdout } = spawnSync('git', args, { cwd: root, encoding: 'utf8' });
    const names = stdout.split('\0').filter((name) => name !== '' && existsSync(join(root, name)));
    for (const name of names) {
      mkdirSync(dirname(join(copy, name)), { recursive: true });
      copyFileSync(join(root, name), join(copy, name));
    }
    git('init', '--quiet');
    git('add', '--all');
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
    git(...who, 'commit', '--quiet', '--message=first');
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
  });
  beforeEach(() => {
    git('reset', '--quiet', '--hard');
  });
  afterAll(() => rmSync(copy, { recursive: true, force: true }));

  it.each(held.flatMap(([command, how]) => ('here' in how ? [[command, how] as const] : [])))(
    '%s',
    (command, { here, changes = [] }) => {
      const options = { cwd: copy, encoding: 'utf8', shell: true } as const;
      const { status, stdout, stderr } = spawnSync(here === true ? command : here, options);
      expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
      const changed = git('status', '--porcelain', '--', '.', ':!node_modules').split('\n');
      expect(changed.filter((line) => line !== '').map((line) => line.slice(3))).toEqual(changes);
    },
  );
});
