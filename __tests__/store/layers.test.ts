import { describe, expect, test } from 'vitest';
import { baseKey, topKey } from '../../src/store/key.ts';
import { type ListedEntry, type SavedEntry, superseded } from '../../src/store/superseded.ts';

const prefix = 'gobuild-test-2-linux-x64-go1.26.8-0123456789abcdef-default-';
const [main, pull] = ['refs/heads/main', 'refs/pull/7/merge'];
const hour = 3600;

const identityOf = (base: string) => Buffer.from(base.padEnd(32, '.')).toString('hex');

/** `B1` is a base; `T:c1:B1` the top of a content on it; `W:c1` a set without layers. */
function keyOf(name: string, run = 1): string {
  const [kind = '', content = '', base] = name.split(':');
  if (kind.startsWith('B')) return baseKey({ prefix, identity: identityOf(kind) });
  const key = `${prefix}${content}-${run}.1`;
  return base === undefined ? key : topKey(key, { identity: identityOf(base) });
}

/** Entries by name, each made at a second; `name@ref`, `name#version`. */
function listOf(entries: Readonly<Record<string, number>>): (ListedEntry & { readonly name: string })[] {
  return Object.entries(entries).map(([name, second], id) => {
    const [, key = '', ref = main, version = 'v'] = /^([^@#]+)(?:@([^#]+))?(?:#(.*))?$/.exec(name) ?? [];
    const entry = { id, key: keyOf(key, id), ref, version, createdAt: second * 1000, bytes: 1 };
    return { ...entry, name };
  });
}

/** What goes, in its order, after an entry of the list was saved. */
function gone(
  entries: Readonly<Record<string, number>>,
  saved: string,
  options: Partial<SavedEntry> = {},
): readonly string[] | undefined {
  const listed = listOf(entries);
  const own = listed.find(({ name }) => name === saved);
  const key = own?.key ?? keyOf(saved, 99);
  const found = superseded(listed, { key, prefix, ref: own?.ref ?? main, ...options });
  return found?.map(({ id }) => listed[id]?.name ?? '');
}

describe('which layers go', () => {
  test.each<[string, Readonly<Record<string, number>>, string, readonly string[] | undefined]>([
    ['older tops on the same base', { B1: 1, 'T:c1:B1': 2, 'T:c2:B1': 3 }, 'T:c2:B1', ['T:c1:B1']],
    ['no newer top', { B1: 1, 'T:c1:B1': 2, 'T:c2:B1': 3 }, 'T:c1:B1', []],
    [
      'older tops, then their base',
      { B1: 1, 'T:c1:B1': 2, B2: 3, 'T:c2:B2': 4 },
      'T:c2:B2',
      ['T:c1:B1', 'B1'],
    ],
    [
      'a top on an older base, though it is the newer one',
      { B1: 1, B2: 3, 'T:c2:B2': 4, 'T:c3:B1': 5 },
      'T:c2:B2',
      ['T:c3:B1', 'B1'],
    ],
    [
      'the saved one itself, where another job has saved a newer base meanwhile',
      { B1: 1, 'T:c1:B1': 2, B2: 3, 'T:c2:B2': 4, 'T:c3:B1': 5 },
      'T:c3:B1',
      ['T:c1:B1', 'T:c3:B1', 'B1'],
    ],
    [
      'of two new bases the older one, with its top',
      { B1: 1, B2: 2, 'T:c2:B2': 3, 'T:c1:B1': 4 },
      'T:c1:B1',
      ['T:c1:B1', 'B1'],
    ],
    [
      'a set without layers, also where the base of the saved one is older than it',
      { B1: 1, [`W:c1@${pull}`]: 2, [`T:c2:B1@${pull}`]: 3 },
      `T:c2:B1@${pull}`,
      [`W:c1@${pull}`],
    ],
    ['no base that has no top yet', { B1: 1, 'T:c1:B1': 2, B2: 3, 'T:c2:B1': 4 }, 'T:c2:B1', ['T:c1:B1']],
    [
      'a base that has had none for over an hour',
      { B0: 1, B1: 2, 'T:c1:B1': 3, 'T:c2:B1': hour + 2 },
      'T:c2:B1',
      ['T:c1:B1', 'B0'],
    ],
    [
      'not yet one that has had none for an hour',
      { B0: 1, B1: 2, 'T:c1:B1': 3, 'T:c2:B1': hour + 1 },
      'T:c2:B1',
      ['T:c1:B1'],
    ],
    [
      "not a base that another ref's top lies on",
      { B1: 1, 'T:c1:B1': 2, [`T:p:B1@${pull}`]: 3, B2: 4, 'T:c2:B2': 5 },
      'T:c2:B2',
      ['T:c1:B1'],
    ],
    [
      'nor one that a top of another version lies on',
      { B1: 1, 'T:c1:B1': 2, 'T:c0:B1#w': 2, B2: 4, 'T:c2:B2': 5 },
      'T:c2:B2',
      ['T:c1:B1'],
    ],
    [
      "not another ref's layers",
      { [`B1@${pull}`]: 1, [`T:c1:B1@${pull}`]: 2, B2: 3, 'T:c2:B2': 4 },
      'T:c2:B2',
      [],
    ],
    [
      "of a pull request older tops, on the default branch's base",
      { B1: 1, 'T:c1:B1': 2, [`T:p1:B1@${pull}`]: 3, [`T:p2:B1@${pull}`]: 4 },
      `T:p2:B1@${pull}`,
      [`T:p1:B1@${pull}`],
    ],
    ['a top whose base is gone, however new', { B1: 1, 'T:c1:B1': 2, 'T:c2:B0': 3 }, 'T:c1:B1', ['T:c2:B0']],
    [
      'the saved one itself, where its base is gone',
      { B1: 1, 'T:c1:B1': 2, 'T:c2:B0': 3 },
      'T:c2:B0',
      ['T:c2:B0'],
    ],
    ['not where nothing else is left', { 'T:c1:B0': 2, 'T:c2:B0': 3 }, 'T:c2:B0', ['T:c1:B0']],
    ['sets without layers', { 'W:c0': 1, B1: 2, 'T:c1:B1': 3 }, 'T:c1:B1', ['W:c0']],
    ['layers, by a set without', { B1: 1, 'T:c1:B1': 2, 'W:c2': 3 }, 'W:c2', ['T:c1:B1', 'B1']],
    ['none whose time is unknown', { B1: 1, 'T:c1:B1': Number.NaN, 'T:c2:B1': 3 }, 'T:c2:B1', []],
    [
      'none on a base whose time is unknown',
      { B1: Number.NaN, 'T:c1:B1': 2, B2: 3, 'T:c2:B2': 4 },
      'T:c2:B2',
      [],
    ],
    [
      'by an unwarmed set not the newest whole one on the same base',
      { B1: 1, 'T:c1:B1': 2, 'T:c2:B1': 3, 'T:unwarmed:B1': 4 },
      'T:unwarmed:B1',
      ['T:c1:B1'],
    ],
    [
      'but one on an older base',
      { B1: 1, 'T:c1:B1': 2, B2: 3, 'T:unwarmed:B2': 4 },
      'T:unwarmed:B2',
      ['T:c1:B1', 'B1'],
    ],
    ['no list without the saved one', { B1: 1, 'T:c1:B1': 2 }, 'T:c2:B1', undefined],
  ])('%s', (_, entries, saved, expected) => {
    expect(gone(entries, saved)).toEqual(expected);
  });

  test('a list that does not show the base which the job has saved: nothing is known yet', () => {
    const lagging = { B1: 1, 'T:c1:B1': 2, 'T:c2:B2': 4 };
    expect(gone(lagging, 'T:c2:B2', { withBase: true })).toBeUndefined();
    expect(gone(lagging, 'T:c2:B2')).toEqual(['T:c2:B2']);
    expect(gone({ ...lagging, B2: 3 }, 'T:c2:B2', { withBase: true })).toEqual(['T:c1:B1', 'B1']);
  });
});
