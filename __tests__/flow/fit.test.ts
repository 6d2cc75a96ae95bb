import { describe, expect, test } from 'vitest';
import { type Choice, choicesOf, packFitting } from '../../src/flow/fit.ts';
import type { ObjectClass } from '../../src/gocache/content.ts';
import type { GocacheObject } from '../../src/gocache/scan.ts';

const object = (name: string, bytes: number): GocacheObject => ({
  ...{ name, kind: 'output', bytes, mtimeMs: 0, uid: 0 },
});
const set: readonly (readonly [GocacheObject, ObjectClass])[] = [
  [object('p', 1000), 'archive'],
  [object('t', 100), 'tool'],
  [object('x', 300), 'executable'],
  [object('c', 20), 'coverage-profile'],
  [object('r', 30), 'test-result'],
  [object('o', 5), 'other'],
];
const classes = new Map(set.map(([{ name }, found]) => [name, found]));
const objects = set.map(([one]) => one);
const names = ({ objects: kept }: Choice) => kept.map(({ name }) => name).join('');

test('what may be left out, in its order: executables that are no tools, then profiles and results', () => {
  const choices = choicesOf(objects, classes);
  expect(choices.map((choice) => [names(choice), choice.rawBytes, choice.leftOut])).toEqual([
    ['ptxcro', 1455, []],
    ['ptcro', 1155, ['executable']],
    ['pto', 1105, ['executable', 'coverage-profile', 'test-result']],
  ]);
});

test('a step that holds nothing is no choice', () => {
  const few = objects.filter(({ name }) => name !== 'x');
  expect(choicesOf(few, classes).map(({ leftOut }) => leftOut)).toEqual([
    [],
    ['coverage-profile', 'test-result'],
  ]);
  expect(choicesOf([], classes)).toHaveLength(1);
});

describe('which choice is packed', () => {
  const choices = choicesOf(objects, classes);
  /** Packs at a ratio; what was packed, and the outcome. */
  const run = async (room: number, ratio: number | undefined, real: number) => {
    const packed: number[] = [];
    const fit = await packFitting(choices, { room: () => room, ratio: () => ratio }, async ({ rawBytes }) => {
      packed.push(rawBytes);
      return rawBytes * real;
    });
    return { packed, fit: fit.fits ? fit.choice.rawBytes : fit };
  };

  test.each<[string, Parameters<typeof run>, Awaited<ReturnType<typeof run>>]>([
    ['no limit', [Infinity, undefined, 1], { packed: [1455], fit: 1455 }],
    ['it fits', [1455, 1, 1], { packed: [1455], fit: 1455 }],
    ['it would not by the estimate', [1454, 1, 1], { packed: [1155], fit: 1155 }],
    ['two steps too much', [1110, 1, 1], { packed: [1105], fit: 1105 }],
    ['without an estimate all are tried', [1110, undefined, 1], { packed: [1455, 1155, 1105], fit: 1105 }],
    ['packed it is more than estimated', [1200, 0.5, 1], { packed: [1455, 1155], fit: 1155 }],
    ['the last is tried although estimated as too much', [600, 1, 0.5], { packed: [1105], fit: 1105 }],
    ['and refused by what it is', [600, 1, 1], { packed: [1105], fit: no(1105, false) }],
    ['a wrong estimate refuses nothing that fits', [120, 1, 0.1], { packed: [1105], fit: 1105 }],
    ['what cannot fit is not packed', [22, 0.5, 0.02], { packed: [], fit: no(553, true) }],
    ['no room at all', [0, undefined, 1], { packed: [], fit: no(22, true) }],
    ['less than none', [-5, 1, 1], { packed: [], fit: no(1105, true) }],
  ])('%s', async (_, given, expected) => {
    expect(await run(...given)).toEqual(expected);
  });
});

function no(bytes: number, estimated: boolean) {
  return { fits: false, bytes, estimated } as const;
}
