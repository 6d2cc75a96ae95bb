import { describe, expect, test } from 'vitest';
import { parseHistory, type SaveRecord, storedRatio, withRecord } from '../../src/store/history.ts';

const record: SaveRecord = {
  ...{ time: '2026-01-02T03:04:05.678Z', commit: 'c0ffee', rawBytes: 1000, storedBytes: 250 },
  ...{ compiledPackages: 3, restoreSeconds: 1.5, warmSeconds: 2, coldWarmSeconds: 60.25, saveSeconds: 0.5 },
};

test('a history is read as it was written, through JSON', () => {
  const history = [record, { ...record, commit: '', coldWarmSeconds: null }];
  expect(parseHistory(JSON.parse(JSON.stringify({ history, leftOut: [] })))).toEqual(history);
});

describe('what is no record is dropped, and the others stay', () => {
  test.each<[string, unknown]>([
    ['a text', 'record'],
    ['null', null],
    ['a list', []],
    ['of another time', { ...record, time: 'yesterday' }],
    ['a time with more behind it', { ...record, time: `${record.time}\n::error::forged` }],
    ['a commit that is none', { ...record, commit: '<script>' }],
    ['a commit that is too long', { ...record, commit: 'a'.repeat(65) }],
    ['less than nothing', { ...record, storedBytes: -1 }],
    ['no number', { ...record, warmSeconds: '2' }],
    ['null where there is always a number', { ...record, warmSeconds: null }],
    ['a field too few', { ...record, rawBytes: undefined }],
  ])('%s', (_, wrong) => {
    expect(parseHistory({ history: [wrong, record] })).toEqual([record]);
  });

  test('fields that are not known', () => {
    expect(parseHistory({ history: [{ ...record, more: 1 }] })).toEqual([record]);
  });
});

test.each([undefined, null, 7, 'history', {}, { history: {} }, { history: 'x' }])(
  'no history: %j',
  (note) => {
    expect(parseHistory(note)).toEqual([]);
  },
);

test('fifty records are kept, the newest first', () => {
  let history: SaveRecord[] = [];
  for (let at = 1; at <= 60; at += 1) history = withRecord(history, { ...record, compiledPackages: at });
  expect(history.map((one) => one.compiledPackages)).toEqual(Array.from({ length: 50 }, (_, at) => 60 - at));
  const tooMany = Array.from({ length: 60 }, () => record);
  expect(parseHistory({ history: tooMany })).toHaveLength(50);
});

test('the ratio is that of the newest save', () => {
  expect(storedRatio([record, { ...record, storedBytes: 900 }])).toBe(0.25);
  expect(storedRatio([])).toBeUndefined();
  expect(storedRatio([{ ...record, rawBytes: 0, storedBytes: 0 }])).toBeUndefined();
  // What nobody can have measured.
  expect(storedRatio([{ ...record, rawBytes: 5e-324, storedBytes: 1e308 }])).toBeUndefined();
  expect(storedRatio([{ ...record, storedBytes: 5000 }])).toBeUndefined();
});
