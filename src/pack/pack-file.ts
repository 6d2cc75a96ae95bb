/** A file to be packed. */
export interface PackFile {
  /** Its name in the pack: relative, with `/`, without `.` and `..`. */
  readonly name: string;
  /** Where it is on the disk, absolute. */
  readonly path: string;
  /** Its size in bytes; a file that has another size by the time it is packed is an error. */
  readonly bytes: number;
}

/** The largest file that a pack holds, in bytes: each is held in memory whole, and node:fs reads and writes no more at once. */
export const LARGEST_FILE = 2 ** 31 - 1;
