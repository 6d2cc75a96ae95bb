import { hash } from 'node:crypto';
import type { PackFile } from './pack-file.ts';

/** A file of a pack, as everybody who writes or reads the pack sees it. */
export interface Listed extends Pick<PackFile, 'name' | 'bytes'> {
  /** Of the content, 64 hex digits: as a reader tells of a file whose name is no hash. */
  readonly sha256?: string;
}

/**
 * The order of the files in a pack, through all its parts: by size, then name. So whoever knows the names and sizes knows
 * the order, and can point to a file by its number, which starts at 0. Why by size: partition.ts.
 */
export function inOrder<T extends Listed>(files: readonly T[]): T[] {
  return [...files].sort((a, b) => a.bytes - b.bytes || (a.name < b.name ? -1 : 1));
}

/**
 * What a top calls its base by: SHA-256, 64 hex digits, of the names and sizes of its files in their order. Where two
 * packs have the same, they have the same files by the same numbers; those whose name is a hash with the same contents.
 */
export function identityOf(listing: readonly Listed[]): string {
  return hash('sha256', listing.map(({ name, bytes }) => `${bytes} ${name}\n`).join(''), 'hex');
}
