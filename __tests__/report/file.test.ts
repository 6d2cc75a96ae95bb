import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readReport, writeReport } from '../../src/report/file.ts';
import { notYet, type Report } from '../../src/report/report.ts';
import { temporaryDirectory } from '../helpers/module.ts';

const report: Report = {
  schema: 1,
  restore: {
    outcome: 'partial',
    reason: null,
    primaryKey: 'p',
    matchedKey: 'm',
    baseKey: null,
    seconds: 1.5,
    waitedSeconds: 0.5,
    objects: 3,
    bytes: 525,
  },
  ingredients: [{ name: 'go', value: 'go1.26.8' }],
  totalSeconds: 12.25,
  warm: {
    outcome: 'warmed',
    reason: null,
    seconds: 9.75,
    passes: [
      { kind: 'cover', packages: 2, seconds: 9.5, command: ['go', 'test', '-run=^$', '-cover', 'a', 'b'] },
    ],
  },
  ...notYet,
};

test("the file has the issue's form, and is read as it was written", () => {
  const path = join(temporaryDirectory(), 'not made yet', 'report.json');
  writeReport(path, report);
  expect(readReport(path)).toEqual(report);
  const text = readFileSync(path, 'utf8');
  expect(text.endsWith('}\n')).toBe(true);
  expect(Object.keys(JSON.parse(text))).toEqual([
    'schema',
    'restore',
    'ingredients',
    'totalSeconds',
    'warm',
    'reuse',
    'set',
    'sweep',
    'save',
    'budget',
    'history',
    'supersede',
    'quota',
    'helpers',
  ]);
  expect(JSON.parse(text)).toMatchObject({
    sweep: { droppedObjects: 0, droppedBytes: 0, keptObjects: 0, keptBytes: 0 },
    save: { outcome: 'skipped', reason: 'the post step has not run', key: null, bytes: null, seconds: 0 },
  });
});

test('a report that is gone is an error', () => {
  expect(() => readReport(join(temporaryDirectory(), 'report.json'))).toThrow(/ENOENT/);
});
