import { baseKeyOf, basePrefix, ownPrefix, unwarmedPrefix } from './key.ts';

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
  /** Whether the job has saved the base that it lies on, too. */
  readonly withBase?: boolean;
}

/**
 * Milliseconds for which a base that no set lies on is left alone: a job saves its base first, then the top that names it.
 * Each save is given up after 15 minutes (cache.ts).
 */
const orphanAge = 60 * 60 * 1000;

/**
 * The entries that one which has just been saved makes superfluous, in the order in which they are to be deleted; undefined
 * where the list does not show that one, or not yet its base. Pure.
 *
 * Only what is older, of the same ref and version, and continues the prefix. Of any two entries the newer never goes in
 * favour of the older, so jobs that save at once cannot delete each other's: the newest one stays. Of sets with layers those
 * on a newer base are newer, whenever they were saved, and one whose base is gone is the oldest. So a set goes itself, though
 * just saved, where there is one on a newer base: the job that saved that one may have found the older base unused, and be
 * about to delete it.
 *
 * A base goes when the sets on it go, unless one that stays lies on it, too, of whatever ref.
 *
 * A set that no warm has completed is never exact. So it leaves the newest whole one on the same base, which a run of that
 * content still restores as exact; the next whole set replaces both.
 *
 * @param listed for a set with layers: all sets of the shape and all their bases, on all refs
 */
export function superseded(listed: readonly ListedEntry[], saved: SavedEntry): ListedEntry[] | undefined {
  const { key, prefix, ref, withBase = false } = saved;
  if (!prefix.startsWith(ownPrefix)) return [];
  const ofShape = listed.filter((entry) => entry.key.startsWith(prefix));
  const entry = newest(ofShape.filter((one) => one.key === key && one.ref === ref));
  if (entry === undefined) return undefined;
  const isOwn = (one: ListedEntry) => one.ref === ref && one.version === entry.version;
  const sets = ofShape.filter(isOwn).map((one) => dated(one, listed));
  const itself = dated(entry, listed);
  if (withBase && itself.baseTime === gone) return undefined;
  const onNewer = sets.filter((set) => !isAlone(itself) && !isAlone(set) && set.baseTime > itself.baseTime);
  // The one in whose favour all older ones go.
  const heir = [itself, ...onNewer].reduce((best, set) => (isOlder(best, set) ? set : best));
  const older = sets.filter((set) => isOlder(set, heir)).map((set) => set.entry);
  const isWhole = (one: ListedEntry) => !one.key.startsWith(unwarmedPrefix(prefix));
  const likeIt = older.filter((one) => isWhole(one) && baseKeyOf(one.key) === baseKeyOf(heir.entry.key));
  const kept = isWhole(heir.entry) ? undefined : newest(likeIt);
  const going = older.filter((one) => one !== kept).sort((a, b) => a.createdAt - b.createdAt);
  const bases = listed.filter((one) => one.key.startsWith(basePrefix(prefix)) && isOwn(one));
  return [...going, ...basesWithout(bases, { ofShape, going, latest: newest(sets.map((set) => set.entry)) })];
}

export function newest(entries: readonly ListedEntry[]): ListedEntry | undefined {
  return [...entries].sort((a, b) => b.createdAt - a.createdAt)[0];
}

interface Dated {
  readonly entry: ListedEntry;
  /** When the base was made that it lies on; of a set without layers, when it was itself. */
  readonly baseTime: number;
}

const gone = Number.NEGATIVE_INFINITY;

function dated(entry: ListedEntry, listed: readonly ListedEntry[]): Dated {
  const key = baseKeyOf(entry.key);
  if (key === undefined) return { entry, baseTime: entry.createdAt };
  const bases = listed.filter((one) => one.key === key);
  // A pull request's set may lie on the base of another ref.
  const base = newest(bases.filter(({ ref }) => ref === entry.ref)) ?? newest(bases);
  return { entry, baseTime: base?.createdAt ?? gone };
}

function isAlone({ entry }: Dated): boolean {
  return baseKeyOf(entry.key) === undefined;
}

/** Never where a time is unknown (NaN). */
function isOlder(a: Dated, b: Dated): boolean {
  // A pull request may lay its sets on the default branch's base, which may be older than one that it has saved without.
  if (isAlone(a) || isAlone(b)) return a.entry.createdAt < b.entry.createdAt;
  const sameBase = a.baseTime === b.baseTime;
  return a.baseTime < b.baseTime || (sameBase && a.entry.createdAt < b.entry.createdAt);
}

/** The bases that no set lies on which stays: of sets that go, and those that were left alone long enough. */
function basesWithout(
  bases: readonly ListedEntry[],
  sets: {
    readonly ofShape: readonly ListedEntry[];
    readonly going: readonly ListedEntry[];
    readonly latest: ListedEntry | undefined;
  },
): ListedEntry[] {
  const staying = new Set(
    sets.ofShape.filter((one) => !sets.going.includes(one)).map((one) => baseKeyOf(one.key)),
  );
  const leaving = new Set(sets.going.map((one) => baseKeyOf(one.key)));
  const long = (sets.latest?.createdAt ?? gone) - orphanAge;
  return bases.filter(({ key, createdAt }) => !staying.has(key) && (leaving.has(key) || createdAt < long));
}
