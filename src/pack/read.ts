import { join } from 'node:path';
import type { Watch } from '../progress.ts';
import { wholeOrNothing } from './destination.ts';
import type { Place, ReadJob, Unpacked } from './jobs.ts';
import type { Part } from './manifest.ts';
import { openPack } from './open-pack.ts';
import { PackError } from './pack-error.ts';
import { withThreads } from './pool.ts';
import type { PackRule } from './rules.ts';

export type { PackRule } from './rules.ts';

export interface ReadOptions {
  /** The pack. */
  readonly directory: string;
  /** Where the objects go; made where it is missing. */
  readonly target: string;
  /** What the pack may hold; the first rule whose name matches decides. */
  readonly rules: readonly PackRule[];
  /** Worker threads; by default one for each processor, and at most eight. */
  readonly threads?: number;
  /** Is told how many files are done, those that are there among them. */
  readonly watch?: Watch;
}

export interface Read {
  /** The names of the files that were not there before, in no order. */
  readonly written: readonly string[];
  readonly writtenBytes: number;
  /** Of the whole pack, with those that were there before. */
  readonly files: number;
  readonly bytes: number;
  /** What the writer noted; anything, since anybody may have written it. */
  readonly note: unknown;
}

/**
 * Unpacks a pack into the target. A file that is there is left as it is. Throws a PackError that names the part and the
 * object where anything in the pack is not what its manifest and the rules say, or the disk refuses; then everything
 * that this call made is removed again, so that a pack is unpacked whole or not at all.
 *
 * Of a top these are the files that its base lacks. Throws a PackError where some of them cannot be rebuilt without it.
 */
export async function readPack(options: ReadOptions): Promise<Read> {
  const { directory, target, rules } = options;
  const manifest = await openPack(directory);
  if (manifest.deltas.length > 0)
    throw new PackError('a part of the pack needs the base that it was written on');
  return await wholeOrNothing(target, async (into) => {
    const jobs = manifest.parts.map((part) => readJob(part, { directory, target: into.place(), rules }));
    const done = await withThreads(manifest.files, options, (threads) => threads.run(jobs));
    const { files, bytes, note } = manifest;
    return { written: into.written(), writtenBytes: writtenBytesOf(done), files, bytes, note };
  });
}

/** The job that unpacks a part as it is. */
export function readJob(
  { name, files, bytes }: Part,
  options: { readonly directory: string; readonly target: Place; readonly rules: readonly PackRule[] },
): ReadJob {
  const { directory, target, rules } = options;
  return { kind: 'read', part: name, path: join(directory, name), files, bytes, target, rules, base: null };
}

export function writtenBytesOf(done: readonly Unpacked[]): number {
  return done.reduce((sum, { writtenBytes }) => sum + writtenBytes, 0);
}
