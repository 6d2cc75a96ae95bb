import { messageOf } from '../errors.ts';
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

/**
 * Downloads the newest set whose key begins so, both layers at once: a look-up tells the key, which names the base.
 * It never rejects.
 *
 * @param have a base that is there already, and is not asked for again
 */
export async function downloadSet(
  { store, console }: From,
  prefix: string,
  { have = null, signal }: { readonly have?: DownloadedBase | null; readonly signal?: AbortSignal } = {},
): Promise<Download> {
  let key: string | undefined;
  try {
    key = await store.lookup([prefix]);
  } catch (error) {
    return { kind: 'failed', reason: messageOf(error) };
  }
  const fetched = (what: string, wanted: string) =>
    console.progress(downloading(what), (watch) =>
      store.restore([wanted], signal === undefined ? { watch } : { signal, watch }),
    );
  const baseKey = key === undefined ? undefined : baseKeyOf(key);
  const known = baseKey !== undefined && have?.key === baseKey ? have : undefined;
  const [top, ofBase] = await Promise.all([
    // Where the look-up has found nothing, this says why.
    fetched('the set', key ?? prefix),
    baseKey === undefined || known !== undefined ? undefined : fetched("the set's base", baseKey),
  ]);
  const base =
    known ??
    (ofBase === undefined || baseKey === undefined
      ? null
      : { key: baseKey, outcome: exactly(ofBase, baseKey) });
  if (top.kind === 'hit') return { ...top, base };
  if (known === undefined) discardBase(store, base);
  return top;

  /** The service takes a key for a prefix. */
  function exactly(outcome: RestoreOutcome, wanted: string): RestoreOutcome {
    if (outcome.kind !== 'hit' || outcome.key === wanted) return outcome;
    store.discard(outcome.directory);
    return { kind: 'miss' };
  }
}

/** Removes what has been downloaded. */
export function discardSet(store: CacheStore, download: Download): void {
  if (download.kind !== 'hit') return;
  store.discard(download.directory);
  discardBase(store, download.base);
}

export function discardBase(store: CacheStore, base: DownloadedBase | null): void {
  if (base?.outcome.kind === 'hit') store.discard(base.outcome.directory);
}
