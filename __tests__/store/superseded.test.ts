import { describe, expect, test } from 'vitest';
import { type ListedEntry, superseded } from '../../src/store/superseded.ts';

const shape = 'gobuild-test-2-linux-x64-go1.26.8-0123456789abcdef-default-';
const ref = 'refs/heads/main';
let ids = 0;

/** An entry `<content>-<run>` of the shape, made at a second. */
function entry(rest: string, second: number, overrides: Partial<ListedEntry> = {}): ListedEntry {
  ids += 1;
  const times = { createdAt: second * 1000, bytes: 1 };
  return { id: ids, key: `${shape}${rest}`, ref, version: 'v', ...times, ...overrides };
}

/** What goes of these, without the shape, after `rest` was saved. */
function gone(listed: readonly ListedEntry[], rest: string, prefix = shape): readonly string[] | undefined {
  const found = superseded(listed, { key: `${shape}${rest}`, prefix, ref });
  return found?.map(({ key }) => key.replace(shape, '')).sort();
}

describe('which entries go', () => {
  const saved = entry('c3-3.1', 30);
  const table: readonly (readonly [string, readonly ListedEntry[], readonly string[] | undefined])[] = [
    ['none but the saved one', [saved], []],
    ['all older ones', [saved, entry('c2-2.1', 20), entry('c1-1.1', 10)], ['c1-1.1', 'c2-2.1']],
    ['older ones of the same content', [saved, entry('c3-2.1', 20)], ['c3-2.1']],
    ['older unwarmed ones', [saved, entry('unwarmed-2.1', 20)], ['unwarmed-2.1']],
    ['an earlier attempt', [entry('c3-3.1', 30), entry('c3-3.0', 29)], ['c3-3.0']],
    ['no newer one', [saved, entry('c4-4.1', 40), entry('c2-2.1', 20)], ['c2-2.1']],
    ['none of the same moment', [saved, entry('c2-2.1', 30)], []],
    ["not another ref's", [saved, entry('c2-2.1', 20, { ref: 'refs/heads/topic' })], []],
    ['nor one whose ref begins alike', [saved, entry('c2-2.1', 20, { ref: `${ref}-2` })], []],
    ["not another version's", [saved, entry('c2-2.1', 20, { version: 'w' })], []],
    ["not another shape's", [saved, entry('', 20, { key: shape.replace('0123', '4567') })], []],
    ["not another name's", [saved, entry('', 20, { key: `${shape.slice(0, -1)}2-c2-2.1` })], []],
    ["not another tool's", [saved, entry('', 20, { key: 'setup-go-linux-1' })], []],
    ['none whose time is unknown', [saved, entry('c2-2.1', Number.NaN)], []],
    ['no list without the saved one', [entry('c2-2.1', 20)], undefined],
    ['nor with it on another ref alone', [{ ...saved, ref: 'x' }, entry('c2-2.1', 20)], undefined],
    ['an empty list', [], undefined],
  ];
  test.each(table)('%s', (_, listed, expected) => {
    expect(gone(listed, 'c3-3.1')).toEqual(expected);
  });

  test('an unwarmed set leaves the newest whole one, and no other', () => {
    const listed = [
      ...[entry('unwarmed-5.1', 50), entry('unwarmed-4.1', 40), entry('c3-3.1', 30), entry('c2-2.1', 20)],
      entry('unwarmed-1.1', 10),
    ];
    expect(gone(listed, 'unwarmed-5.1')).toEqual(['c2-2.1', 'unwarmed-1.1', 'unwarmed-4.1']);
  });

  test('of two entries of the saved key the newest counts, and its version', () => {
    const listed = [entry('c3-3.1', 31, { version: 'w' }), entry('c3-3.1', 30), entry('c2-2.1', 20)];
    expect(gone(listed, 'c3-3.1')).toEqual([]);
  });

  test('a prefix that is not of this action deletes nothing', () => {
    for (const prefix of ['', 'g', 'setup-go-'])
      expect(gone([saved, entry('c2-2.1', 20)], 'c3-3.1', prefix)).toEqual([]);
  });
});

/**
 * Jobs that save at once, as lists of steps: each saves, then lists, then deletes one entry after the other. Every
 * interleaving of their steps is played.
 */
describe('jobs that save at once', () => {
  interface Player {
    readonly rest: string;
    listed?: readonly ListedEntry[];
  }

  /** Plays the order in which the players take their turns. @returns what is there after each step */
  function play(rests: readonly string[], order: readonly number[], sameMoment: boolean): ListedEntry[][] {
    let there = [entry('c0-0.1', 0), entry('unwarmed-0.2', 1)];
    const players: Player[] = rests.map((rest) => ({ rest }));
    const saves = new Set<number>();
    return order.map((turn, second) => {
      const player = players[turn];
      if (player === undefined) throw new Error(`no player ${turn}`);
      if (!saves.has(turn)) {
        saves.add(turn);
        there = [...there, entry(player.rest, sameMoment ? 100 : 100 + second)];
      } else if (player.listed === undefined) {
        player.listed = superseded(there, { key: `${shape}${player.rest}`, prefix: shape, ref }) ?? [];
      } else {
        const [next, ...left] = player.listed;
        player.listed = left;
        there = there.filter(({ id }) => id !== next?.id);
      }
      return there;
    });
  }

  function* interleavings(counts: readonly number[]): Generator<number[]> {
    if (counts.every((count) => count === 0)) yield [];
    for (const [turn, count] of counts.entries()) {
      if (count === 0) continue;
      for (const rest of interleavings(counts.with(turn, count - 1))) yield [turn, ...rest];
    }
  }

  const isWhole = ({ key }: ListedEntry) => !key.includes('-unwarmed-');
  const cases: readonly (readonly [string, readonly string[], readonly number[]])[] = [
    ['two contents', ['c1-1.1', 'c2-2.1'], [5, 5]],
    ['one content', ['c1-1.1', 'c1-2.1'], [5, 5]],
    ['a whole set and an unwarmed one', ['c1-1.1', 'unwarmed-2.1'], [5, 5]],
    ['three jobs', ['c1-1.1', 'c2-2.1', 'unwarmed-3.1'], [4, 4, 4]],
  ];
  test.each(cases)('%s: a whole set is there at every moment, the newest in the end', (_, rests, steps) => {
    let played = 0;
    for (const order of interleavings(steps)) {
      for (const sameMoment of [false, true]) {
        const moments = play(rests, order, sameMoment);
        for (const there of moments) expect(there.some(isWhole), `${order}`).toBe(true);
        const newest = [...(moments.at(-1) ?? [])].sort((a, b) => b.createdAt - a.createdAt);
        expect(rests.map((rest) => `${shape}${rest}`)).toContain(newest[0]?.key);
        expect(rests.filter((rest) => !rest.startsWith('unwarmed')).map((rest) => shape + rest)).toContain(
          newest.find(isWhole)?.key,
        );
      }
      played += 1;
    }
    expect(played).toBeGreaterThanOrEqual(252);
  });
});
