/**
 * A few numbers by which contents that share much can be told from others, whatever they are: some of the hashes of the
 * runs of 32 bytes at both their ends, chosen so that contents which share runs choose the same ones. Ascending; none for
 * a content that is very short.
 */
export type Sketch = Uint32Array;

/**
 * So much of a content is looked at, half of it at either end. Measured with zstd alone, MB of all files and CPU seconds of the
 * sketches. An edit of quic-go (97 MB new in 146 files): by whole contents 0.61 in 0.63; by 128 KiB at the beginning, or 64 KiB
 * at either end, 0.61 in 0.06. Caddy v2.10.0, then v2.10.2 (1,060 files): whole 70.2 in 7.9; 128 KiB at the beginning 86.2 in
 * 0.9; 256 KiB there 74.2 in 1.7; 64 KiB at either end 73.4 in 0.6; 128 KiB at either end 72.9 in 1.0.
 */
export const SKETCHED_BYTES = 128 * 1024;

const RUN_BYTES = 32;
// With so many, packages after an edit are packed no worse than by references of the same import path and flags.
const MOST_HASHES = 32;
// One run in 64 is hashed for good: those whose rolling hash begins with six zero bits, wherever they stand.
const SELECTING_BITS = 0xfc000000 | 0;

/**
 * The smallest mixed hashes of the selected runs (a bottom-k sketch). The rolling hash is a gear hash: shifted by one bit
 * for each byte, so that of 32 bits nothing is left of what is 32 bytes back. It takes less than four nanoseconds a byte.
 */
export function sketchOf(content: Buffer): Sketch {
  const ends = endsOf(content);
  const selected = new Set<number>();
  let rolling = 0;
  for (let at = 0; at < ends.length; at += 1) {
    rolling = ((rolling << 1) + (gears[ends[at] ?? 0] ?? 0)) | 0;
    if (at >= RUN_BYTES - 1 && (rolling & SELECTING_BITS) === 0) selected.add(mixed(rolling));
  }
  return Uint32Array.from(selected).sort().slice(0, MOST_HASHES);
}

function endsOf(content: Buffer): Buffer {
  if (content.length <= SKETCHED_BYTES) return content;
  return Buffer.concat([content.subarray(0, SKETCHED_BYTES / 2), content.subarray(-SKETCHED_BYTES / 2)]);
}

/** Spreads the values, so that the smallest are any of them. */
function mixed(value: number): number {
  return Math.imul(value ^ (value >>> 15), 0x2c1b3c6d) >>> 0;
}

/** A random number for each byte, the same on every machine: Marsaglia's xorshift32. */
const gears = ((): Int32Array => {
  let state = 0x9e3779b9 | 0;
  return Int32Array.from({ length: 256 }, () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state;
  });
})();
