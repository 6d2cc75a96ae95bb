import { messageOf } from '../errors.ts';
import { objectRules } from '../gocache/layout.ts';
import { readPack } from '../pack/read.ts';
import type { Console } from '../report/console.ts';
import type { RestoreReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import { isExact, type SetKeys, type ShapeParts, shapePrefix } from '../store/key.ts';
import type { RestoreOutcome } from '../store/outcomes.ts';
import { type Past, parsePast } from './past.ts';
import { downloading, unpacking } from './phases.ts';

export interface RestoredSet {
  readonly report: RestoreReport;
  /** The key that was come upon, also where its entry could not be used: of an exact set before any other. */
  readonly seenKey: string | null;
  /** Of the objects that were written. */
  readonly names: ReadonlySet<string>;
  /** What it tells of itself. */
  readonly past: Past;
}

/** A download that goes on while the packages are listed. */
export interface Early {
  readonly outcome: Promise<RestoreOutcome & { readonly seconds: number }>;
  /** Gives it up. */
  readonly abandon: () => Promise<void>;
}

/**
 * Begins to download the newest set of the shape, before the content is known: it is the one that would be restored
 * unless another has the same content.
 */
export function beginRestore(
  shape: ShapeParts,
  { store, console }: { readonly store: CacheStore; readonly console: Console },
): Early {
  const controller = new AbortController();
  const started = performance.now();
  const { signal } = controller;
  const outcome = console
    .progress(downloading(what), (watch) => store.restore([shapePrefix(shape)], { signal, watch }))
    .then((ended) => ({ ...ended, seconds: (performance.now() - started) / 1000 }));
  const abandon = async () => {
    controller.abort();
    const ended = await outcome;
    if (ended.kind === 'hit') store.discard(ended.directory);
  };
  return { outcome, abandon };
}

const what = 'the set';

/** Restores the set into GOCACHE, whole or not at all. A fault costs the job nothing but the set: it never rejects. */
export async function restoreSet(
  early: Early,
  options: {
    readonly store: CacheStore;
    readonly keys: SetKeys;
    readonly gocache: string;
    readonly console: Console;
  },
): Promise<RestoredSet> {
  const { store, keys, gocache, console } = options;
  const asked = performance.now();
  const { seconds: downloaded, ...newest } = await early.outcome;
  const started = performance.now();
  const { outcome, brokenExact } = await exactOrNewest(newest, options);
  const done = (
    told: RestoreReport['outcome'],
    { key = null, reason = null, objects = 0, bytes = 0, names = [], note }: Partial<Details> = {},
  ): RestoredSet => ({
    report: {
      ...{ outcome: told, reason },
      primaryKey: keys.primary,
      matchedKey: told === 'exact' || told === 'partial' ? key : null,
      seconds: downloaded + (performance.now() - started) / 1000,
      waitedSeconds: (performance.now() - asked) / 1000,
      objects,
      bytes,
    },
    seenKey: brokenExact ?? key,
    names: new Set(names),
    past: parsePast(note),
  });

  if (outcome.kind === 'miss') return done('miss');
  if (outcome.kind !== 'hit') return done(outcome.kind, outcome);
  const { key } = outcome;
  try {
    const pack = { directory: outcome.directory.pack, target: gocache, rules: objectRules };
    const read = await console.progress(unpacking(what), (watch) => readPack({ ...pack, watch }));
    // In a pack an executable is named by its file; the object is the directory.
    const names = read.written.map((name) => name.split('/', 2).join('/'));
    const { files: objects, bytes, note } = read;
    return done(isExact(keys, key) ? 'exact' : 'partial', { key, objects, bytes, names, note });
  } catch (error) {
    const why = messageOf(error);
    // As Node words what the system refuses, a full disk among it: that says nothing of the entry.
    if (/\bE[A-Z]{3,}: /.test(why)) {
      return done('failed', { key, reason: `GOCACHE did not take the entry ${key}: ${why}` });
    }
    return done('failed', { key, reason: `the entry ${key} is broken: ${why}` });
  } finally {
    store.discard(outcome.directory);
  }
}

/** What was downloaded early, also where it is broken, unless an older set has the content that has been found since. */
async function exactOrNewest(
  newest: RestoreOutcome,
  { store, keys, console }: { readonly store: CacheStore; readonly keys: SetKeys; readonly console: Console },
): Promise<{ readonly outcome: RestoreOutcome; readonly brokenExact?: string | undefined }> {
  const newestKey = 'key' in newest ? newest.key : undefined;
  if (newestKey === undefined || isExact(keys, newestKey)) return { outcome: newest };
  // By its own key alone: the service looks through one scope after the other, and would find the newest again in ours
  // before an exact one in the default branch's. What is here stays until there is a better one.
  const [exact] = keys.restore;
  const better = await console.progress(downloading(what), (watch) => store.restore([exact], { watch }));
  if (better.kind !== 'hit') {
    return { outcome: newest, brokenExact: better.kind === 'failed' ? better.key : undefined };
  }
  if (newest.kind === 'hit') store.discard(newest.directory);
  return { outcome: better };
}

interface Details {
  readonly key: string | null;
  readonly reason: string | null;
  readonly objects: number;
  readonly bytes: number;
  readonly names: readonly string[];
  readonly note: unknown;
}
