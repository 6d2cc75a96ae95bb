import { rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Fault } from '../../local/server/faults.ts';
import type { CacheServer } from '../../local/server/server.ts';
import { storeEntry } from '../helpers/entries.ts';
import { type Objects, objectsOf } from './cold.ts';
import { faultOf } from './faults.ts';
import { foreignKinds } from './foreign.ts';
import {
  type Base,
  baseFor,
  type Cache,
  type Entry,
  isSet,
  type JobPlan,
  layersOf,
  places,
  replaced,
  saved,
  type Trouble,
} from './model.ts';
import { begin, checkObjects, type Run, readStored, type Surroundings, storedBy } from './run.ts';
import { firstSources, type Sources } from './sources.ts';
import type { Step } from './steps.ts';

/** A repository with its branches and its cache, beside the model of what is in there. */
export class Repository {
  readonly #surroundings: Surroundings;
  readonly #server: CacheServer;
  #main: Sources = firstSources;
  /** What a branch `topic` has changed, and since when. */
  #topic: { readonly base: Sources; readonly changes: Partial<Sources> } = {
    base: firstSources,
    changes: {},
  };
  /** The action's own entries, the oldest first. */
  #stored: Cache = [];
  /** The ids of all others. */
  readonly #foreign = new Set<number>();
  /** What is compiled, by its primary key. */
  readonly #contents = new Map<string, string>();
  #runs = 0;
  #strangers = 0;

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
    this.#server = surroundings.scenario.server;
  }

  async take(step: Step): Promise<void> {
    switch (step.kind) {
      case 'commit':
        return this.#commit(step.on, step.change);
      case 'merge':
        this.#main = this.#sourcesOf('pull request');
        this.#topic = { base: this.#main, changes: {} };
        return;
      case 'run': {
        this.#commit(step.job.on === 'main' ? 'main' : 'topic', step.change);
        const { step: during, fault, trouble = {} } = faultOf(step.fault);
        const faulty = <T>(now: boolean, body: () => Promise<T>) => this.#with(now ? fault : undefined, body);
        const run = await faulty(during === 'main', () => this.#begin(step.job, trouble));
        return faulty(during === 'post', () => this.#end([run], trouble));
      }
      case 'two': {
        const [one, other] = step.jobs;
        const first = await this.#begin(one);
        this.#commit(other.on === 'main' ? 'main' : 'topic', step.between);
        const second = await this.#begin(other);
        if (step.evicted !== null) await this.#evict(step.evicted);
        if (step.atOnce) return this.#end([first, second]);
        await this.#end([first]);
        return this.#end([second]);
      }
      case 'evict':
        return this.#evict(step.which);
      case 'break':
        return this.#break(step.which);
      case 'foreign':
        return this.#addForeign(step.like, step.on);
    }
  }

  #commit(on: 'main' | 'topic', change: Partial<Sources>): void {
    if (on === 'main') this.#main = { ...this.#main, ...change };
    else this.#topic = { ...this.#topic, changes: { ...this.#topic.changes, ...change } };
  }

  #sourcesOf(on: JobPlan['on']): Sources {
    const { base, changes } = this.#topic;
    if (on === 'main') return this.#main;
    return { ...(on === 'pull request' || on === 'fork' ? this.#main : base), ...changes };
  }

  async #with<T>(fault: Fault | undefined, body: () => Promise<T>): Promise<T> {
    const undo = fault === undefined ? undefined : this.#server.fault(fault);
    try {
      return await body();
    } finally {
      undo?.();
    }
  }

  async #begin(plan: JobPlan, trouble: Trouble = {}): Promise<Run> {
    this.#runs += 1;
    const run = await begin(this.#surroundings, {
      ...{ id: this.#runs, plan, sources: this.#sourcesOf(plan.on), stored: this.#stored, trouble },
    });
    // Each content has a key of its own, always the same.
    const content = `${run.wanted.group} ${run.wanted.content}`;
    expect(this.#contents.get(run.primaryKey) ?? content).toBe(content);
    if (!this.#contents.has(run.primaryKey)) expect([...this.#contents.values()]).not.toContain(content);
    this.#contents.set(run.primaryKey, content);
    return run;
  }

  /** The post steps of runs, of which none ends before the others have saved, and what must be true after them. */
  async #end(runs: readonly Run[], trouble: Trouble = {}): Promise<void> {
    const { scenario, cold } = this.#surroundings;
    const before = this.#server.entries();
    const deletable = new Set(before.filter((entry) => runs.some((run) => this.#mayDelete(run, entry))));
    const asked = this.#server.requests.length;
    const posts = await this.#posts(runs);

    // None goes that is not the action's own, of the ref, shape and name of one of the runs.
    const spared = before.filter((entry) => !deletable.has(entry)).map(({ id }) => id);
    const deletes = this.#server.requests.slice(asked).filter(({ method }) => method === 'DELETE');
    expect(spared.filter((id) => deletes.some(({ path }) => path.endsWith(`/${id}`)))).toEqual([]);
    expect(this.#server.entries().map(({ id }) => id)).toEqual(expect.arrayContaining(spared));

    const made: Made[] = [];
    for (const [at, run] of runs.entries()) {
      const { exitCode, log, report } = posts[at] ?? expect.unreachable();
      expect(exitCode, log).toBe(0);
      const objects = objectsOf(run.job.gocache);
      checkObjects(run, objects, cold);
      rmSync(run.job.gocache, { recursive: true });
      const stored = [...this.#stored, ...made.flatMap(({ base, entry }) => present(base, entry))];
      const kind = saved(stored, { ...run.plan, ...run.wanted }, run.restored);
      if (kind === undefined || trouble.upload === 'refused') {
        expect(report.save.outcome, log).not.toBe('saved');
        continue;
      }
      const lost = trouble.upload === 'lost';
      const layers = layersOf(stored, run.plan, run.restored);
      expect(lost || (report.save.base !== null) === (layers === 'base'), log).toBe(true);
      const newBase = layers === 'base' ? (report.save.base?.key ?? this.#newBase()) : null;
      const known = layers === 'top' ? baseFor(stored, run.plan.on, run.restored.base) : undefined;
      const { base, entry } = storedBy(run, kind, { base: known, newBase }, cold);
      const save = lost ? { outcome: 'failed' } : { outcome: 'saved', key: entry.key };
      expect(report.save, log).toMatchObject(save);
      const deletes = run.plan.deletes && trouble.list === undefined && !lost;
      // Of which the answer is lost is the base, where there is one: then the top does not follow.
      made.push({ base, entry: lost && base !== undefined ? undefined : entry, objects, deletes });
    }
    this.#settle(made);
    for (const { entry, objects } of made) {
      const id = entry && this.#find(entry)?.id;
      if (entry === undefined || id === undefined) continue;
      const below = entry.base === null ? undefined : this.#baseOf(entry);
      const base = below === undefined ? null : { id: below.id, key: below.key };
      const { names, usableAlone } = await readStored(scenario, { entry: id, base });
      expect(names).toEqual(objects.names);
      this.#stored = this.#stored.map((one) => (one === entry ? { ...entry, usableAlone } : one));
    }
  }

  /** The key of a base that the model does not know yet; of which the job has not learnt. */
  #newBase(): string {
    const known = new Set(this.#stored.map(({ key }) => key));
    const isNew = ({ id, key }: StoredEntry) =>
      !this.#foreign.has(id) && key.startsWith('gobuild-test-2-base-') && !known.has(key);
    return this.#server.entries().find(isNew)?.key ?? expect.unreachable();
  }

  #baseOf({ base, ref }: Entry): StoredEntry | undefined {
    const bases = this.#server.entries().filter(({ key }) => key === base);
    return bases.find(({ scope }) => scope === ref) ?? bases[0];
  }

  /** Each begins when the one before it has saved. All have saved before one lists, unless one does not list at all. */
  async #posts(runs: readonly Run[]) {
    const path = /\/actions\/caches$/;
    const lists = (): number => this.#server.requests.filter((request) => path.test(request.path)).length;
    const before = lists();
    const match = (request: { readonly path: string }): boolean => path.test(request.path);
    const undo = this.#server.fault({ match, times: runs.length, action: { kind: 'gather' } });
    const posts: ReturnType<Run['job']['post']>[] = [];
    for (const { job, plan } of runs) {
      let ended = false;
      posts.push(
        job.post({ jobStatus: plan.fails ? 'failure' : 'success' }).finally(() => {
          ended = true;
          undo();
        }),
      );
      while (!ended && lists() - before < posts.length) await sleep(20);
    }
    return Promise.all(posts);
  }

  /** What is stored after runs have saved in this order, each with all others' in its list. */
  #settle(made: readonly Made[]): void {
    const list = [...this.#stored, ...made.flatMap(({ base, entry }) => present(base, entry))];
    const gone = new Set(
      made.flatMap(({ entry, deletes }) => (deletes && entry !== undefined ? replaced(list, entry) : [])),
    );
    this.#stored = list.filter((entry) => !gone.has(entry));
    const own = this.#server.entries().filter(({ id }) => !this.#foreign.has(id));
    expect(own.map(({ scope, key }) => `${scope} ${key}`).sort()).toEqual(
      this.#stored.map(({ ref, key }) => `${ref} ${key}`).sort(),
    );
    const bound = this.#stored.reduce((sum, { bytes }) => sum + bytes, 0);
    expect(own.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(bound);
    for (const { entry, deletes } of made.slice(-1)) if (entry !== undefined && deletes) this.#atRest(entry);
  }

  /** Of a ref and group: one set, beside an unwarmed one the whole one before it; and one base, beside those of other refs' sets. */
  #atRest({ ref, group, content }: Entry): void {
    const sets = this.#stored.filter(isSet);
    const own = sets.filter((set) => set.ref === ref && set.group === group);
    const others = sets.filter((set) => set.ref !== ref).map(({ base }) => base);
    expect(own.length).toBeLessThanOrEqual(content === null ? 2 : 1);
    const bases = new Set(own.map(({ base }) => base).filter((key) => key !== null && !others.includes(key)));
    expect(bases.size).toBeLessThanOrEqual(1);
  }

  #mayDelete({ plan, wanted }: Run, { id, key, scope }: StoredEntry): boolean {
    if (this.#foreign.has(id) || scope !== places[plan.on][0]) return false;
    return this.#stored.some((one) => one.key === key && one.ref === scope && one.group === wanted.group);
  }

  #find({ key, ref }: Entry | Base): StoredEntry | undefined {
    return this.#server.entries().find((entry) => entry.key === key && entry.scope === ref);
  }

  async #evict(which: number): Promise<void> {
    const entries = this.#server.entries();
    const evicted = entries[which % entries.length];
    if (evicted === undefined) return;
    await this.#server.evict(evicted.id);
    this.#foreign.delete(evicted.id);
    this.#stored = this.#stored.filter((entry) => this.#find(entry) !== undefined);
  }

  async #break(which: number): Promise<void> {
    const broken = this.#stored[which % this.#stored.length];
    if (broken === undefined) return;
    await this.#server.corrupt(broken.key, (bytes) => bytes.subarray(0, bytes.length / 2));
    this.#stored = this.#stored.map((entry) => (entry === broken ? { ...entry, broken: true } : entry));
  }

  async #addForeign(like: number, on: JobPlan['on']): Promise<void> {
    const [known = defaultKey] = this.#contents.keys();
    const { version = 'none' } = this.#server.entries().find(({ id }) => !this.#foreign.has(id)) ?? {};
    const fields = known.split('-');
    this.#strangers += 1;
    const tail = `${fields.pop()}-0.${this.#strangers}`;
    const entry = foreignKinds[like]?.({ fields, tail }) ?? expect.unreachable();
    const before = new Set(this.#server.entries().map(({ id }) => id));
    await storeEntry(this.#server, { ...{ ref: places[on][0], version }, ...entry });
    for (const { id } of this.#server.entries()) if (!before.has(id)) this.#foreign.add(id);
  }
}

type StoredEntry = ReturnType<CacheServer['entries']>[number];

function present(...stored: readonly (Entry | Base | undefined)[]): Cache {
  return stored.filter((one) => one !== undefined);
}

/** What a run has stored: a base, a set, or both. */
interface Made {
  readonly base: Base | undefined;
  readonly entry: Entry | undefined;
  /** Of GOCACHE after post. */
  readonly objects: Objects;
  /** Whether the run deletes what the entry replaces. */
  readonly deletes: boolean;
}

/** Where no run has made one yet. */
const defaultKey = 'gobuild-test-2-linux-x64-go1.26.8-0123456789abcdef-default-c';
