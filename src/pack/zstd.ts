import {
  constants,
  createZstdCompress,
  createZstdDecompress,
  type ZstdCompress,
  type ZstdDecompress,
  zstdDecompressSync,
} from 'node:zlib';
import { codeOf } from '../errors.ts';

/*
 * Measured on Caddy v2.10.0's GOCACHE after a cover and a plain pass (8,437 files, 683 MB; Go 1.26, linux/amd64, two shared
 * cores, two threads; seconds of processor time, since others used the machine). In MB:
 *   order of the files, level 3:  by name, four parts: 136 (window 2^27), 159 (2^23);  by size: 123 and 144.
 *   level, by size, four parts, 2^27:  1: 127.9 in 3.5 s;  2: 125.2 in 3.9 s;  3: 122.8 in 4.8 s;  4: 120.8 in 6.1 s;
 *     5: 118.9 in 6.7 s;  6: 114.6 in 7.5 s.
 *   parts, by size, level 3, 2^27:  one: 121.5;  four: 122.8;  eight: 125.2;  eight with 2^26: 125.5, with 2^25: 127.6.
 * One `tar` with `zstd -T0 --long=30` gives 127.6. So: by size, level 3, 2^26, and eight parts, for two percent of bytes
 * twice the threads and an even end on few of them. The process at its peak: 470 MB writing in two threads; reading
 * as a stream (at once: tar-reader.ts), 250 MB in one thread, 410 in two, 640 in four, of which 64 MiB a thread are the window.
 */
export const LEVEL = 3;
export const MOST_PARTS = 8;
const WINDOW_LOG = 26;

/*
 * Bytes that go to and from zlib's thread at once. Measured on 308 MB of GOCACHE, medians of three: with 64 KiB, 256 KiB, 1 MiB
 * 3.0, 2.8, 2.8 CPU seconds to write, 6.1, 6.0, 5.9 to read, and the same peak: a difference within the noise.
 */
export const CHUNK_BYTES = 256 * 1024;

/** A compressor whose frames carry a checksum of their content, so that a flipped bit is seen. */
export function compressor(level: number): ZstdCompress {
  return createZstdCompress({
    chunkSize: CHUNK_BYTES,
    params: {
      [constants.ZSTD_c_compressionLevel]: level,
      [constants.ZSTD_c_checksumFlag]: 1,
      [constants.ZSTD_c_windowLog]: WINDOW_LOG,
      [constants.ZSTD_c_enableLongDistanceMatching]: 1,
    },
  });
}

/** The decompressor for what `compressor` made. A frame that asks for a larger window, and so more memory, is an error. */
export function decompressor(): ZstdDecompress {
  return createZstdDecompress({
    chunkSize: CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
  });
}

/** What `decompressor` makes of the same bytes, whole; null where that has more than `most` bytes. Throws as it does. */
export function decompressed(packed: Buffer, most: number): Buffer | null {
  try {
    return zstdDecompressSync(packed, {
      chunkSize: most + 1, // One buffer for all: several would be copied together.
      maxOutputLength: most,
      params: { [constants.ZSTD_d_windowLogMax]: WINDOW_LOG },
    });
  } catch (error) {
    if (codeOf(error) === 'ERR_BUFFER_TOO_LARGE') return null;
    throw error;
  }
}
