import { describe, expect, test } from 'vitest';
import { overdue, staying } from '../../src/store/budget.ts';
import { baseKey, setKeys, topKey } from '../../src/store/key.ts';
import type { ListedEntry } from '../../src/store/superseded.ts';

const keys = (name: string, run: string, content = 'c') =>
  setKeys({ os: 'linux', arch: 'x64', goVersion: 'go1.26.8', shape: '01', name, content, run });
const entry = (id: number, key: string, more: Partial<ListedEntry> = {}): ListedEntry => ({
  ...{ id, key, ref: 'refs/heads/main', version: 'v', createdAt: id, bytes: 10 },
  ...more,
});
const saved = { key: keys('a', '9.1').save, prefix: keys('a', '9.1').prefix, ref: 'refs/heads/main' };

describe('what stays beside an entry that is to be saved', () => {
  const older = entry(1, keys('a', '1.1').save);
  const newer = entry(2, keys('a', '2.1', 'd').save);
  const otherName = entry(3, keys('b', '1.1').save);
  const modules = entry(4, 'gobuild-test-2-modules-linux-go1.26.8-s-1.1');
  const others = [
    entry(5, 'setup-go-linux-x64'),
    entry(6, keys('a', '1.1').save, { ref: 'refs/heads/topic' }),
    entry(7, 'gobuild-testing-1'),
  ];
  const all = [older, newer, otherName, modules, ...others];

  test('with superseding all of the same shape and name go', () => {
    expect(staying(all, saved, true)).toEqual([otherName, modules]);
  });

  test('without it they stay', () => {
    expect(staying(all, saved, false)).toEqual([older, newer, otherName, modules]);
  });

  test('an unwarmed set leaves the newest whole one', () => {
    const unwarmed = { ...saved, key: keys('a', '9.1').unwarmed };
    expect(staying(all, unwarmed, true)).toEqual([newer, otherName, modules]);
  });

  test('what another version of the toolkit has stored is not replaced', () => {
    const odd = entry(0, keys('a', '0.1').save, { version: 'w' });
    expect(staying([odd, newer], saved, true)).toEqual([odd]);
  });

  test('what a newer one has replaced and nobody has deleted is overdue', () => {
    const ref = saved.ref;
    expect(overdue(all, { prefix: saved.prefix, ref })).toEqual([older]);
    expect(overdue([newer, ...others], { prefix: saved.prefix, ref })).toEqual([]);
    expect(overdue([], { prefix: saved.prefix, ref })).toEqual([]);
  });

  test('nothing is listed', () => {
    expect(staying([], saved, true)).toEqual([]);
  });

  describe('of layers', () => {
    const identity = (digit: string) => ({ identity: digit.repeat(64) });
    const base = (id: number, digit: string, more: Partial<ListedEntry> = {}) =>
      entry(id, baseKey({ prefix: saved.prefix, ...identity(digit) }), more);
    const top = (run: string, digit: string) => topKey(keys('a', run).save, identity(digit));
    const [first, onFirst, orphan] = [base(1, '1'), entry(2, top('1.1', '1')), base(3, '3')];
    const pull = entry(4, top('5.1', '1'), { ref: 'refs/pull/7/merge' });

    test('a top on the same base leaves the base', () => {
      const next = { ...saved, key: top('9.1', '1') };
      expect(staying([first, onFirst, orphan, pull], next, true)).toEqual([first, orphan]);
    });

    test('a top on a new base leaves neither, and no base that may have just been saved by another job', () => {
      const next = { ...saved, key: top('9.1', '2') };
      expect(staying([first, onFirst, orphan], next, true)).toEqual([orphan]);
      expect(staying([first, onFirst, orphan, pull], next, true)).toEqual([first, orphan]);
    });

    test('a top on a base that is overdue', () => {
      const ref = saved.ref;
      const newer = [base(5, '5'), entry(6, top('6.1', '5'))];
      expect(overdue([first, onFirst, ...newer], { prefix: saved.prefix, ref })).toEqual([onFirst, first]);
    });
  });
});
