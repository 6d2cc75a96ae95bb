import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { isChange, summary } from '../../src/report/summary.ts';
import { hintLine, verdict, worthLine, worthOf } from '../../src/report/verdict.ts';
import { report as sample } from '../docs/log-lines.ts';

const none = { objects: 0, bytes: 0 };
const reuse = { ...(sample.reuse ?? never()), compiled: none, missed: [], reasons: [] };
const record = sample.history[0] ?? never();
/** A run as they mostly are: an older set, warmed, saved. */
const report: Report = {
  ...sample,
  restore: {
    ...{ outcome: 'partial', reason: null, primaryKey: 'p', matchedKey: 'm-1', baseKey: null },
    ...{ seconds: 3.1, waitedSeconds: 1, objects: 9400, bytes: 986_000_000 },
  },
  warm: { ...sample.warm, outcome: 'warmed', reason: null, seconds: 4.2 },
  reuse,
  save: { outcome: 'saved', reason: null, key: 'k-2', bytes: 11_000_000, base: null, seconds: 2 },
  budget: null,
  history: [{ ...record, coldWarmSeconds: 60 }],
};

function never(): never {
  throw new Error('the sample lacks a part');
}

describe('the verdict', () => {
  test.each<[string, Partial<Report>, string]>([
    ['usual', {}, 'restored 986.0 MB in 3.1 s, warmed in 4.2 s, 0 packages compiled again, saved 11.0 MB'],
    [
      'exact',
      {
        restore: { ...report.restore, outcome: 'exact' },
        warm: { ...report.warm, outcome: 'skipped', reason: 'the restored set is exact' },
        save: { ...report.save, outcome: 'skipped', bytes: null },
      },
      'restored 986.0 MB in 3.1 s, no warm, 0 packages compiled again, saved nothing',
    ],
    [
      'cold, and something missed',
      {
        restore: { ...report.restore, outcome: 'miss' },
        reuse: { ...reuse, compiled: { objects: 1, bytes: 5 } },
      },
      'restored nothing, warmed in 4.2 s, 1 package compiled again, saved 11.0 MB',
    ],
    [
      'a failed warm',
      {
        warm: { ...report.warm, outcome: 'failed' },
        reuse: null,
        save: { ...report.save, outcome: 'failed', bytes: null },
      },
      'restored 986.0 MB in 3.1 s, the warm failed, saved nothing',
    ],
  ])('%s', (_, change, line) => {
    expect(verdict({ ...report, ...change })).toBe(line);
  });
});

describe('whether the cache is worth its time', () => {
  test('what a run spends is compared with the warm of a cold one', () => {
    expect(worthOf(report)).toEqual({ spent: 3.1 + 4.2 + 2, cold: 60 });
    expect(worthLine({ spent: 9.3, cold: 60 })).toMatch(/^The cache is worth it: .* 9\.3 s .* 60\.0 s\.$/);
  });

  test('where it loses, it says so, and how to turn it off', () => {
    const line = worthLine({ spent: 9.3, cold: 9 });
    expect(line).toMatch(/^The cache loses: .* 9\.3 s .* 9\.0 s\. .*leave this action out of the workflow/);
    expect(summary({ ...report, history: [{ ...record, coldWarmSeconds: 9 }] }, 'default')).toContain(
      'The cache loses',
    );
  });

  test.each<[string, Partial<Report>]>([
    ['no cold run is known', { history: [{ ...record, coldWarmSeconds: null }] }],
    ['there is no history', { history: [] }],
    ['nothing was restored', { restore: { ...report.restore, outcome: 'miss' } }],
    ['the warm failed', { warm: { ...report.warm, outcome: 'failed' } }],
    ['it was not warmed', { warm: { ...report.warm, outcome: 'skipped' } }],
  ])('nothing is said where %s', (_, change) => {
    expect(worthOf({ ...report, ...change })).toBeUndefined();
  });

  test('an exact set needs no warm', () => {
    const exact = {
      restore: { ...report.restore, outcome: 'exact' },
      warm: { ...report.warm, outcome: 'skipped', seconds: 0 },
    } as const;
    expect(worthOf({ ...report, ...exact, save: { ...report.save, outcome: 'skipped' } })).toEqual({
      spent: 3.1,
      cold: 60,
    });
  });
});

describe('the page', () => {
  test('begins with the verdict; its blocks are folded, and closed again', () => {
    const page = summary(report, 'default');
    expect(page.startsWith('### Go build cache\n\nrestored 986.0 MB in 3.1 s, warmed')).toBe(true);
    expect(page.match(/<details>/g)?.length).toBe(page.match(/<\/details>/g)?.length);
    const titles = [...page.matchAll(/<summary>(.*?)<\/summary>/g)].map(([, title]) => title);
    expect(titles.map((title) => title?.split(':')[0])).toEqual([
      ...['Warm', 'What was reused, and what was swept', 'The set by class', 'Helpers'],
      ...['Entries and quota', 'The key, and what it is made of'],
    ]);
    expect(summary(report, 'unit')).toContain('### Go build cache: unit\n');
  });

  test('says what went otherwise, and why', () => {
    const failed = summary(
      {
        ...report,
        restore: { ...report.restore, outcome: 'failed', reason: 'it is cut' },
        save: { ...report.save, outcome: 'skipped', reason: 'a pull request' },
      },
      'default',
    );
    expect(failed).toContain('> Not restored: it is cut\n');
    expect(failed).toContain('> Not saved: a pull request\n');
  });

  test('what comes from a build cannot mark anything up', () => {
    const evil = '</details>|<img src=x>\n# head `x` [a](b) **c** ```mermaid';
    const set = {
      ...(report.set ?? never()),
      executables: [{ name: evil, bytes: 1, package: evil, tool: false }],
    };
    const page = summary({ ...report, set, ingredients: [{ name: evil, value: evil }] }, 'default');
    expect(page.match(/<details>/g)?.length).toBe(page.match(/<\/details>/g)?.length);
    expect(page).not.toContain('<img');
    expect(page).not.toMatch(/^# head/m);
    expect(page.match(/```/g)?.length ?? 0).toBe(0);
  });

  test('long lists are cut, with a count', () => {
    const passes = Array.from({ length: 73 }, (_, at) => ({
      ...(report.warm.passes[0] ?? never()),
      command: [`c${at}`],
    }));
    const page = summary({ ...report, warm: { ...report.warm, passes } }, 'default');
    expect(page).toContain('<code>c49</code>');
    expect(page).not.toContain('<code>c50</code>');
    expect(page).toContain('\n\nand 23 more\n');
  });

  test('it stays under what GitHub takes, and keeps its verdict', () => {
    const passes = Array.from({ length: 50 }, () => ({
      ...(report.warm.passes[0] ?? never()),
      command: ['x'.repeat(50_000)],
    }));
    const page = summary({ ...report, warm: { ...report.warm, passes } }, 'default');
    expect(Buffer.byteLength(page)).toBeLessThan(1024 * 1024);
    expect(page).toContain(verdict(report));
    expect(page).toContain('Entries and quota');
    expect(page).not.toContain('xxxx');
  });
});

describe('charts', () => {
  test('a pie of the classes that can be seen', () => {
    const classes = {
      archive: { objects: 2, bytes: 62_000_000 },
      vet: { objects: 1, bytes: 40_000 },
      tool: { objects: 1, bytes: 3_140_000 },
    };
    const page = summary({ ...report, set: { ...(report.set ?? never()), classes } }, 'default');
    expect(page).toContain(
      '```mermaid\npie showData\n  title The set by class, MB\n  "archive" : 62.0\n  "tool" : 3.1\n```',
    );
  });

  test('a line of the last saves, the oldest first', () => {
    const history = [30e6, 20e6, 10e6].map((storedBytes, at) => ({
      ...record,
      storedBytes,
      commit: `${at}`.repeat(40),
    }));
    const page = summary({ ...report, history }, 'default');
    expect(page).toContain(
      '  x-axis "save, 1 is the newest" ["3", "2", "1"]\n  y-axis "MB" 0 --> 36.0\n  line [10.0, 20.0, 30.0]',
    );
  });
});

test('executables of go run get a hint, tools none', () => {
  const tool = { name: 'covdata', bytes: 3e6, package: 'cmd/covdata', tool: true };
  const made = { name: 'gen', bytes: 2e6, package: 'example.com/m/gen', tool: false };
  expect(hintLine([tool])).toBeUndefined();
  expect(hintLine([tool, made])).toBe(
    'An executable of go run and go tool (2.0 MB): name such programs in the input helpers, which builds each once: example.com/m/gen',
  );
  expect(hintLine([made, { ...made, package: null }])).toMatch(
    /^2 executables .*: example\.com\/m\/gen, gen$/,
  );
});

test('on-change is quiet where an exact set did all there was to do', () => {
  const exact = {
    ...report,
    restore: { ...report.restore, outcome: 'exact' },
    save: { ...report.save, outcome: 'skipped' },
  } as const;
  expect(isChange(exact)).toBe(false);
  expect(isChange(report)).toBe(true);
  expect(isChange({ ...exact, reuse: { ...reuse, compiled: { objects: 1, bytes: 1 } } })).toBe(true);
  expect(isChange({ ...exact, save: { ...report.save, outcome: 'failed' } })).toBe(true);
  expect(isChange({ ...exact, restore: { ...report.restore, outcome: 'miss' } })).toBe(true);
});
