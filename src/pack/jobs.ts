import type { JournalMemory } from './journal.ts';
import type { PackFile } from './pack-file.ts';
import type { PackRule } from './rules.ts';

/** What a worker thread is told to do; everything in it crosses by structured clone. */
export type Job = ReadJob | WriteJob;

/** Unpack one part. `files` and `bytes` are the counts that the manifest promises. */
export interface ReadJob {
  readonly kind: 'read';
  readonly part: string;
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
  readonly target: string;
  readonly rules: readonly PackRule[];
  /** Takes the name of each file and, with a `/` at its end, each directory that the job made. */
  readonly journal: JournalMemory;
}

/** Pack these files, in this order, into a new file at `path`. */
export interface WriteJob {
  readonly kind: 'write';
  readonly part: string;
  readonly path: string;
  readonly files: readonly PackFile[];
  readonly level: number;
  /** What a file must keep to be packed; null: nothing. */
  readonly rules: readonly PackRule[] | null;
}

/** How a job ended. */
export type Reply =
  | { readonly ok: true; readonly done: Done }
  | { readonly ok: false; readonly reason: string };

export interface Done {
  /** Those written to the disk: of new objects by a read, of the part by a write. */
  readonly bytes: number;
  /** The names of files that a write has left out, since they do not keep the rules. */
  readonly broken: readonly string[];
}
