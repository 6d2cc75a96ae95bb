import { join } from 'node:path';
import { costOfSketch } from './cost.ts';
import { canBeDelta, mayReferTo } from './delta.ts';
import type { Pair, SketchJob, WriteDeltasJob } from './jobs.ts';
import { inOrder } from './listing.ts';
import { type DeltaPart, deltaPartName } from './manifest.ts';
import type { PackFile } from './pack-file.ts';
import { nearest } from './pairing.ts';
import { runsOf } from './partition.ts';
import { type PartOptions, totals, type WrittenParts } from './plain-parts.ts';
import type { Threads } from './pool.ts';
import type { PackRule } from './rules.ts';
import type { Sketch } from './sketch.ts';

/** Each holds two contents of up to 32 MiB, and their tables: four take 0.8 GB at most. */
const MOST_THREADS = 4;

export type DeltaOptions = PartOptions & { readonly rules: readonly PackRule[] };

/** A file of the base, and its number in it. */
export interface Reference {
  readonly file: PackFile;
  readonly index: number;
}

export interface WrittenDeltaParts extends WrittenParts<DeltaPart> {
  /** Those that were packed as deltas. */
  readonly packed: readonly Pair[];
}

/**
 * Writes files as what they differ by from references, where that is worth it. Throws a PackError that names the file; what
 * is wrong with a reference costs no more than the delta.
 */
export async function writeDeltaParts(
  files: readonly PackFile[],
  references: readonly Reference[],
  options: DeltaOptions,
): Promise<WrittenDeltaParts> {
  const { directory, rules, threads, most, level } = options;
  const pairs = await pairsOf(files, references, options);
  const runs = runsOf(pairs, most, ({ file, reference }) => file.bytes + reference.bytes);
  const jobs = runs.map((run, index): WriteDeltasJob => {
    const part = deltaPartName(index + 1);
    return { kind: 'write-deltas', part, path: join(directory, part), pairs: run, level, rules };
  });
  const written = await threads.run(jobs, MOST_THREADS);
  const broken = written.flatMap((one) => one.broken);
  const left = new Set([...broken, ...written.flatMap((one) => one.refused)]);
  const packedOf = (job: WriteDeltasJob) => job.pairs.filter(({ file }) => !left.has(file.name));
  const parts = jobs.map((job, index) => ({
    name: job.part,
    ...totals(packedOf(job).map(({ file }) => file)),
    deltaBytes: written[index]?.deltaBytes ?? 0,
    packedBytes: written[index]?.packedBytes ?? 0,
  }));
  return { parts, broken, packed: jobs.flatMap(packedOf) };
}

/** The files that have a reference of a size that they may refer to, in their order. */
async function pairsOf(
  files: readonly PackFile[],
  references: readonly Reference[],
  { rules, threads }: DeltaOptions,
): Promise<Pair[]> {
  const wanting = inOrder(files.filter((file) => canBeDelta(file, rules)));
  const offered = references.filter(({ file }) => canBeDelta(file, rules));
  if (wanting.length === 0 || offered.length === 0) return [];
  const sketches = await sketchesOf([...wanting, ...offered.map(({ file }) => file)], threads);
  const sketchAt = (at: number) => sketches[at] ?? new Uint32Array();
  const found = nearest(
    wanting.map((item, at) => ({ item, bytes: item.bytes, sketch: sketchAt(at) })),
    offered.map((item, at) => ({ item, bytes: item.file.bytes, sketch: sketchAt(wanting.length + at) })),
  );
  return wanting.flatMap((file, at) => {
    const reference = found[at];
    if (reference === undefined || !mayReferTo(file.bytes, reference.file.bytes)) return [];
    return [{ file, reference: reference.file, index: reference.index }];
  });
}

/** Of each file, in their order. */
async function sketchesOf(files: readonly PackFile[], threads: Threads): Promise<Sketch[]> {
  // More jobs than threads, for an even end.
  const runs = runsOf(files, threads.count * 4, costOfSketch);
  const jobs = runs.map((run): SketchJob => ({ kind: 'sketch', part: 'sketches', files: run }));
  return (await threads.run(jobs)).flat();
}
