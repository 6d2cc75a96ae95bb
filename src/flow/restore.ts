import { messageOf } from '../errors.ts';
import type { RestoreReport } from '../report/report.ts';
import { isExact, type SetKeys, type ShapeParts, shapePrefix } from '../store/key.ts';
import {
  BaseGone,
  BaseNotDownloaded,
  isOfMachine,
  type RestoredBase,
  type UnpackOptions,
  unpackSet,
} from './base.ts';
import { type Download, discardSet, downloadSet, type From, isWhole } from './download.ts';
import { type Past, parsePast } from './past.ts';

export interface RestoredSet {
  readonly report: RestoreReport;
  /** The key that was come upon, also where its entry could not be used: of an exact set before any other. */
  readonly seenKey: string | null;
  /** Of the objects that were written. */
  readonly names: ReadonlySet<string>;
  /** What it tells of itself. */
  readonly past: Past;
  /** What the next top may be written on; null where no base was restored whole. */
  readonly base: RestoredBase | null;
}

/** A download that goes on while the packages are listed. */
export interface Early {
  readonly outcome: Promise<Download & { readonly seconds: number }>;
  /** Gives it up. */
  readonly abandon: () => Promise<void>;
}

/**
 * Begins to download the newest set of the shape, before the content is known: it is the one that would be restored
 * unless another has the same content.
 */
export function beginRestore(shape: ShapeParts, from: From): Early {
  const controller = new AbortController();
  const started = performance.now();
  const outcome = downloadSet(from, shapePrefix(shape), { signal: controller.signal }).then((ended) => ({
    ...ended,
    seconds: (performance.now() - started) / 1000,
  }));
  const abandon = async () => {
    controller.abort();
    discardSet(from.store, await outcome);
  };
  return { outcome, abandon };
}

/** Where a set goes. */
export interface RestoreOptions extends From, UnpackOptions {
  readonly keys: SetKeys;
}

/** Restores the set into GOCACHE, whole or not at all. A fault costs the job nothing but the set: it never rejects. */
export async function restoreSet(early: Early, options: RestoreOptions): Promise<RestoredSet> {
  const { store, keys } = options;
  const asked = performance.now();
  const { seconds: downloading, ...newest } = await early.outcome;
  const started = performance.now();
  const { outcome, brokenExact } = await exactOrNewest(newest, options);
  const done = (
    told: RestoreReport['outcome'],
    { key = null, reason = null, objects = 0, bytes = 0, names = [], note, base }: Partial<Details> = {},
  ): RestoredSet => ({
    report: {
      ...{ outcome: told, reason },
      primaryKey: keys.primary,
      matchedKey: told === 'exact' || told === 'partial' ? key : null,
      baseKey: base?.key ?? null,
      seconds: downloading + (performance.now() - started) / 1000,
      waitedSeconds: (performance.now() - asked) / 1000,
      objects,
      bytes,
    },
    seenKey: brokenExact ?? key,
    names: new Set(names),
    past: parsePast(note),
    base: base ?? null,
  });

  if (outcome.kind === 'miss') return done('miss');
  if (outcome.kind !== 'hit') return done(outcome.kind, outcome);
  const { key } = outcome;
  try {
    const { base, baseLost, written, ...read } = await unpackSet(outcome, options);
    // In a pack an executable is named by its file; the object is the directory.
    const names = written.map((name) => name.split('/', 2).join('/'));
    // What is left of a set is never the whole of it.
    const exact = isExact(keys, key) && baseLost === null;
    return done(exact ? 'exact' : 'partial', { ...read, key, names, base, reason: baseLost });
  } catch (error) {
    const why = messageOf(error);
    // Its objects are a part of nothing that is there: that is an eviction, and no fault.
    if (error instanceof BaseGone) return done('miss', { key, reason: why });
    if (error instanceof BaseNotDownloaded) {
      return done('failed', { key, reason: `the entry ${key} cannot be used alone: ${why}` });
    }
    if (isOfMachine(why)) {
      return done('failed', { key, reason: `GOCACHE did not take the entry ${key}: ${why}` });
    }
    return done('failed', { key, reason: `the entry ${key} is broken: ${why}` });
  } finally {
    discardSet(store, outcome);
  }
}

/** What was downloaded early, also where it is broken, unless an older set has the content that has been found since. */
async function exactOrNewest(
  newest: Download,
  { keys, ...from }: RestoreOptions,
): Promise<{ readonly outcome: Download; readonly brokenExact?: string | undefined }> {
  const newestKey = 'key' in newest ? newest.key : undefined;
  if (newestKey === undefined || isExact(keys, newestKey)) return { outcome: newest };
  // By its own key alone: the service looks through one scope after the other, and would find the newest again in ours
  // before an exact one in the default branch's. What is here stays until there is a better one.
  const base = newest.kind === 'hit' ? newest.base : null;
  const better = await downloadSet(from, keys.restore[0], { have: base });
  if (better.kind !== 'hit' || (isWhole(newest) && !isWhole(better))) {
    discardSet(from.store, better, base);
    const isBroken = better.kind === 'hit' || better.kind === 'failed';
    return { outcome: newest, brokenExact: isBroken ? better.key : undefined };
  }
  if (newest.kind === 'hit') discardSet(from.store, newest, better.base);
  return { outcome: better };
}

interface Details {
  readonly key: string | null;
  readonly reason: string | null;
  readonly objects: number;
  readonly bytes: number;
  readonly names: readonly string[];
  readonly note: unknown;
  readonly base: RestoredBase | null;
}
