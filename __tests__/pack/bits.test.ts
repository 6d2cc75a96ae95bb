import { describe, expect, it } from 'vitest';
import { hasBit, noBits, parseBits, setBit, textOfBits } from '../../src/pack/bits.ts';

describe('numbers of files', () => {
  it.each([0, 1, 7, 8, 9, 24, 1000])('of %i files come back as they were', (count) => {
    const bits = noBits(count);
    const chosen = Array.from({ length: count }, (_, at) => at).filter(
      (at) => at % 3 === 0 || at === count - 1,
    );
    for (const at of chosen) setBit(bits, at);
    const read = parseBits(textOfBits(bits), count) ?? noBits(0);
    expect(read).toEqual(bits);
    expect(Array.from({ length: count }, (_, at) => at).filter((at) => hasBit(read, at))).toEqual(chosen);
    expect(hasBit(read, count + 100)).toBe(false);
  });

  it.each<[string, unknown, number]>([
    ['no text', 7, 8],
    ['another number of files', textOfBits(noBits(24)), 8],
    ['a file that there is not', textOfBits(Uint8Array.of(0b1000)), 3],
    ['signs that are not of base64', '????', 8],
    ['bits behind the last byte', 'AB==', 8],
    ['the other alphabet of base64', '_w==', 8],
  ])('not from %s', (_, text, count) => {
    expect(parseBits(text, count)).toBeUndefined();
  });
});
