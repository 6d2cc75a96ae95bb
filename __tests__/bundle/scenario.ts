import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { compiledPackages } from '../../local/graph.ts';
import { LocalRunner, type StepResult } from '../../local/runner.ts';
import { type CacheServer, startCacheServer } from '../../local/server/server.ts';
import type { Report } from '../../src/report/report.ts';
import { type Files, smallModule, writeFiles } from './small-module.ts';

const action = resolve(import.meta.dirname, '../..');

type RunnerOptions = Partial<ConstructorParameters<typeof LocalRunner>[0]>;

type ExecOptions = Parameters<LocalRunner['exec']>[2];

export interface JobOptions extends RunnerOptions {
  readonly with?: Readonly<Record<string, string>>;
  /** `cold`: GOCACHE is empty. Default: the standard library is in it, so that a case takes seconds. */
  readonly cold?: boolean;
}

/** Of a repository, whichever cache: how many runs there were, and how many copies of a cache. */
interface Counts {
  runs: number;
  forks: number;
}

/** One repository with its cache service, over several runs. All is removed when the test ends. */
export class Scenario {
  readonly home: string;
  readonly workspace: string;
  readonly server: CacheServer;
  readonly #counts: Counts;

  private constructor(
    home: string,
    workspace: string,
    { server, counts = { runs: 0, forks: 0 } }: { server: CacheServer; counts?: Counts },
  ) {
    this.home = home;
    this.workspace = workspace;
    this.server = server;
    this.#counts = counts;
  }

  /**
   * @param options.space what the paths hold besides letters: a space, for the cases that need one
   * @param options.finished takes what removes it all: the test's own hook where tests run side by side, `afterAll` for a whole file
   */
  static async start({
    files = smallModule(),
    space = '',
    finished = onTestFinished,
  }: {
    files?: Files;
    space?: string;
    finished?: (clean: () => Promise<void>) => void;
  } = {}): Promise<Scenario> {
    const home = mkdtempSync(join(tmpdir(), `gobuild-test${space}-`));
    const workspace = join(home, `work${space}space`);
    writeFiles(workspace, files);
    const server = await startCacheServer({ directory: join(home, 'entries') });
    finished(async () => {
      await server.close();
      rmSync(home, { recursive: true, force: true });
    });
    return new Scenario(home, workspace, { server });
  }

  /**
   * The same repository with a copy of its cache.
   *
   * @param options.later milliseconds that have gone by since, as the service tells
   */
  async fork({
    later = 0,
    finished = onTestFinished,
  }: {
    later?: number;
    finished?: (clean: () => Promise<void>) => void;
  } = {}): Promise<Scenario> {
    this.#counts.forks += 1;
    const directory = `${this.server.directory}-${this.#counts.forks}`;
    cpSync(this.server.directory, directory, { recursive: true });
    const server = await startCacheServer({ directory, now: () => Date.now() + later });
    finished(() => server.close());
    return new Scenario(this.home, this.workspace, { server, counts: this.#counts });
  }

  write(files: Files): void {
    writeFiles(this.workspace, files);
  }

  /** The next run's job, at the action's main step. */
  job({ with: given = {}, cold = false, ...options }: JobOptions = {}): Job {
    this.#counts.runs += 1;
    const { runs } = this.#counts;
    const own = join(this.home, `temp ${runs}`.replace(' ', this.home.includes(' ') ? ' ' : '-'));
    const temp = options.temp ?? own;
    const runner = new LocalRunner({
      ...{
        workspace: this.workspace,
        temp,
        action,
        cache: this.server,
        runId: String(runs),
        ...options,
      },
    });
    const inputs = { ...given };
    if (!cold && inputs['gocache'] === undefined) {
      inputs['gocache'] = this.warmGocache(`gocache-${runs}`);
    }
    return new Job(runner, inputs, join(temp, 'graph.json'));
  }

  /** A GOCACHE of this name with the standard library in it. */
  warmGocache(name: string): string {
    const gocache = join(this.home, name);
    cpSync(inject('warmGocache'), gocache, { recursive: true, preserveTimestamps: true });
    return gocache;
  }

  /** The keys of the stored sets, oldest first: of their tops, and of those without layers. */
  setKeys(): string[] {
    return this.#keys((key) => !/^gobuild-test-2-(base|modules|helpers)-/.test(key));
  }

  /** The keys of the stored bases, oldest first. */
  baseKeys(): string[] {
    return this.#keys((key) => key.startsWith('gobuild-test-2-base-'));
  }

  /** What an entry takes in the cache. */
  bytesOf(key: string | null): number {
    return this.server.entries().find((entry) => entry.key === key)?.bytes ?? Number.NaN;
  }

  #keys(isWanted: (key: string) => boolean): string[] {
    const keys = this.server.entries().filter((entry) => isWanted(entry.key));
    return keys.sort((a, b) => a.createdAt - b.createdAt).map((entry) => entry.key);
  }
}

export class Job {
  readonly runner: LocalRunner;
  readonly #inputs: Readonly<Record<string, string>>;
  readonly #graph: string;
  #outputs: Readonly<Record<string, string>> = {};

  constructor(runner: LocalRunner, inputs: Readonly<Record<string, string>>, graph: string) {
    this.runner = runner;
    this.#inputs = inputs;
    this.#graph = graph;
  }

  /** @param step.signal kills it */
  async main(step: { readonly signal?: AbortSignal } = {}): Promise<StepResult> {
    const result = await this.runner.main({ with: this.#inputs, ...step });
    this.#outputs = result.outputs;
    return result;
  }

  /** A second use of the action in this job, at its main step. */
  beside(inputs: Readonly<Record<string, string>>): Job {
    return new Job(this.runner.another(), inputs, this.#graph);
  }

  /** A go command of the job; with the packages that it compiled where it is a build or a test. */
  async go(
    ...words: readonly (string | ExecOptions)[]
  ): Promise<StepResult & { compiled: readonly string[] }> {
    const args = words.filter((word) => typeof word === 'string');
    const options = words.find((word) => typeof word === 'object');
    const [verb = '', ...others] = args;
    const graphed = verb === 'test' || verb === 'build' || verb === 'vet';
    // -C must come first.
    const at = others[0] === '-C' ? 2 : 0;
    const flag = `-debug-actiongraph=${this.#graph}`;
    const own = graphed ? [verb, ...others.slice(0, at), flag, ...others.slice(at)] : args;
    const result = await this.runner.exec('go', own, options);
    return { ...result, compiled: graphed && existsSync(this.#graph) ? compiledPackages(this.#graph) : [] };
  }

  /** The usual job: the measured packages and the plain ones. Gives what it compiled. */
  async tests(): Promise<readonly string[]> {
    const packages = ['cmd/tool', 'core', 'leaf', 'plainlib'].map((name) => `example.com/small/${name}`);
    const cover = await this.go('test', '-cover', ...packages);
    const plain = await this.go('test', './tests/...');
    if (cover.exitCode !== 0 || plain.exitCode !== 0)
      throw new Error(`the job's tests fail:\n${cover.log}${plain.log}`);
    return [...cover.compiled, ...plain.compiled];
  }

  async post(options?: Parameters<LocalRunner['post']>[0]): Promise<StepResult & { report: Report }> {
    const result = await this.runner.post(options);
    return { ...result, report: this.report() };
  }

  get gocache(): string {
    return this.#outputs['gocache'] ?? '';
  }

  report(): Report {
    const report: Report = JSON.parse(readFileSync(this.#outputs['report'] ?? '', 'utf8'));
    return report;
  }
}

/** Main, the usual tests, post. */
export async function wholeJob(scenario: Scenario, options?: JobOptions) {
  const job = scenario.job(options);
  const main = await job.main();
  const compiled = await job.tests();
  const post = await job.post();
  return { job, main, compiled, post, report: post.report };
}

/** What a person sees: the log without what the runner hides. */
export function visible({ log }: StepResult): string[] {
  return log.split('\n').filter((line) => line !== '' && !/^::(debug|add-mask)::/.test(line));
}

export function emptyDirectory(path: string): string {
  mkdirSync(path, { recursive: true });
  return path;
}
