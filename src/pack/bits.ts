/** Some of the files of a pack by their numbers: eight of them in a byte, the lowest bit first. */
export type Bits = Uint8Array;

export function noBits(count: number): Bits {
  return new Uint8Array(Math.ceil(count / 8));
}

export function hasBit(bits: Bits, index: number): boolean {
  return (((bits[index >> 3] ?? 0) >> (index & 7)) & 1) === 1;
}

export function setBit(bits: Bits, index: number): void {
  bits[index >> 3] = (bits[index >> 3] ?? 0) | (1 << (index & 7));
}

/** Base64. A tenth of the numbers of 10,000 files take 1.7 kB so, and deflate to less. */
export function textOfBits(bits: Bits): string {
  return Buffer.from(bits).toString('base64');
}

/** Undefined for everything but what `textOfBits` makes of so many numbers. */
export function parseBits(text: unknown, count: number): Bits | undefined {
  const bytes = Math.ceil(count / 8);
  // The length first: the text comes out of an archive.
  if (typeof text !== 'string' || text.length !== Math.ceil(bytes / 3) * 4) return undefined;
  const bits = new Uint8Array(Buffer.from(text, 'base64'));
  if (bits.length !== bytes || textOfBits(bits) !== text) return undefined;
  const unused = bytes * 8 - count;
  return bytes > 0 && (bits[bytes - 1] ?? 0) >> (8 - unused) !== 0 ? undefined : bits;
}
