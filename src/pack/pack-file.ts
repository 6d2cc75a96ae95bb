import { closeSync, fstatSync, openSync, readFileSync, readSync } from 'node:fs';
import { messageOf } from '../errors.ts';
import { PackError, shown } from './pack-error.ts';

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

/** Throws a PackError that names the file where it has vanished, is no regular file, or has another size than listed. */
export function contentOf(file: PackFile): Buffer {
  return readBy(file, (handle) => {
    const content = readFileSync(handle);
    if (content.length !== file.bytes) throw new PackError('changed while it was read');
    return content;
  });
}

/** Its first bytes and its last, so many in all; all of a file that has no more. Throws as `contentOf`. */
export function endsOf(file: PackFile, bytes: number): Buffer {
  return readBy(file, (handle) => {
    const ends = Buffer.allocUnsafe(Math.min(file.bytes, bytes));
    const first = Math.ceil(ends.length / 2);
    const read =
      readSync(handle, ends, 0, first, 0) +
      readSync(handle, ends, first, ends.length - first, file.bytes - (ends.length - first));
    if (read !== ends.length) throw new PackError('changed while it was read');
    return ends;
  });
}

function readBy(file: PackFile, read: (handle: number) => Buffer): Buffer {
  try {
    const handle = openSync(file.path, 'r');
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile()) throw new PackError('is not a regular file');
      if (stat.size !== file.bytes) throw new PackError(`has ${stat.size} bytes, listed with ${file.bytes}`);
      return read(handle);
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new PackError(`${shown(file.name)}: ${messageOf(error)}`);
  }
}
