import type { CoverMode, Sources } from './sources.ts';

/** A stored entry, as the model knows it. Lists of them are in the order of their age, the oldest first. */
interface Stored {
  readonly key: string;
  readonly ref: string;
  /** What the keys of its shape and name begin with: a run restores and replaces sets of its own group alone. */
  readonly group: string;
  readonly broken: boolean;
  /** It takes no more than this. */
  readonly bytes: number;
}

/** A base, on which sets lie. */
export interface Base extends Stored {
  readonly kind: 'base';
}

/** A set: the top on a base, or without layers. */
export interface Entry extends Stored {
  readonly kind: 'set';
  /** The key of the base that it lies on. */
  readonly base: string | null;
  /** Of a top: whether it holds objects, none of which needs the base to be rebuilt. */
  readonly usableAlone: boolean;
  /** The content that it is exact for; null: of none, since no warm has completed it. */
  readonly content: string | null;
  /** Whether the build that no warm knows is in it. */
  readonly builds: boolean;
}

/** What is in the cache. */
export type Cache = readonly (Entry | Base)[];

export const isSet = (stored: Entry | Base): stored is Entry => stored.kind === 'set';
const isBase = (stored: Entry | Base): stored is Base => stored.kind === 'base';

/** The job of a run. */
export interface JobPlan {
  readonly on: keyof typeof places;
  /** Whether the input `save` is `always`, so that it saves on every ref; else `auto`. */
  readonly saves: boolean;
  /** `-covermode`, which is part of the shape. */
  readonly mode: CoverMode;
  readonly name: 'default' | 'second';
  /** Whether the warm runs. */
  readonly warms: boolean;
  /** Whether it builds what no warm knows, beside its tests. */
  readonly builds: boolean;
  /** Whether it fails before its last tests. */
  readonly fails: boolean;
  /** Whether its token may delete. */
  readonly deletes: boolean;
}

/** Where a job may run; the refs from which it restores, its own first. A fork's token may write nothing. */
export const places = {
  main: ['refs/heads/main'],
  topic: ['refs/heads/topic', 'refs/heads/main'],
  'pull request': ['refs/pull/7/merge', 'refs/heads/main'],
  'stacked pull request': ['refs/pull/8/merge', 'refs/heads/topic', 'refs/heads/main'],
  fork: ['refs/pull/9/merge', 'refs/heads/main'],
} as const;

export const contentOf = (sources: Sources): string => JSON.stringify(sources);

/** What went wrong in a run, as far as it makes a difference. */
export interface Trouble {
  /** `refused`: the look-ups of main; `cut`: its downloads. */
  readonly restore?: 'refused' | 'cut';
  /** `lost`: the entry is stored, and the job does not learn of it. */
  readonly upload?: 'refused' | 'lost';
  /** The list of entries, or deleting. */
  readonly list?: 'refused';
}

export interface Restored {
  readonly outcome: 'exact' | 'partial' | 'miss' | 'failed';
  /** What was come upon, also where it could not be used. */
  readonly entry: Entry | undefined;
  /** Whether all objects of a set were restored. */
  readonly whole: boolean;
  /** The base of what was restored whole. */
  readonly base: string | null;
}

/** What a job looks for. */
export interface Wanted {
  readonly group: string;
  readonly content: string;
  readonly on: JobPlan['on'];
}

/** The newest that a job sees: scope by scope. */
function find(cache: Cache, { on, group }: Wanted, fits: (entry: Entry) => boolean): Entry | undefined {
  const sets = cache.filter(isSet);
  for (const ref of places[on]) {
    const found = sets.findLast((entry) => entry.ref === ref && entry.group === group && fits(entry));
    if (found !== undefined) return found;
  }
  return undefined;
}

const exactFor = (cache: Cache, wanted: Wanted): Entry | undefined =>
  find(cache, wanted, ({ content }) => content === wanted.content);

/** The base of this key that a job sees. */
export function baseFor(cache: Cache, on: JobPlan['on'], key: string | null): Base | undefined {
  const refs: readonly string[] = places[on];
  return cache.filter(isBase).find((base) => base.key === key && refs.includes(base.ref));
}

/** The newest of the group, but an exact one before it; one that is broken, or whose base is, costs no other. */
export function restored(cache: Cache, wanted: Wanted, trouble: Trouble): Restored {
  const nothing = { whole: false, base: null } as const;
  if (trouble.restore === 'refused') return { outcome: 'failed', entry: undefined, ...nothing };
  const newest = find(cache, wanted, () => true);
  if (newest === undefined) return { outcome: 'miss', entry: undefined, ...nothing };
  // What is cut is large: a top is not.
  const cut = trouble.restore === 'cut';
  const comes = ({ broken, base }: Entry): boolean => !broken && !(cut && base === null);
  const isWhole = (entry: Entry): boolean => {
    const base = baseFor(cache, wanted.on, entry.base);
    return comes(entry) && (entry.base === null || (base !== undefined && !base.broken && !cut));
  };
  const exact = exactFor(cache, wanted);
  const entry = exact ?? newest;
  const chosen = comes(entry) && (isWhole(entry) || !isWhole(newest)) ? entry : newest;
  if (!comes(chosen)) return { outcome: 'failed', entry, ...nothing };
  if (isWhole(chosen)) {
    return { outcome: chosen === exact ? 'exact' : 'partial', entry, whole: true, base: chosen.base };
  }
  if (chosen.usableAlone) return { outcome: 'partial', entry, ...nothing };
  const isGone = baseFor(cache, wanted.on, chosen.base) === undefined;
  return { outcome: isGone ? 'miss' : 'failed', entry, ...nothing };
}

/** What a job stores; undefined: nothing. */
export function saved(
  cache: Cache,
  job: JobPlan & Wanted,
  { outcome, entry }: Restored,
): 'whole' | 'unwarmed' | undefined {
  if (job.on === 'fork' || (job.on !== 'main' && !job.saves)) return undefined;
  if (outcome === 'exact') {
    if (job.fails || !job.builds || entry?.builds) return undefined;
  } else {
    if (job.fails) return job.warms ? 'unwarmed' : undefined;
    if (!job.warms) return 'unwarmed';
  }
  // Another job has stored it since.
  const exact = exactFor(cache, job);
  return exact === undefined || exact.key === entry?.key ? 'whole' : undefined;
}

/** In which layers a job stores a set: on the base that it restored, where that is still there. */
export function layersOf(cache: Cache, { on }: JobPlan, { base }: Restored): 'top' | 'base' | 'alone' {
  if (baseFor(cache, on, base) !== undefined) return 'top';
  return on === 'main' ? 'base' : 'alone';
}

/** What an entry of the list replaces: sets that are older, of the same ref and group, and the bases that only they lie on. */
export function replaced(cache: Cache, entry: Entry): Cache {
  const sets = cache.filter(isSet);
  const own = sets.filter(({ ref, group }) => ref === entry.ref && group === entry.group);
  // On which refs is told by nobody: those of one key hold the same.
  const baseAge = (set: Entry): number => {
    const bases = cache.filter(isBase).filter(({ key }) => key === set.base);
    const base = bases.findLast(({ ref }) => ref === set.ref) ?? bases.at(-1);
    return base === undefined ? -1 : cache.indexOf(base);
  };
  const isOlder = (one: Entry, other: Entry): boolean => {
    const isFirst = cache.indexOf(one) < cache.indexOf(other);
    if (one.base === null || other.base === null) return isFirst;
    const [age, otherAge] = [baseAge(one), baseAge(other)];
    return age < otherAge || (age === otherAge && isFirst);
  };
  const inLayers = (set: Entry): boolean => entry.base !== null && set.base !== null;
  const onNewer = own.filter((set) => inLayers(set) && baseAge(set) > baseAge(entry));
  const heir = [entry, ...onNewer].reduce((best, set) => (isOlder(best, set) ? set : best));
  const older = own.filter((set) => isOlder(set, heir));
  // What no warm has completed leaves the newest whole one on the same base.
  const whole = older.findLast(({ content, base }) => content !== null && base === heir.base);
  const going = older.filter((one) => heir.content !== null || one !== whole);
  const named = new Set(sets.filter((set) => !going.includes(set)).map(({ base }) => base));
  const left = new Set(going.map(({ base }) => base));
  const bases = cache.filter(isBase).filter(({ key, ref, group }) => {
    return ref === entry.ref && group === entry.group && left.has(key) && !named.has(key);
  });
  return [...going, ...bases];
}
