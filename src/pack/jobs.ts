import type { Bits } from './bits.ts';
import type { JournalMemory } from './journal.ts';
import type { Listed } from './listing.ts';
import type { PackFile } from './pack-file.ts';
import type { PackRule } from './rules.ts';
import type { Sketch } from './sketch.ts';

/** What a worker thread is told to do; everything in it crosses by structured clone. */
export type Job = ReadJob | ReadDeltasJob | WriteJob | WriteDeltasJob | SketchJob;

/** What each kind of job answers with. */
export interface Results {
  readonly read: Unpacked;
  readonly 'read-deltas': Unpacked;
  readonly write: Written;
  readonly 'write-deltas': WrittenDeltas;
  readonly sketch: readonly Sketch[];
}

/** A directory that a job writes into. */
export interface Place {
  readonly directory: string;
  /** Takes the name of each file and, with a `/` at its end, each directory that the job made. */
  readonly journal: JournalMemory;
}

interface PartJob {
  readonly part: string;
  readonly path: string;
  /** What the manifest promises: how many files, and the bytes of their contents. */
  readonly files: number;
  readonly bytes: number;
  readonly target: Place;
  readonly rules: readonly PackRule[];
}

/** Unpack one part. */
export interface ReadJob extends PartJob {
  readonly kind: 'read';
  /** Of a base's part; null: all files go into the target. */
  readonly base: BasePart | null;
}

export interface BasePart {
  /** The number of the part's first file in the base. */
  readonly first: number;
  /** Do not go into the target. */
  readonly dead: Bits;
  /** The dead ones that go here instead. */
  readonly kept: Bits;
  readonly aside: Place;
}

/** Rebuild the files of one part of deltas. */
export interface ReadDeltasJob extends PartJob {
  readonly kind: 'read-deltas';
  /** What the manifest promises that the deltas themselves take. */
  readonly deltaBytes: number;
  /** What they may refer to, by the number in the base. */
  readonly references: ReadonlyMap<number, PackFile>;
}

export interface Unpacked {
  /** Of the files that were not in the target before. */
  readonly writtenBytes: number;
  /** Of a base's part: all its files, in their order. */
  readonly listed: readonly Listed[];
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

export interface Written {
  /** Of the part on the disk. */
  readonly packedBytes: number;
  /** The files that are in it as they are, in their order. */
  readonly listed: readonly Listed[];
  /** The names of files that were left out, since they do not keep the rules. */
  readonly broken: readonly string[];
}

/** A file, and what it is likely to share most with. */
export interface Pair {
  readonly file: PackFile;
  readonly reference: PackFile;
  /** The reference's number in the base. */
  readonly index: number;
}

/** Pack these files as what they differ by from their references. */
export interface WriteDeltasJob {
  readonly kind: 'write-deltas';
  readonly part: string;
  readonly path: string;
  readonly pairs: readonly Pair[];
  readonly level: number;
  readonly rules: readonly PackRule[];
}

export interface WrittenDeltas extends Omit<Written, 'listed'> {
  /** Of the deltas themselves, before they are compressed together. */
  readonly deltaBytes: number;
  /** The names of files whose delta is not worth it, or whose reference is not what its name says. */
  readonly refused: readonly string[];
}

/** Sketch these files, in this order; one that cannot be read has an empty sketch. */
export interface SketchJob {
  readonly kind: 'sketch';
  readonly part: string;
  readonly files: readonly PackFile[];
}

/** How a job ended. */
export type Reply =
  | { readonly ok: true; readonly result: Results[Job['kind']] }
  | { readonly ok: false; readonly reason: string };
