import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Watch } from '../progress.ts';
import type { ReadJob } from './jobs.ts';
import { createJournal, namesIn } from './journal.ts';
import { openPack } from './open-pack.ts';
import { PackError } from './pack-error.ts';
import { runJobs } from './pool.ts';
import type { PackRule } from './rules.ts';
import { makeDirectory, removeMade } from './undo.ts';

export type { PackRule } from './rules.ts';

export interface ReadOptions {
  /** The pack. */
  readonly directory: string;
  /** Where the objects go; made where it is missing. */
  readonly target: string;
  /** What the pack may hold; the first rule whose name matches decides. */
  readonly rules: readonly PackRule[];
  /** Worker threads; by default one for each processor. */
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
 */
export async function readPack(options: ReadOptions): Promise<Read> {
  const { directory, target, rules, threads = availableParallelism(), watch } = options;
  const manifest = await openPack(directory);
  const jobs = manifest.parts.map(({ name, files, bytes }): ReadJob => {
    const path = join(directory, name);
    return { kind: 'read', part: name, path, files, bytes, target, rules, journal: createJournal() };
  });
  const topmost = await makeDirectory(target);
  const made = (): string[] => jobs.flatMap((job) => namesIn(job.journal));
  try {
    const done = await runJobs(jobs, threads, watch);
    const written = made().filter((name) => !name.endsWith('/'));
    const writtenBytes = done.reduce((sum, { bytes }) => sum + bytes, 0);
    return { written, writtenBytes, files: manifest.files, bytes: manifest.bytes, note: manifest.note };
  } catch (error) {
    const left = await removeMade(target, made(), topmost);
    throw new PackError(
      messageOf(error) + (left === null ? '' : `; and not everything was removed again: ${left}`),
    );
  }
}
