import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { baseEnvironment } from '../../local/runner/job.ts';
import { type Finished, run } from '../../local/runner/process.ts';
import { type CacheServer, startCacheServer } from '../../local/server/server.ts';
import { type Files, smallModule, writeFiles } from '../bundle/small-module.ts';

const root = resolve(import.meta.dirname, '../..');

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

  /** @param others files of other repositories' actions, by `owner/name@ref` */
  static async start(others: Readonly<Record<string, Files>> = {}): Promise<ActRepository> {
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
    await repository.#commit();
    return repository;
  }

  async #commit(): Promise<void> {
    writeFiles(this.#workspace, smallModule());
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
  async push(workflow: string): Promise<Pushed> {
    const results = mkdtempSync(join(this.#home, 'results-'));
    const file = join(this.#home, 'workflow.yml');
    writeFileSync(file, workflow);
    const event = join(this.#home, 'event.json');
    writeFileSync(event, JSON.stringify({ ref: 'refs/heads/main', repository: { default_branch: 'main' } }));
    const env = { ...this.server.environment(), RESULTS: results, GOFLAGS: '-trimpath -buildvcs=false' };
    const finished = await this.#run('act', [
      ...['push', '-W', file, '-e', event, '--no-cache-server'],
      ...['-P', 'ubuntu-latest=-self-hosted', '-P', 'ubuntu-24.04=-self-hosted'],
      ...['--action-cache-path', join(this.#home, 'act'), '--env-file', join(this.#home, 'none')],
      ...['-s', `GITHUB_TOKEN=${this.server.apiToken('write')}`],
      ...Object.entries(env).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...Object.entries(this.#others).flatMap(([name, at]) => ['--local-repository', `${name}=${at}`]),
    ]);
    const path = (name: string) => join(results, name);
    return { ...finished, path, results: (name) => readFileSync(path(name), 'utf8') };
  }

  #run(command: string, args: readonly string[]): Promise<Finished> {
    mkdirSync(this.#workspace, { recursive: true });
    const env = baseEnvironment(process.env);
    // act runs actions by the first node on PATH: it is to be the one that these tests run by.
    env['PATH'] = [dirname(process.execPath), env['PATH']].join(delimiter);
    return run(command, args, { cwd: this.#workspace, env });
  }

  /** The keys of the stored sets, oldest first, without those of the module cache. */
  setKeys(): string[] {
    const keys = this.server.entries().filter((entry) => !entry.key.includes('-modules-'));
    return keys.sort((a, b) => a.createdAt - b.createdAt).map((entry) => entry.key);
  }

  async remove(): Promise<void> {
    await this.server.close();
    rmSync(this.#home, { recursive: true, force: true });
  }
}
