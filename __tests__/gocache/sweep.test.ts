import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { backdate, hasMark, markSecond } from '../../src/gocache/backdate.ts';
import { type GocacheObject, scan } from '../../src/gocache/scan.ts';
import { foreignSince, partition, readOutputOf, sweep } from '../../src/gocache/sweep.ts';
import { bindMount } from '../helpers/mount.ts';

const now = 1_790_000_000_750;
const second = markSecond(now);
const roots: string[] = [];
afterAll(() => {
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

/** An object of the hash `11…`, `22…` and so on. */
function object(digit: string, overrides: Partial<GocacheObject> = {}): GocacheObject {
  const kind = overrides.kind ?? 'output';
  const name = `${digit}${digit}/${digit.repeat(64)}-${kind === 'record' ? 'a' : 'd'}`;
  return { name, kind, bytes: 10, mtimeMs: now, uid: 1000, ...overrides };
}

/** Writes files into a new directory; `''` makes a directory. */
function directory(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'gocache-test-'));
  roots.push(root);
  for (const [name, text] of Object.entries(files)) {
    const path = join(root, name);
    mkdirSync(name.endsWith('/') ? path : dirname(path), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(path, text);
  }
  return root;
}

test.each([
  [1_790_000_000_000, 1_789_784_000],
  [1_790_000_000_999, 1_789_784_000],
  [1_790_000_001_000, 1_789_784_001],
])('markSecond(%i) is the whole second %i', (nowMs, expected) => {
  expect(markSecond(nowMs)).toBe(expected);
  expect(nowMs / 1000 - expected).toBeGreaterThanOrEqual(2.5 * 86_400);
});

test.each([
  [second * 1000, true],
  [second * 1000 + 0.0002, true],
  [second * 1000 - 0.0002, true],
  [second * 1000 + 1, false],
  [(second - 1) * 1000, false],
  [now, false],
])('mtime %d has the mark: %s', (mtimeMs, expected) => {
  expect(hasMark(object('1', { mtimeMs }), second)).toBe(expected);
});

describe('partition', () => {
  const mark = { mtimeMs: second * 1000 };
  const record = object('1', { kind: 'record' });
  const output = object('2');
  const executable = object('3', { kind: 'executable', file: 'x' });
  const old = (one: GocacheObject): GocacheObject => ({ ...one, ...mark });

  test.each<[string, GocacheObject[], string | undefined, string]>([
    ['nothing', [], undefined, ''],
    ['everything used', [record, output, executable], '2', '111'],
    ['nothing used', [record, output, executable].map(old), '2', '000'],
    ["a live record's dead output", [record, old(output)], '2', '11'],
    ["a live record's dead executable", [record, old(executable)], '3', '11'],
    ['a live record of something else', [record, old(output), old(executable)], '3', '101'],
    ["a dead record's dead output", [old(record), old(output)], '2', '00'],
    ["a dead record's live output", [old(record), output], '2', '01'],
    ['a live output without a record', [output], undefined, '1'],
    ['a live record without a hash', [record, old(output)], undefined, '10'],
    ['a live record of an output that is not there', [record, old(output)], '9', '10'],
    [
      'an object newer than now, or older than the mark',
      [object('4', { mtimeMs: now + 9e9 }), object('5', { mtimeMs: 1 })],
      undefined,
      '11',
    ],
  ])('%s', (_, objects, digit, expected) => {
    const { live, dead } = partition(objects, { second, outputOf: () => digit?.repeat(64) });
    expect(objects.map((one) => (live.includes(one) ? '1' : '0')).join('')).toBe(expected);
    expect(dead).toEqual(objects.filter((one) => !live.includes(one)));
  });

  test('no record is read that cannot matter', () => {
    const asked: string[] = [];
    const outputOf = (one: GocacheObject) => {
      asked.push(one.name);
      return undefined;
    };
    partition([record, output, old(object('4', { kind: 'record' }))], { second, outputOf });
    expect(asked).toEqual([]);
    partition([record, old(output), old(object('4', { kind: 'record' }))], { second, outputOf });
    expect(asked).toEqual([record.name]);
  });
});

test('foreignSince counts what another user made since the backdate', () => {
  const uid = 1000;
  const other = object('2', { uid: 0 });
  const earlier = object('3', { uid: 0, mtimeMs: now - 1000 });
  const objects = [object('1'), other, earlier, object('4', { uid: 0, mtimeMs: second * 1000 })];
  expect(foreignSince(objects, { second, uid })).toEqual([other]);
  expect(foreignSince(objects, { second, uid: undefined })).toEqual([]);
});

describe('on disk', () => {
  const [a, b, c] = ['1', '2', '3'].map((digit) => `${digit}${digit}/${digit.repeat(64)}`);
  const text = `v1 ${'1'.repeat(64)} ${'2'.repeat(64)} ${'4'.padStart(20)} ${'5'.padStart(20)}\n`;
  const files = {
    [`${a}-a`]: text,
    [`${b}-d`]: 'four',
    [`${c}-d/tool`]: 'binary',
    README: 'read me',
    'trim.txt': '1',
    'testexpire.txt': '1',
    'fuzz/m/FuzzX/11': 'x',
    [`${a}-a.tmp`]: 'x',
    [`${a}-b`]: 'x',
    [`11/${'2'.repeat(64)}-d`]: 'in another directory than its own',
    [`44/${'4'.repeat(64)}-a/`]: '',
    [`55/${'5'.repeat(64)}-d/`]: '',
    [`66/${'6'.repeat(64)}-d/one`]: 'x',
    [`66/${'6'.repeat(64)}-d/two`]: 'x',
    [`77/${'7'.repeat(64)}-d/deep/file`]: 'x',
    ab: 'a file',
    'XY/x': 'x',
  };

  test('scan lists objects and nothing else', () => {
    const gocache = directory(files);
    mkdirSync(join(gocache, '88'));
    symlinkSync(join(gocache, `${b}-d`), join(gocache, '88', `${'8'.repeat(64)}-d`));
    symlinkSync(join(gocache, '22'), join(gocache, '99'));
    symlinkSync(join(gocache, `${c}-d`), join(gocache, '88', `${'8'.repeat(63)}9-d`));
    const found = scan(gocache).toSorted((one, two) => (one.name < two.name ? -1 : 1));
    const uid = process.getuid?.() ?? 0;
    const mtimeMs = expect.any(Number);
    expect(found).toEqual([
      { name: `${a}-a`, kind: 'record', bytes: 175, mtimeMs, uid },
      { name: `${b}-d`, kind: 'output', bytes: 4, mtimeMs, uid },
      { name: `${c}-d`, kind: 'executable', bytes: 6, mtimeMs, uid, file: 'tool' },
    ]);
    expect(readOutputOf(gocache)(object('1', { kind: 'record' }))).toBe('2'.repeat(64));
    expect(readOutputOf(gocache)(object('9', { kind: 'record' }))).toBeUndefined();
  });

  test('a directory that does not exist is empty', () => {
    expect(scan(join(directory({}), 'none'))).toEqual([]);
  });

  test('backdate marks files and directories of executables, not the file inside; what is gone is passed over', () => {
    const gocache = directory(files);
    utimesSync(join(gocache, `${c}-d/tool`), 7, 7);
    expect(backdate(gocache, [...scan(gocache), object('9')], second)).toBe(1);
    for (const one of scan(gocache)) expect(one.mtimeMs).toBe(second * 1000);
    expect(statSync(join(gocache, `${c}-d/tool`)).mtimeMs).toBe(7000);
    expect(statSync(join(gocache, 'trim.txt')).mtimeMs).toBeGreaterThan(second * 1000);
  });

  test('sweep deletes what it is given and counts it; what is gone is no error', () => {
    const gocache = directory(files);
    const dead = [...scan(gocache).filter(({ kind }) => kind !== 'record'), object('9')];
    expect(sweep(gocache, dead)).toEqual({ objects: 2, bytes: 10 });
    expect(scan(gocache).map(({ kind }) => kind)).toEqual(['record']);
    for (const name of ['README', 'trim.txt', 'fuzz/m/FuzzX/11', `66/${'6'.repeat(64)}-d/two`]) {
      expect(existsSync(join(gocache, name)), name).toBe(true);
    }
  });

  // As an executable that runs on Windows.
  test('what is in use stays, and the rest goes all the same', ({ skip }) => {
    const gocache = directory(files);
    const [used, busy] = [`${b}-d`, `${c}-d/tool`].map((name) => join(gocache, name));
    for (const path of [used, busy]) bindMount(path ?? '', path ?? '', skip);
    expect(sweep(gocache, scan(gocache))).toEqual({ objects: 1, bytes: 175 });
    expect(scan(gocache).map(({ name }) => name)).toEqual([`${b}-d`, `${c}-d`]);
  });

  test('what somebody else has put beside an executable stays', () => {
    const gocache = directory(files);
    const dead = scan(gocache);
    writeFileSync(join(gocache, `${c}-d/other`), 'x');
    expect(sweep(gocache, dead)).toEqual({ objects: 2, bytes: 179 });
    expect(existsSync(join(gocache, `${c}-d/other`))).toBe(true);
  });
});
