import type { CoverMode, Sources } from './sources.ts';

/** A stored set, as the model knows it. Lists of them are in the order of their age, the oldest first. */
export interface Entry {
  readonly key: string;
  readonly ref: string;
  /** What the keys of its shape and name begin with: a run restores and replaces sets of its own group alone. */
  readonly group: string;
  /** The content that it is exact for; null: of none, since no warm has completed it. */
  readonly content: string | null;
  /** Whether the build that no warm knows is in it. */
  readonly builds: boolean;
  readonly broken: boolean;
  /** It takes no more than this. */
  readonly bytes: number;
}

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
}

/** What a job looks for. */
export interface Wanted {
  readonly group: string;
  readonly content: string;
  readonly on: JobPlan['on'];
}

/** The newest that a job sees: scope by scope. */
function find(stored: readonly Entry[], { on, group }: Wanted, fits: (entry: Entry) => boolean) {
  for (const ref of places[on]) {
    const found = stored.findLast((entry) => entry.ref === ref && entry.group === group && fits(entry));
    if (found !== undefined) return found;
  }
  return undefined;
}

const exactFor = (stored: readonly Entry[], wanted: Wanted): Entry | undefined =>
  find(stored, wanted, ({ content }) => content === wanted.content);

/** The newest of the group, but an exact one before it; one that is broken costs no other. */
export function restored(stored: readonly Entry[], wanted: Wanted, trouble: Trouble): Restored {
  if (trouble.restore === 'refused') return { outcome: 'failed', entry: undefined };
  const newest = find(stored, wanted, () => true);
  if (newest === undefined) return { outcome: 'miss', entry: undefined };
  const unusable = ({ broken }: Entry): boolean => broken || trouble.restore === 'cut';
  const exact = exactFor(stored, wanted);
  if (exact !== undefined && !unusable(exact)) return { outcome: 'exact', entry: exact };
  const entry = exact ?? newest;
  if (newest === exact || unusable(newest)) return { outcome: 'failed', entry };
  return { outcome: 'partial', entry };
}

/** What a job stores; undefined: nothing. */
export function saved(
  stored: readonly Entry[],
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
  const exact = exactFor(stored, job);
  return exact === undefined || exact.key === entry?.key ? 'whole' : undefined;
}

/** What an entry of the list replaces: what is older, of the same ref and group. */
export function replaced(stored: readonly Entry[], entry: Entry): readonly Entry[] {
  const older = stored
    .slice(0, stored.indexOf(entry))
    .filter(({ ref, group }) => ref === entry.ref && group === entry.group);
  if (entry.content !== null) return older;
  // What no warm has completed leaves the newest whole one.
  const whole = older.findLast(({ content }) => content !== null);
  return older.filter((one) => one !== whole);
}
