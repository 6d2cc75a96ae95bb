import { describe, expect, test } from 'vitest';
import {
  objects,
  packages,
  quotaLine,
  restoreLine,
  saveLine,
  size,
  supersedeLine,
  sweepLine,
  totalLine,
  warmLine,
} from '../../src/report/lines.ts';
import {
  notSuperseded,
  type QuotaReport,
  quotaNotRead,
  type RestoreReport,
  type SaveReport,
  type WarmReport,
} from '../../src/report/report.ts';

type Pass = WarmReport['passes'][number];
const pass = (kind: Pass['kind'], count: number, seconds: number): Pass => ({
  ...{ kind, packages: count, seconds },
  command: ['go', 'test'],
});
const warm = (overrides: Partial<WarmReport> = {}): WarmReport => ({
  ...{ outcome: 'warmed', reason: null, seconds: 27.4 },
  passes: [pass('cover', 21, 24.12), pass('plain', 2, 3.26)],
  ...overrides,
});

test.each([
  ['both passes', warm(), 'Pre-warm: 27.4 s (cover 21 packages 24.1 s, plain 2 packages 3.3 s)'],
  [
    'one package, one pass',
    warm({ seconds: 1, passes: [pass('plain', 1, 0.949)] }),
    'Pre-warm: 1.0 s (plain 1 package 0.9 s)',
  ],
  [
    'several commands of a pass are summed',
    warm({ passes: [pass('cover', 20, 20), pass('plain', 2, 3.3), pass('cover', 1, 4.1)] }),
    'Pre-warm: 27.4 s (cover 21 packages 24.1 s, plain 2 packages 3.3 s)',
  ],
  [
    'skipped',
    warm({ outcome: 'skipped', reason: 'the restored set is exact', seconds: 0, passes: [] }),
    'Pre-warm: 0.0 s (skipped: the restored set is exact)',
  ],
  [
    'failed in the second pass',
    warm({ outcome: 'failed', reason: 'the plain pass failed: a.go:1: x' }),
    'Pre-warm: 27.4 s (cover 21 packages 24.1 s, plain 2 packages 3.3 s, failed: the plain pass failed: a.go:1: x)',
  ],
])('warmLine: %s', (_, report, line) => {
  expect(warmLine(report)).toBe(line);
});

describe('restoreLine', () => {
  const restore = (
    outcome: RestoreReport['outcome'],
    matchedKey: string | null,
    reason: string | null = null,
  ): RestoreReport => ({
    ...{ outcome, reason, primaryKey: 'primary', matchedKey, baseKey: null },
    ...{ seconds: 4.25, waitedSeconds: 1, objects: 9400, bytes: 986_100_000 },
  });
  test.each([
    [restore('exact', 'k-1'), 'Restored 9400 objects (986.1 MB) in 4.3 s, an exact set: k-1'],
    [restore('partial', 'k-1'), 'Restored 9400 objects (986.1 MB) in 4.3 s, from an earlier state: k-1'],
    [
      restore('partial', 'k-1', 'its base b is gone'),
      'Restored 9400 objects (986.1 MB) in 4.3 s, from an earlier state: k-1; of the newest its base b is gone',
    ],
    [restore('miss', null), 'No set to restore for primary (4.3 s)'],
    [
      restore('miss', null, 'its base b is gone'),
      'No set to restore for primary (4.3 s); of the newest its base b is gone',
    ],
    [
      restore('failed', null, 'it is cut'),
      'The set was not restored, the job goes on without: it is cut (4.3 s)',
    ],
    [
      restore('failed', null),
      'The set was not restored, the job goes on without: no reason is known (4.3 s)',
    ],
    [restore('disabled', null, 'mode none'), 'No set is restored: mode none'],
  ])('$outcome', (report, line) => {
    expect(restoreLine(report)).toBe(line);
  });
});

describe('saveLine', () => {
  const save = (overrides: Partial<SaveReport>): SaveReport => ({
    ...{ outcome: 'saved', reason: null, key: 'k-1', bytes: 1_500_000, base: null, seconds: 2 },
    ...overrides,
  });
  test.each([
    [save({}), 'The set saved, 1.5 MB in 2.0 s: k-1'],
    [save({ bytes: null }), 'The set saved in 2.0 s: k-1'],
    [
      save({ base: { key: 'b', bytes: 1_400_000, reason: 'there was none' } }),
      'The set saved, 1.5 MB in 2.0 s, with a new base since there was none: k-1',
    ],
    [
      save({ outcome: 'skipped', reason: 'a pull request; the cache is filled from main' }),
      'The set not saved: a pull request; the cache is filled from main',
    ],
    [save({ outcome: 'failed', reason: 'read ECONNRESET' }), 'The set could not be saved: read ECONNRESET'],
  ])('$outcome', (report, line) => {
    expect(saveLine(report, 'The set')).toBe(line);
  });
});

describe('supersedeLine', () => {
  const one = { deleted: [{ key: 'k', bytes: 1500 }], bytes: 1500 };
  const add =
    'The token lacks the permission actions: write. Give it to the job: permissions: { contents: read, actions: write }';
  test.each([
    [{ outcome: 'done', reason: null, deleted: [], bytes: 0 } as const, 'Superseded no older entry'],
    [{ outcome: 'done', reason: null, ...one } as const, 'Superseded 1 entry (1.5 kB)'],
    [notSuperseded('skipped', 'no token'), 'Older entries not deleted: no token'],
    [notSuperseded('denied', 'HTTP 403: no'), `Older entries not deleted: HTTP 403: no. ${add}`],
    [
      { ...notSuperseded('failed', 'HTTP 500: no'), ...one },
      'Older entries not deleted beyond 1 entry (1.5 kB): HTTP 500: no',
    ],
  ])('$outcome', (report, line) => {
    expect(supersedeLine(report)).toBe(line);
  });
});

describe('quotaLine', () => {
  const quota = (overrides: Partial<QuotaReport>): QuotaReport => ({
    ...{ outcome: 'read', reason: null, entries: 31, bytes: 8.99e9, own: { entries: 1, bytes: 1.2e9 } },
    onRef: { entries: 1, bytes: 1.2e9 },
    ...{ limitBytes: 10e9, limitRead: true, largest: [{ prefix: 'npm', entries: 4, bytes: 5e9 }] },
    ...overrides,
  });
  const share = '1.2 GB in 1 entry of it are of this action';
  test.each([
    [quota({}), `The repository's cache holds 9.0 GB in 31 entries, 90 % of the limit (10.0 GB); ${share}`],
    [
      quota({ bytes: 9e9, limitRead: false }),
      "The repository's cache holds 9.0 GB in 31 entries, 90 % of the limit (10.0 GB, GitHub's default); " +
        `GitHub removes there what was not used longest. ${share}. Most take: npm (5.0 GB in 4 entries)`,
    ],
    [quotaNotRead('failed', 'HTTP 500: no'), "The repository's cache was not measured: HTTP 500: no"],
  ])('$outcome $bytes', (report, line) => {
    expect(quotaLine(report)).toBe(line);
  });
});

test('the other lines', () => {
  const sweep = { droppedObjects: 1, droppedBytes: 175, keptObjects: 2000, keptBytes: 5000 };
  expect(sweepLine(sweep)).toBe('Swept 1 object (175 B) that nobody used; 2000 objects (5.0 kB) live');
  expect(totalLine(31.96)).toBe('Total time: 32.0 s');
  expect([0, 1, 2].map(packages)).toEqual(['0 packages', '1 package', '2 packages']);
  expect(objects(0, 0)).toBe('0 objects (0 B)');
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1000, '1.0 kB'],
  [1499, '1.5 kB'],
  [999_949, '999.9 kB'],
  [999_950, '1.0 MB'],
  [1_000_000, '1.0 MB'],
  [986_100_000, '986.1 MB'],
  [999_999_999, '1.0 GB'],
  [10_737_418_240, '10.7 GB'],
  [2.5e12, '2.5 TB'],
  [2.5e15, '2500.0 TB'],
])('size(%d) is %s', (bytes, text) => {
  expect(size(bytes)).toBe(text);
});
