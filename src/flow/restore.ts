import { messageOf } from '../errors.ts';
import { objectRules } from '../gocache/layout.ts';
import { readPack } from '../pack/read.ts';
import type { RestoreReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import { isExact, type SetKeys } from '../store/key.ts';

export interface RestoredSet {
  readonly report: RestoreReport;
  /** Why it was not restored, where that is more than a miss. */
  readonly reason: string | null;
  /** The key that was come upon, also where its entry could not be used. */
  readonly seenKey: string | null;
}

/** Restores the set into GOCACHE, whole or not at all. A fault costs the job nothing but the set: it never rejects. */
export async function restoreSet(store: CacheStore, keys: SetKeys, gocache: string): Promise<RestoredSet> {
  const started = performance.now();
  const done = (
    outcome: RestoreReport['outcome'],
    { key = null, reason = null, objects = 0, bytes = 0 }: Partial<Details> = {},
  ): RestoredSet => ({
    report: {
      outcome,
      primaryKey: keys.primary,
      matchedKey: outcome === 'exact' || outcome === 'partial' ? key : null,
      seconds: (performance.now() - started) / 1000,
      objects,
      bytes,
    },
    reason,
    seenKey: key,
  });

  const outcome = await store.restore(keys.restore);
  if (outcome.kind === 'miss') return done('miss');
  if (outcome.kind !== 'hit') return done(outcome.kind, outcome);
  const { key } = outcome;
  try {
    const read = await readPack({ directory: outcome.directory.pack, target: gocache, rules: objectRules });
    return done(isExact(keys, key) ? 'exact' : 'partial', { key, objects: read.files, bytes: read.bytes });
  } catch (error) {
    return done('failed', { key, reason: `the entry ${key} is broken: ${messageOf(error)}` });
  } finally {
    store.discard(outcome.directory);
  }
}

interface Details {
  readonly key: string | null;
  readonly reason: string | null;
  readonly objects: number;
  readonly bytes: number;
}
