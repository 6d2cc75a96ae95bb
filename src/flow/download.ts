import type { Console } from '../report/console.ts';
import type { CacheStore } from '../store/cache.ts';
import { baseKeyOf } from '../store/key.ts';
import type { RestoreOutcome } from '../store/outcomes.ts';
import { downloading } from './phases.ts';

/** A set on its way from the cache: a top, and the base that its key names. */

type Hit = Extract<RestoreOutcome, { readonly kind: 'hit' }>;

export interface DownloadedBase {
  readonly key: string;
  readonly outcome: RestoreOutcome;
}

/** The newest layer of a set, and its base; that is null where it needs none. */
export type DownloadedSet = Hit & { readonly base: DownloadedBase | null };
export type Download = DownloadedSet | Exclude<RestoreOutcome, Hit>;

/** Where a set comes from, and where it is told how far it has come. */
export interface From {
  readonly store: CacheStore;
  readonly console: Console;
}

/** @param have a base that is there already, and is not asked for again */
export interface DownloadOptions {
  readonly have?: DownloadedBase | null;
  readonly signal?: AbortSignal;
}

/**
 * Downloads the newest set whose key begins so, both layers at once: a look-up tells the key, which names the base.
 * It never rejects.
 */
export async function downloadSet(
  from: From,
  prefix: string,
  options: DownloadOptions = {},
): Promise<Download> {
  const { store } = from;
  const found = await store.find([prefix], options.signal);
  if (found.kind !== 'found') return found;
  const set = await downloadLayers(from, found.key, options);
  if (!lacksLayer(set)) return set;
  // A job that has saved a newer set may have deleted this one since the look-up.
  const newer = await store.find([prefix], options.signal);
  if (newer.kind !== 'found' || newer.key === found.key) return set;
  discardSet(store, set, options.have);
  return await downloadLayers(from, newer.key, options);
}

async function downloadLayers(
  { store, console }: From,
  key: string,
  { have = null, signal }: DownloadOptions,
): Promise<Download> {
  const fetched = (what: string, wanted: string) =>
    console.progress(downloading(what), async (watch) =>
      exactly(await store.restore([wanted], signal === undefined ? { watch } : { signal, watch }), wanted),
    );
  const baseKey = baseKeyOf(key);
  const baseOf = async (): Promise<DownloadedBase | null> => {
    if (baseKey === undefined) return null;
    if (have?.key === baseKey) return have;
    return { key: baseKey, outcome: await fetched('the base of the set', baseKey) };
  };
  const [top, base] = await Promise.all([fetched('the set', key), baseOf()]);
  if (top.kind === 'hit') return { ...top, base };
  if (base !== have) discardBase(store, base);
  return top;

  /** The service takes a key for a prefix. */
  function exactly(outcome: RestoreOutcome, wanted: string): RestoreOutcome {
    if (outcome.kind !== 'hit' || outcome.key === wanted) return outcome;
    store.discard(outcome.directory);
    return { kind: 'miss' };
  }
}

/** Whether a layer was not there, though the look-up had named it. */
function lacksLayer(set: Download): boolean {
  return set.kind === 'miss' || (set.kind === 'hit' && set.base?.outcome.kind === 'miss');
}

/** Whether all layers are here that the keys name. */
export function isWhole(set: Download): boolean {
  return set.kind === 'hit' && (set.base === null || set.base.outcome.kind === 'hit');
}

/** Removes what has been downloaded, but for a base that the caller had before. */
export function discardSet(store: CacheStore, download: Download, have: DownloadedBase | null = null): void {
  if (download.kind !== 'hit') return;
  store.discard(download.directory);
  if (download.base !== have) discardBase(store, download.base);
}

function discardBase(store: CacheStore, base: DownloadedBase | null): void {
  if (base?.outcome.kind === 'hit') store.discard(base.outcome.directory);
}
