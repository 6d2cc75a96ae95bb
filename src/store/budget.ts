import { baseKeyOf, ownPrefix } from './key.ts';
import { type ListedEntry, newest, type SavedEntry, superseded } from './superseded.ts';

/**
 * This action's entries that stay on the ref of an entry which is to be saved, without that one and its base. Pure.
 *
 * @param listed as for `superseded`
 * @param supersede whether older entries go after the save; if not, all stay
 */
export function staying(
  listed: readonly ListedEntry[],
  saved: SavedEntry,
  supersede: boolean,
): readonly ListedEntry[] {
  const gone = new Set(supersede ? replacedBy(listed, saved) : []);
  const own = listed.filter(({ key, ref }) => key.startsWith(ownPrefix) && ref === saved.ref);
  return own.filter((entry) => !gone.has(entry));
}

/** What a save of now will replace, by the rules for one that is listed; its version is that of the newest before it. */
function replacedBy(listed: readonly ListedEntry[], saved: SavedEntry): readonly ListedEntry[] {
  const onRef = listed.filter(({ ref }) => ref === saved.ref);
  const last = newest(onRef.filter(({ key }) => key.startsWith(saved.prefix)));
  if (last === undefined) return [];
  const createdAt = (newest(onRef.filter((entry) => entry.createdAt > 0))?.createdAt ?? 0) + 1;
  const added = (key: string): ListedEntry => ({ ...entryOf({ ...saved, key }, 0, last), createdAt });
  const base = baseKeyOf(saved.key);
  const isNew = base !== undefined && !listed.some(({ key }) => key === base);
  const all = [added(saved.key), ...(isNew ? [added(base)] : []), ...listed];
  return superseded(all, saved) ?? [];
}

/**
 * The entries that a newer one of the list has replaced already, and that nobody has deleted: where the token may not, or
 * an earlier run was cut short. Pure.
 */
export function overdue(
  listed: readonly ListedEntry[],
  { prefix, ref }: Pick<SavedEntry, 'prefix' | 'ref'>,
): readonly ListedEntry[] {
  const last = newest(listed.filter((entry) => entry.ref === ref && entry.key.startsWith(prefix)));
  return last === undefined ? [] : (superseded(listed, { key: last.key, prefix, ref }) ?? []);
}

/** An entry that has just been saved, as a list of now would show it. */
export function entryOf(
  { key, ref }: SavedEntry,
  bytes: number,
  { version }: { readonly version: string } = { version: '' },
): ListedEntry {
  return { id: -1, key, ref, version, createdAt: Number.POSITIVE_INFINITY, bytes };
}

/**
 * What a pack takes as an entry, at most: the toolkit's tar adds a header to each of its few files and fills up to
 * 10 KiB; what it compresses with adds to what cannot be compressed, zstd three bytes to each block of 128 KiB (RFC 8878,
 * 3.1.1.2), gzip five to each of at most 32 KiB (RFC 1951, 3.2.4, as zlib chooses blocks).
 */
export function entryBytes(packedBytes: number): number {
  return packedBytes + 32 * 1024 + Math.ceil(packedBytes / (32 * 1024)) * 5;
}
