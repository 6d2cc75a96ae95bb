import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { baseEnvironment } from '../../local/runner/job.ts';
import { type Finished, run } from '../../local/runner/process.ts';
import { type CacheServer, startCacheServer } from '../../local/server/server.ts';
import { type Files, smallModule, writeFiles } from '../bundle/small-module.ts';

const root = resolve(import.meta.dirname, '../..');

/** Why nothing can be run here by `act`; undefined where it can. */
export const noAct: string | undefined =
  process.platform === 'win32'
    ? 'skipped: act runs no bash of its own on Windows'
    : spawnSync('act', ['--version']).error !== undefined
      ? 'skipped: act is not on PATH (.ci/tools installs it)'
      : undefined;

/** By which names the action is used here, as the README has them. */
const action = 'OWNER/gobuild-test@v1';

/** Stands in for setup-go, which would download: Go is there. */
const setupGo = `name: setup-go
inputs: { go-version: {}, go-version-file: {}, cache: {} }
runs:
  using: composite
  steps:
    - run: echo "setup-go version [\${{ inputs.go-version }}] file [\${{ inputs.go-version-file }}] cache [\${{ inputs.cache }}]"
      shell: bash
`;

/** `uses: $/save` as those write it whose runner does not know \`$/\`. */
export function rewritten(workflow: string): string {
  return workflow.replace(/uses: \$\/([\w-]+)$/gm, 'uses: OWNER/gobuild-test/$1@v1');
}

/** What a run did, and what its jobs have written into the directory `$RESULTS`: each file's path, and its text. */
export interface Pushed extends Finished {
  readonly path: (name: string) => string;
  readonly results: (name: string) => string;
}

export interface ActOptions {
  /** Files of other repositories' actions, by `owner/name@ref`. */
  readonly others?: Readonly<Record<string, Files>>;
  /** Of the repository; by default the small module's. */
  readonly files?: Files;
  /** Programs that stand before all others on PATH, by name. */
  readonly programs?: Files;
}

/** A repository whose workflows `act` runs on this machine, without containers, with a cache server on loopback. */
export class ActRepository {
  readonly server: CacheServer;
  readonly #home: string;
  readonly #workspace: string;
  readonly #others: Readonly<Record<string, string>>;

  private constructor(home: string, server: CacheServer, others: Readonly<Record<string, string>>) {
    this.#home = home;
    this.#workspace = join(home, 'workspace');
    this.server = server;
    this.#others = others;
  }

  static async start({ others = {}, files, programs = {} }: ActOptions = {}): Promise<ActRepository> {
    const home = realpathSync(mkdtempSync(join(tmpdir(), 'gobuild-test-act-')));
    for (const name of ['action.yml', 'restore', 'save', 'dist'])
      cpSync(join(root, name), join(home, 'action', name), { recursive: true });
    const workflow = readFileSync(join(root, '.github/workflows/gobuild-test.yml'), 'utf8');
    writeFiles(join(home, 'action'), { '.github/workflows/gobuild-test.yml': rewritten(workflow) });

    const [, setupGoCommit = ''] = /uses: (actions\/setup-go@[0-9a-f]{40})/.exec(workflow) ?? [];
    const all = { ...others, [setupGoCommit]: { 'action.yml': setupGo } };
    const directories = Object.entries(all).map(([name, files], at) => {
      const directory = join(home, `other-${at}`);
      writeFiles(directory, files);
      return [name, directory] as const;
    });
    const server = await startCacheServer({ directory: join(home, 'entries') });
    const repository = new ActRepository(home, server, {
      ...Object.fromEntries(directories),
      [action]: join(home, 'action'),
    });
    writeFiles(join(home, 'bin'), programs);
    for (const name of Object.keys(programs)) chmodSync(join(home, 'bin', name), 0o755);
    await repository.#commit(files ?? smallModule());
    return repository;
  }

  async #commit(files: Files): Promise<void> {
    writeFiles(this.#workspace, files);
    const git = async (...args: string[]) => {
      const { exitCode, log } = await this.#run('git', args);
      if (exitCode !== 0) throw new Error(`git ${args[0]}: ${log}`);
    };
    const who = ['-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false'];
    await git('init', '--quiet', '--initial-branch=main');
    // Not asked: act takes the repository's name from it.
    await git('remote', 'add', 'origin', 'https://github.com/example/project.git');
    await git('add', '--all');
    await git(...who, 'commit', '--quiet', '--message=first');
  }

  /** A push to the default branch. */
  push(workflow: string): Promise<Pushed> {
    return this.#event('push', workflow, { ref: 'refs/heads/main' });
  }

  /** A pull request into the default branch, of the same commit. */
  pullRequest(workflow: string): Promise<Pushed> {
    const [base, head] = [{ ref: 'main' }, { ref: 'topic', repo: { full_name: 'example/project' } }];
    return this.#event('pull_request', workflow, { number: 7, pull_request: { number: 7, base, head } });
  }

  async #event(name: string, workflow: string, payload: object): Promise<Pushed> {
    const results = mkdtempSync(join(this.#home, 'results-'));
    const file = join(this.#home, 'workflow.yml');
    writeFileSync(file, workflow);
    const event = join(this.#home, 'event.json');
    writeFileSync(event, JSON.stringify({ ...payload, repository: { default_branch: 'main' } }));
    const env = { ...this.server.environment(), RESULTS: results, GOFLAGS: '-trimpath' };
    const finished = await this.#run('act', [
      ...[name, '-W', file, '-e', event, '--no-cache-server'],
      ...['ubuntu-latest', 'ubuntu-24.04', 'self-hosted'].flatMap((label) => ['-P', `${label}=-self-hosted`]),
      ...['--action-cache-path', join(this.#home, 'act'), '--env-file', join(this.#home, 'none')],
      ...['-s', `GITHUB_TOKEN=${this.server.apiToken('write')}`],
      ...Object.entries(env).flatMap(([key, value]) => ['--env', `${key}=${value}`]),
      ...Object.entries(this.#others).flatMap(([uses, at]) => ['--local-repository', `${uses}=${at}`]),
    ]);
    const path = (of: string) => join(results, of);
    return { ...finished, path, results: (of) => readFileSync(path(of), 'utf8') };
  }

  #run(command: string, args: readonly string[]): Promise<Finished> {
    mkdirSync(this.#workspace, { recursive: true });
    const env = baseEnvironment(process.env);
    // act runs actions by the first node on PATH: it is to be the one that these tests run by.
    env['PATH'] = [join(this.#home, 'bin'), dirname(process.execPath), env['PATH']].join(delimiter);
    return run(command, args, { cwd: this.#workspace, env });
  }

  /** The keys of the stored sets, oldest first, without those of their bases and of the module cache. */
  setKeys(): string[] {
    const keys = this.server.entries().filter((entry) => !/^gobuild-test-2-(base|modules)-/.test(entry.key));
    return keys.sort((a, b) => a.createdAt - b.createdAt).map((entry) => entry.key);
  }

  async remove(): Promise<void> {
    await this.server.close();
    rmSync(this.#home, { recursive: true, force: true });
  }
}
