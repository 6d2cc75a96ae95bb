import { ownPrefix, unwarmedPrefix } from './key.ts';

/** An entry as GitHub's REST API lists it. */
export interface ListedEntry {
  /** To delete it by. */
  readonly id: number;
  readonly key: string;
  /** The full ref that it is scoped to. */
  readonly ref: string;
  /** The service's hash of path and compression: a restore finds entries of its own version alone. */
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  /** What it takes in the cache. */
  readonly bytes: number;
}

/** An entry that a job has saved, and what it may replace. */
export interface SavedEntry {
  readonly key: string;
  /** Which keys it replaces: those that begin so. */
  readonly prefix: string;
  readonly ref: string;
}

/**
 * The entries that one which has just been saved makes superfluous; undefined where the list does not show that one.
 * Pure.
 *
 * Only what is older, of the same ref and version, and continues the prefix. Of any two entries the newer never goes in
 * favour of the older, so jobs that save at once cannot delete each other's: the newest one stays.
 *
 * A set that no warm has completed is never exact. So it leaves the newest whole one, which a run of that content still
 * restores as exact; the next whole set replaces both.
 */
export function superseded(listed: readonly ListedEntry[], saved: SavedEntry): ListedEntry[] | undefined {
  const { key, prefix, ref } = saved;
  if (!prefix.startsWith(ownPrefix)) return [];
  const own = listed.filter((entry) => entry.ref === ref && entry.key.startsWith(prefix));
  const itself = newest(own.filter((entry) => entry.key === key));
  if (itself === undefined) return undefined;
  const { version, createdAt } = itself;
  const older = own.filter((entry) => entry.version === version && entry.createdAt < createdAt);
  const isWhole = (entry: { readonly key: string }) => !entry.key.startsWith(unwarmedPrefix(prefix));
  if (isWhole(saved)) return older;
  const kept = newest(older.filter(isWhole));
  return older.filter((entry) => entry !== kept);
}

export function newest(entries: readonly ListedEntry[]): ListedEntry | undefined {
  return [...entries].sort((a, b) => b.createdAt - a.createdAt)[0];
}
