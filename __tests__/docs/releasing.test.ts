import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { temporaryDirectory } from '../helpers/module.ts';
import { shellCommands } from './shell-commands.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/releasing.md'), 'utf8');
const [release = '', withdrawal = ''] = page.split(/^## Withdrawing a release$/m);

/** A repository with release 1.0.0, and what stands for GitHub's copy of it. */
class Repository {
  readonly #home = temporaryDirectory(afterAll);
  readonly #work = join(this.#home, 'work');

  constructor() {
    this.#run('git', ['init', '--quiet', '--bare', 'origin.git'], this.#home);
    this.#run('git', ['clone', '--quiet', 'origin.git', 'work'], this.#home);
    writeFileSync(join(this.#work, 'package.json'), '{ "name": "example", "version": "1.0.0" }\n');
    for (const [name, value] of [
      ['user.name', 'Example'],
      ['user.email', 'example@example.com'],
    ])
      this.git('config', String(name), String(value));
    this.git('add', '.');
    this.git('commit', '--quiet', '-m', '1.0.0');
    this.git('tag', '-a', 'v1.0.0', '-m', '1.0.0');
    this.git('tag', 'v1');
    this.git('push', '--quiet', 'origin', 'HEAD', 'v1.0.0', 'v1');
  }

  /** Runs those of the commands that change a repository, and no gh, no build, no test. */
  do(text: string): void {
    const commands = shellCommands(text).filter((line) => /^(git|npm version) /.test(line));
    expect(commands).not.toEqual([]);
    for (const command of commands) this.#run('sh', ['-ec', command], this.#work);
  }

  git(...args: string[]): string {
    return this.#run('git', args, this.#work);
  }

  /** The commit of a ref on the other side. */
  origin(ref: string): string {
    return this.#run('git', ['rev-parse', `${ref}^{commit}`], join(this.#home, 'origin.git'));
  }

  #run(program: string, args: readonly string[], cwd: string): string {
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    return execFileSync(program, args, { cwd, stdio: [...stdio], encoding: 'utf8' }).trim();
  }
}

describe.skipIf(process.platform === 'win32')('the commands of docs/releasing.md', () => {
  const repository = new Repository();

  it('release a version, and move the major tag to it', () => {
    const before = repository.git('rev-parse', 'HEAD');
    repository.do(release);
    const released = repository.git('rev-parse', 'HEAD');
    expect(JSON.parse(repository.git('show', 'HEAD:package.json'))).toMatchObject({ version: '1.1.0' });
    expect([released === before, repository.origin('v1.0.0')]).toEqual([false, before]);
    expect([repository.origin('v1.1.0'), repository.origin('v1')]).toEqual([released, released]);
  });

  it('withdraw it: the major tag is back, the version stays', () => {
    repository.do(withdrawal);
    expect(repository.origin('v1')).toBe(repository.origin('v1.0.0'));
    expect(repository.origin('v1.1.0')).toBe(repository.git('rev-parse', 'HEAD'));
  });
});
