import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { PackError } from '../../src/pack/pack-error.ts';
import { readPack } from '../../src/pack/read.ts';
import {
  type Entry,
  outputName,
  put,
  type RawPart,
  rawPack,
  rules,
  scratchDirectory,
  tree,
} from './builders.ts';

export const id = 'ab'.repeat(32);
export const good = 'good content';
export const goodEntry: Entry = { name: outputName(good), content: good };
export const noise: Entry = { name: 'free/noise', content: randomBytes(300_000) };

/** Reads a pack into a target that holds something; asserts that it is refused so and that the target is as before. */
export async function refused(
  directory: string,
  message: RegExp,
  target = scratchDirectory('target'),
): Promise<void> {
  put(join(target, 'fuzz/mine'), 'mine');
  put(join(target, 'free/mine'), 'mine');
  const before = tree(dirname(target));
  await expectPackError(readPack({ directory, target, rules, threads: 2 }), message);
  expect(tree(dirname(target))).toEqual(before);
}

/** Reading fails with a PackError that says so, in one line, and has taken everything back. */
export async function expectPackError(reading: Promise<unknown>, message: RegExp): Promise<void> {
  const failure = await reading.then(
    () => null,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(PackError);
  const text = failure instanceof PackError ? failure.message : '';
  expect(text).toMatch(message);
  expect(text).not.toMatch(/[\p{Cc}]|not everything was removed/u);
}

/** A part between two good ones, so that there is always something to take back. */
export async function packWith(part: RawPart): Promise<string> {
  const others = (n: number): RawPart => {
    return { entries: Array.from({ length: 30 }, (_, i) => ({ name: `free/${n}/${i}`, content: `${i}` })) };
  };
  return await rawPack({
    parts: [others(1), { ...part, entries: [goodEntry, ...(part.entries ?? [])] }, others(2)],
  });
}
