import { join } from 'node:path';
import type { WriteJob } from './jobs.ts';
import type { Listed } from './listing.ts';
import { type Part, partName } from './manifest.ts';
import type { PackFile } from './pack-file.ts';
import { partition } from './partition.ts';
import type { Threads } from './pool.ts';
import type { PackRule } from './rules.ts';

export interface PartOptions {
  readonly directory: string;
  /** What a file must keep to be packed; null: nothing. */
  readonly rules: readonly PackRule[] | null;
  readonly threads: Threads;
  /** At most so many parts. */
  readonly most: number;
  readonly level: number;
}

/** Parts as they were written, and the names of files that were left out, since they do not keep the rules. */
export interface WrittenParts<T extends Part> {
  readonly parts: readonly T[];
  readonly broken: readonly string[];
}

export interface WrittenPlainParts extends WrittenParts<Part> {
  /** The files that were not left out, in their order. */
  readonly listing: readonly Listed[];
}

/** Writes files as they are. Throws a PackError that names the file. */
export async function writePlainParts(
  files: readonly PackFile[],
  { directory, rules, threads, most, level }: PartOptions,
): Promise<WrittenPlainParts> {
  const jobs = partition(files, most).map((list, index): WriteJob => {
    const part = partName(index + 1);
    return { kind: 'write', part, path: join(directory, part), files: list, level, rules };
  });
  const written = await threads.run(jobs);
  const broken = written.flatMap((one) => one.broken);
  const left = new Set(broken);
  const parts = jobs.map((job, index) => ({
    name: job.part,
    ...totals(job.files.filter(({ name }) => !left.has(name))),
    packedBytes: written[index]?.packedBytes ?? 0,
  }));
  return { parts, broken, listing: written.flatMap((one) => one.listed) };
}

export function totals(files: readonly Pick<PackFile, 'bytes'>[]): Pick<Part, 'files' | 'bytes'> {
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}
