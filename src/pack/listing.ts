import { hash } from 'node:crypto';
import type { PackFile } from './pack-file.ts';
import { hasHashedName, type PackRule } from './rules.ts';

/** A file of a pack, as everybody who writes or reads the pack sees it. */
export interface Listed extends Pick<PackFile, 'name' | 'bytes'> {
  /** Of the content, 64 hex digits; only where the name does not say it. */
  readonly sha256?: string;
}

/** What everybody sees of a file with this content. */
export function listed(name: string, content: Buffer, rules: readonly PackRule[]): Listed {
  const bytes = content.length;
  return hasHashedName(name, rules)
    ? { name, bytes }
    : { name, bytes, sha256: hash('sha256', content, 'hex') };
}

/**
 * The order of the files in a pack, through all its parts: by size, then name. So whoever knows the names and sizes knows
 * the order, and can point to a file by its number, which starts at 0. Why by size: partition.ts.
 */
export function inOrder<T extends Listed>(files: readonly T[]): T[] {
  return [...files].sort((a, b) => a.bytes - b.bytes || (a.name < b.name ? -1 : 1));
}

/**
 * What a top calls its base by: SHA-256, 64 hex digits, of the names, sizes and, where the name is none, hashes of its files in
 * their order. Where two packs have the same, they have the same files by the same numbers.
 */
export function identityOf(listing: readonly Listed[]): string {
  return hash(
    'sha256',
    listing.map(({ name, bytes, sha256 = '' }) => `${bytes} ${name} ${sha256}\n`).join(''),
    'hex',
  );
}
