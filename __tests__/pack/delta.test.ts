import { describe, expect, it } from 'vitest';
import { applyDelta, canBeDelta, canBeReference, makeDelta } from '../../src/pack/delta.ts';
import { outputName, rules } from './builders.ts';
import { edited, noiseOf } from './layers.ts';

describe('a delta', () => {
  it.each([8, 100, 5000, 200_000, 4_000_000])(
    'of a content of %i bytes after an edit is little, and gives it back',
    (bytes) => {
      const reference = noiseOf('reference', bytes);
      const content = edited(reference, 'now');
      const delta = makeDelta(content, reference);
      expect(applyDelta(delta, reference, content.length).equals(content)).toBe(true);
      expect(delta.length).toBeLessThan(150 + bytes / 70);
      expect(makeDelta(Buffer.from(content), Buffer.from(reference))).toEqual(delta);
    },
  );

  it('of a large content finds what stands far behind in its reference', () => {
    // With the table that zstd chooses by itself this takes nearly all of the content.
    const reference = noiseOf('far', 16_000_000);
    const content = Buffer.concat([Buffer.from('something new'), reference]);
    expect(makeDelta(content, reference).length).toBeLessThan(content.length / 20);
  });

  it('of a content that has nothing of its reference takes about the content', () => {
    const [content, reference] = [noiseOf('a', 50_000), noiseOf('b', 50_000)];
    const delta = makeDelta(content, reference);
    expect(delta.length).toBeLessThan(50_100);
    expect(applyDelta(delta, reference, 50_000).equals(content)).toBe(true);
  });

  it('is given up where it rebuilds to more than is promised', () => {
    const reference = noiseOf('reference', 1000);
    const delta = makeDelta(Buffer.alloc(1_000_000), reference);
    expect(() => applyDelta(delta, reference, 999_999)).toThrow(/rebuilds to more than the manifest says/);
    expect(() => applyDelta(delta, reference, 0)).toThrow(/rebuilds to more than the manifest says/);
    expect(applyDelta(delta, reference, 1_000_000).length).toBe(1_000_000);
  });
});

it('a reference is neither very short, nor large, nor what zstd would read as a dictionary of its own form', () => {
  const dictionary = Buffer.concat([Buffer.from([0x37, 0xa4, 0x30, 0xec]), noiseOf('rest', 100)]);
  expect([Buffer.alloc(7), Buffer.alloc(33 * 1024 * 1024), dictionary].filter(canBeReference)).toEqual([]);
  expect([Buffer.alloc(8), Buffer.alloc(32 * 1024 * 1024)].every(canBeReference)).toBe(true);
  expect(() => applyDelta(makeDelta(Buffer.alloc(9), Buffer.alloc(9)), dictionary, 9)).toThrow(
    /nothing can refer/,
  );
});

it('what may be a delta has a hash for its name', () => {
  const bytes = 1000;
  expect(canBeDelta({ name: outputName('content'), bytes }, rules)).toBe(true);
  expect(canBeDelta({ name: `${outputName('content')}/program`, bytes }, rules)).toBe(true);
  expect(canBeDelta({ name: outputName('content'), bytes: 33 * 1024 * 1024 }, rules)).toBe(false);
  for (const name of [`${'ab'.repeat(32)}-a`, 'free/a', 'nothing/that/a/rule/allows'])
    expect(canBeDelta({ name, bytes }, rules)).toBe(false);
});
