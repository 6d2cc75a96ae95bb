/**
 * A few numbers by which contents that share much can be told from others, whatever they are: some of the hashes of the
 * runs of 32 bytes at their beginnings, chosen so that contents which share runs choose the same ones. Ascending; none for
 * a content that is very short.
 */
export type Sketch = Uint32Array;

/**
 * So much of a content is looked at. Measured on what an edit makes new in quic-go's GOCACHE (97 MB in 146 files): packed by
 * sketches of whole contents 0.596 MB, of the first 64 KiB and more the same, of 32 KiB 0.615, of 16 KiB 0.749; the sketches
 * of whole contents took 0.63 CPU seconds, those of 128 KiB 0.06.
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
export function sketchOf(content: Uint8Array): Sketch {
  const selected = new Set<number>();
  let rolling = 0;
  const end = Math.min(content.length, SKETCHED_BYTES);
  for (let at = 0; at < end; at += 1) {
    rolling = ((rolling << 1) + (gears[content[at] ?? 0] ?? 0)) | 0;
    if (at >= RUN_BYTES - 1 && (rolling & SELECTING_BITS) === 0) selected.add(mixed(rolling));
  }
  return Uint32Array.from(selected).sort().slice(0, MOST_HASHES);
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
