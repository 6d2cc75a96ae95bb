import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { codeOf } from '../errors.ts';
import type { Listed } from './listing.ts';
import { PackError } from './pack-error.ts';
import { hasHashedName, type PackRule } from './rules.ts';
import { CHUNK_BYTES } from './zstd.ts';

// Bytes of a content that is made a delta or a reference: each thread holds two, and the tables for them.
const LARGEST_DELTA = 32 * 1024 * 1024;

/*
 * Measured on what a small edit makes new in Caddy's GOCACHE (155 MB in 157 files, each with a reference; Go 1.26, Node 24.21).
 * MB, and CPU seconds, with zstd's own tables:  level 1: 43.4 in 0.6;  3: 19.1 in 0.9;  6: 4.5 in 1.1;  6 with long-distance
 * matching: 7.8 in 1.5.  With a table of two bits less than the window:  6: 0.57 in 1.5.
 */
const LEVEL = 6;
// Of two contents of the largest size. A frame that asks for a larger window, and so more memory, is an error.
const LARGEST_WINDOW_LOG = 26;
const [SMALLEST_WINDOW_LOG, LARGEST_HASH_LOG] = [10, 23];
// A content that begins so is read as a trained dictionary, with tables of its own (RFC 8878, 5).
const DICTIONARY_MAGIC = 0xec30a437;

/**
 * Whether a file may be packed as a delta, or be the reference of one: the largest size is a bound of memory, and without a
 * hash nothing would tell whether the right content has been rebuilt.
 */
export function canBeDelta({ name, bytes }: Listed, rules: readonly PackRule[]): boolean {
  return bytes <= LARGEST_DELTA && hasHashedName(name, rules);
}

/** Whether contents can refer to this one. */
export function canBeReference(content: Buffer): boolean {
  const isDictionary = content.length >= 8 && content.readUInt32LE(0) === DICTIONARY_MAGIC;
  return content.length >= 8 && content.length <= LARGEST_DELTA && !isDictionary;
}

/**
 * Whether a content of so many bytes may refer to one of so many. To read a delta costs as much as its reference: 0.2 s for one
 * of 32 MiB. Without this bound a part of 50 kB, with 100,000 deltas of one byte each, would take hours.
 */
export function mayReferTo(bytes: number, referenceBytes: number): boolean {
  return referenceBytes <= 16 * 1024 + 8 * bytes;
}

/**
 * A zstd frame (RFC 8878) of the content with the reference as its raw dictionary. The same two give the same bytes.
 * Without a checksum: who reads it knows the content's SHA-256.
 */
export function makeDelta(content: Buffer, reference: Buffer): Buffer {
  const windowLog = Math.max(SMALLEST_WINDOW_LOG, 32 - Math.clz32(content.length + reference.length));
  return zstdCompressSync(content, {
    chunkSize: CHUNK_BYTES,
    dictionary: reference,
    params: {
      [constants.ZSTD_c_compressionLevel]: LEVEL,
      [constants.ZSTD_c_windowLog]: windowLog,
      // zstd sizes this table for small contents, and then forgets most of a large reference.
      [constants.ZSTD_c_hashLog]: Math.min(LARGEST_HASH_LOG, windowLog - 2),
    },
  });
}

/** The content of a delta. Throws a PackError where it is none of this reference, or has more than `most` bytes. */
export function applyDelta(delta: Buffer, reference: Buffer, most: number): Buffer {
  if (!canBeReference(reference)) throw new PackError('nothing can refer to such a content');
  try {
    return zstdDecompressSync(delta, {
      chunkSize: CHUNK_BYTES,
      dictionary: reference,
      maxOutputLength: Math.max(1, Math.min(most, LARGEST_DELTA)),
      params: { [constants.ZSTD_d_windowLogMax]: LARGEST_WINDOW_LOG },
    });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE')
      throw new PackError('rebuilds to more than the manifest says');
    throw error;
  }
}
