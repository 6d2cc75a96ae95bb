import type { Job } from './jobs.ts';
import type { PackFile } from './pack-file.ts';
import { SKETCHED_BYTES } from './sketch.ts';

// A file costs as much time as so many bytes: making it, closing it, its place in the tar.
const BYTES_PER_FILE = 32 * 1024;

/** What so many files, of so many bytes together, keep a thread busy with: in bytes that cost as much. */
export function costOfFiles(files: number, bytes: number): number {
  return bytes + files * BYTES_PER_FILE;
}

/** What a job keeps a thread busy with, in the same measure. */
export function costOfJob(job: Job): number {
  switch (job.kind) {
    case 'read':
    case 'read-deltas':
      return costOfFiles(job.files, job.bytes);
    case 'sketch':
      return costOfFiles(job.files.length, sum(job.files, costOfSketch));
    case 'write':
      return costOfFiles(
        job.files.length,
        sum(job.files, ({ bytes }) => bytes),
      );
    case 'write-deltas':
      return costOfFiles(
        job.pairs.length,
        sum(job.pairs, ({ file, reference }) => file.bytes + reference.bytes),
      );
  }
}

/** What to sketch a file costs beside what every file does. */
export function costOfSketch({ bytes }: PackFile): number {
  return Math.min(bytes, SKETCHED_BYTES);
}

function sum<T>(items: readonly T[], bytesOf: (item: T) => number): number {
  return items.reduce((total, item) => total + bytesOf(item), 0);
}
