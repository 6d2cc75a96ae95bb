import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { compiledPackages } from '../local/graph.ts';
import { LocalRunner, type StepResult } from '../local/runner.ts';
import type { CacheServer } from '../local/server/server.ts';
import { classesOf } from '../src/gocache/kinship.ts';
import { type GocacheObject, scan } from '../src/gocache/scan.ts';
import type { Report } from '../src/report/report.ts';
import { Toolkit } from './toolkit.ts';

/** Ways to keep GOCACHE from one job to the next. Each has a server of its own, and a new machine for each job. */

const root = resolve(import.meta.dirname, '..');

/** The arguments of a `go test`. */
export type Words = readonly string[];

export interface Place {
  /** Where a way has its directories. */
  readonly home: string;
  readonly workspace: string;
  /** The job's own command. */
  readonly command: Words;
}

export interface Way {
  readonly server: CacheServer;
  /** A job until its command has ended. @returns the packages that the command compiled, by its own word */
  work(runId: string): Promise<readonly string[]>;
  /** What comes after that. @returns the bytes uploaded */
  save(runId: string): Promise<number>;
}

/** The built action: main, the job's command, post. */
export class Action implements Way {
  readonly server: CacheServer;
  readonly #place: Place;
  readonly #env: Readonly<Record<string, string>>;
  #runner: LocalRunner | undefined;
  #main: StepResult | undefined;
  #lines: { readonly text: string; readonly at: number }[] = [];

  /** @param env for all steps */
  constructor(server: CacheServer, place: Place, env: Readonly<Record<string, string>> = {}) {
    this.server = server;
    this.#place = place;
    this.#env = env;
  }

  async work(runId: string): Promise<readonly string[]> {
    await this.begin(runId);
    if (this.#runner === undefined) throw new Error('main has not run');
    return await test(this.#runner, this.#place, {});
  }

  /** Main alone, on a machine that has nothing. */
  async begin(runId: string, inputs: Readonly<Record<string, string>> = {}): Promise<Report> {
    const { home, workspace } = this.#place;
    const temp = join(home, 'temp');
    rmSync(temp, { recursive: true, force: true });
    this.#lines = [];
    const stream = (text: string) => this.#lines.push({ text, at: performance.now() });
    this.#runner = new LocalRunner({
      ...{ workspace, temp, action: root, cache: this.server, runId, env: this.#env, stream },
      token: this.server.apiToken('write'),
    });
    this.#main = await this.#runner.main({ with: { 'module-cache': 'false', ...inputs } });
    if (this.#main.exitCode !== 0) throw new Error(this.#main.log);
    return this.report();
  }

  async save(): Promise<number> {
    const post = await this.#runner?.post();
    const { save, supersede } = this.report();
    if (save.outcome === 'failed' || supersede.outcome === 'failed') throw new Error(post?.log);
    return save.bytes ?? 0;
  }

  /** Packages that main and the command of the last job compiled. */
  get compiled(): number {
    const { save, history, reuse } = this.report();
    const saved = save.outcome === 'saved' ? history[0]?.compiledPackages : undefined;
    return saved ?? reuse?.compiled.objects ?? Number.NaN;
  }

  /** Of the last job. */
  report(): Report {
    return JSON.parse(readFileSync(this.#main?.outputs['report'] ?? '', 'utf8'));
  }

  get gocache(): string {
    return this.#main?.outputs['gocache'] ?? '';
  }

  /** Seconds between the line about the save and that about what it replaces. */
  supersedeSeconds(): number {
    const said = (line: RegExp) => this.#lines.find(({ text }) => line.test(text))?.at ?? Number.NaN;
    return (said(/^Superseded /m) - said(/ saved, .* in [\d.]+ s: /m)) / 1000;
  }
}

/** A whole GOCACHE as one entry, of which the newest is restored. */
export class Whole implements Way {
  readonly server: CacheServer;
  readonly #place: Place;
  readonly #toolkit: Toolkit;
  readonly #keyOf: (runId: string) => string;
  readonly #warms: readonly Words[];
  readonly #gocache: string;
  #saved: readonly GocacheObject[] = [];
  #savedKey = '';
  #compiled = 0;
  /** Of the last save, of the toolkit's call alone; NaN before. */
  saveSeconds = Number.NaN;

  /**
   * @param options.keyOf the key of a run's entry. One that is there stays as it is, so a job that would restore it is left out
   * @param options.warms commands that run before the job's own
   */
  constructor(
    server: CacheServer,
    place: Place,
    { keyOf, warms = [] }: { readonly keyOf: (runId: string) => string; readonly warms?: readonly Words[] },
  ) {
    this.server = server;
    this.#place = place;
    this.#keyOf = keyOf;
    this.#warms = warms;
    this.#gocache = join(place.home, 'gocache');
    mkdirSync(place.home, { recursive: true });
    this.#toolkit = new Toolkit(server, place.home, 'toolkit');
  }

  async work(runId: string): Promise<readonly string[]> {
    const key = this.#keyOf(runId);
    if (this.#bytesOf(key) !== undefined) return [];
    rmSync(this.#gocache, { recursive: true, force: true });
    mkdirSync(this.#gocache);
    await this.#toolkit.restore(this.#gocache, key, ['gocache-']);
    const before = namesOf(scan(this.#gocache));
    if (this.#saved.some(({ name }) => !before.has(name))) throw new Error('the entry has lost something');
    const { home, workspace } = this.#place;
    const runner = new LocalRunner({ workspace, temp: join(home, 'temp'), action: root });
    const env = { GOCACHE: this.#gocache };
    for (const command of this.#warms) await test(runner, { ...this.#place, command }, env);
    const compiled = await test(runner, this.#place, env);
    this.#compiled = newArchives(this.#gocache, before);
    return compiled;
  }

  /** Packages that the last job compiled, as far as they are in GOCACHE: those of `covdata` among them. */
  get compiled(): number {
    return this.#compiled;
  }

  async save(runId: string): Promise<number> {
    const key = this.#keyOf(runId);
    if (this.#bytesOf(key) !== undefined) return 0;
    this.saveSeconds = await this.#toolkit.save(this.#gocache, key);
    this.#savedKey = key;
    this.#saved = scan(this.#gocache);
    return this.#bytesOf(key) ?? Number.NaN;
  }

  /** Restores what was saved last. @returns seconds of the toolkit's call alone */
  async restore(): Promise<number> {
    const { matched, seconds } = await this.#toolkit.restore(this.#gocache, this.#savedKey);
    if (matched !== this.#savedKey) throw new Error('what was saved last was not restored');
    return seconds;
  }

  get gocache(): string {
    return this.#gocache;
  }

  #bytesOf(key: string): number | undefined {
    return this.server.entries().find((entry) => entry.key === key)?.bytes;
  }
}

/** Counted as the action's report counts what was compiled: a package is a record, whose output may be another's, too. */
function newArchives(gocache: string, before: ReadonlySet<string>): number {
  const objects = scan(gocache);
  const classes = classesOf(gocache, objects);
  const isNew = ({ name, kind }: GocacheObject) => kind === 'record' && !before.has(name);
  return objects.filter((object) => isNew(object) && classes.get(object.name) === 'archive').length;
}

function namesOf(objects: readonly GocacheObject[]): Set<string> {
  return new Set(objects.map(({ name }) => name));
}

/** Runs a go command. @returns the packages that it compiled, by its own word */
async function test(
  runner: LocalRunner,
  { home, command: [verb = '', ...words] }: Place,
  env: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const graph = join(home, 'graph.json');
  const { exitCode, log } = await runner.exec('go', [verb, `-debug-actiongraph=${graph}`, ...words], { env });
  if (exitCode !== 0) throw new Error(log);
  return compiledPackages(graph);
}
