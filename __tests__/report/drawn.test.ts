import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { domOf, findBrowser } from '../../local/browser.ts';
import { type DrawnChart, type DrawnSection, drawnPage, summaryPage } from '../../local/summary-page.ts';
import { seconds, size } from '../../src/report/lines.ts';
import type { HistoryReport, Report } from '../../src/report/report.ts';
import { summary } from '../../src/report/summary.ts';
import { classRows, reuseRows } from '../../src/report/tables.ts';
import { verdict } from '../../src/report/verdict.ts';
import { report as sample } from '../docs/log-lines.ts';

/** Job summaries as a browser shows them, with the charts that Mermaid draws. */

const classes = {
  archive: { objects: 902, bytes: 62_000_000 },
  tool: { objects: 2, bytes: 3_140_000 },
  executable: { objects: 2, bytes: 8_400_000 },
  'module-index': { objects: 25, bytes: 1_200_000 },
  vet: { objects: 214, bytes: 420_000 },
  'test-result': { objects: 40, bytes: 30_000 },
};
const record = sample.history[0] ?? never();
const set = { ...(sample.set ?? never()), classes, before: { ...(sample.set ?? never()).before, classes } };
const ordinary: Report = {
  ...sample,
  restore: { ...sample.restore, outcome: 'partial', matchedKey: 'm-1', objects: 1185, bytes: 75_000_000 },
  warm: { ...sample.warm, outcome: 'warmed', reason: null },
  set,
  save: { outcome: 'saved', reason: null, key: 'k-2', bytes: 16_000_000, base: null, seconds: 1.2 },
  history: saves(5),
};

/** Printable and unpleasant: what a file, a package, a flag or a branch may be called. */
const odd = [
  'a|b \\| c',
  '</details></td><img src=x onerror=alert(1)>',
  '``` `x` **b** _i_ ~s~ [l](m) ![p](q) # h',
  '"quoted" \'single\' %%{init: {}}%% ; end',
  'ünï 日本 \u202e rtl 😀 &amp; &lt;',
  'https://example.com/a www.example.com a@example.com @user #12 :tada:',
  '- [ ] 1. > + * {{ }} $x\n\n| a |\n| - |',
];
const oddly: Report = {
  ...ordinary,
  restore: { ...ordinary.restore, reason: odd.join(' ') },
  reuse: {
    ...(sample.reuse ?? never()),
    missed: odd.map((name) => ({ package: name })),
    reasons: odd,
  },
  set: { ...set, executables: odd.map((name) => ({ name, bytes: 1e6, package: name, tool: false })) },
  ingredients: odd.map((name) => ({ name, value: name })),
};

const reports = {
  ordinary,
  'one class': withSet({ ...ordinary, history: saves(2) }, { archive: classes.archive }),
  'one save': { ...ordinary, history: saves(1) },
  'fifty saves': { ...ordinary, history: saves(50) },
  'saves of next to nothing': withSet({ ...ordinary, history: saves(3, 0) }, {}),
  'odd names': oddly,
} satisfies Record<string, Report>;
type Name = keyof typeof reports;

const browser = findBrowser();
const missing = 'skipped: chromium is not on PATH (.ci/tools installs it)';

describe.skipIf(browser === undefined)(browser === undefined ? missing : 'a browser shows', () => {
  const sections = new Map<string, DrawnSection>();
  const drawn = (name: Name): DrawnSection => sections.get(name) ?? never();

  beforeAll(() => {
    const home = mkdtempSync(join(tmpdir(), 'gobuild-test-page-'));
    try {
      const file = join(home, 'summaries.html');
      const pages = Object.entries(reports).map(([name, report]) => [name, summary(report, nameOf(name))]);
      writeFileSync(file, summaryPage(Object.fromEntries(pages), 'all'));
      const page = drawnPage(domOf(browser ?? '', file));
      for (const section of page.sections) sections.set(section.name, section);
    } finally {
      rmSync(home, { recursive: true, force: true });
    }
  });

  describe.each(Object.keys(reports) as Name[])('%s:', (name) => {
    const report: Report = reports[name];

    test('every chart is drawn, its labels apart', () => {
      const { charts, text } = drawn(name);
      const pie = Object.keys(report.set?.classes ?? {}).length > 0 ? ['pie'] : [];
      const line = report.history.length > 1 ? ['xychart'] : [];
      expect(charts.map(({ kind }) => kind)).toEqual([...pie, ...line]);
      for (const chart of charts) {
        expect(chart.text).not.toMatch(/syntax error/i);
        expect(chart.overlaps).toBe(0);
        expect(chart.width).toBeGreaterThan(300);
      }
      // What was not taken for a chart would stand there as its text.
      expect(text).not.toMatch(/showData|xychart-beta/);
    });

    test('the verdict stands first, and each block is folded by itself', () => {
      const { folded, foldedAnywhere, text } = drawn(name);
      const [head, first] = text.split('\n').filter((line) => line.trim() !== '');
      expect(head).toMatch(/^Go build cache/);
      expect(first).toBe(verdict(report));
      expect(folded).toBe(foldedAnywhere);
      expect(folded).toBe(summary(report, nameOf(name)).match(/<details>/g)?.length);
    });

    test('nothing but what the summary is made of', () => {
      expect(drawn(name).elements.filter((element) => !expected.has(element))).toEqual([]);
    });

    test('a cell for each column, and in it what the report says', () => {
      const { tables } = drawn(name);
      for (const [head = [], ...rows] of tables)
        for (const row of rows) expect(row).toHaveLength(head.length);
      const has = (rows: readonly (readonly string[])[]) =>
        expect(tables.flat()).toEqual(expect.arrayContaining([...rows]));
      has(reuseRows(report.reuse ?? never()));
      has(classRows(report.set ?? never()));
      has((report.set ?? never()).executables.map((one) => executableRow(one)));
      has(report.ingredients.map((one) => [shown(one.name), shown(one.value)]));
      if (report.history.length > 1) has(report.history.map(historyRow));
    });
  });

  test('a slice and a line of the legend for each class, the largest first', () => {
    const [pie] = drawn('ordinary').charts;
    expect(pie).toMatchObject({
      title: 'The set by class, MB',
      // Mermaid draws no slice of less than a hundredth, but lists it; the test results are too small to be listed.
      slices: 4,
      legend: ['archive [62]', 'executable [8.4]', 'tool [3.1]', 'module-index [1.2]', 'vet [0.4]'],
    });
    expect(drawn('one class').charts[0]).toMatchObject({ slices: 1, legend: ['archive [62]'] });
  });

  test.each<[Name, number]>([
    ['ordinary', 5],
    ['one class', 2],
    ['fifty saves', 20],
    ['saves of next to nothing', 3],
  ])('%s: a point for each of %i saves, from the oldest to the newest', (name, count) => {
    const chart = drawn(name).charts.at(-1) ?? never();
    expect(chart.title).toBe('Stored bytes of the set over the last saves');
    expect(chart.axis).toEqual(Array.from({ length: count }, (_, at) => String(count - at)));
    // As the pages are white, or nearly black.
    expect(chart.line?.colour).toBe('#2f81f7');
    const stored = reports[name].history.slice(0, count).map(({ storedBytes }) => storedBytes);
    expect(order(heightsOf(chart))).toEqual(order(stored.toReversed()));
  });
});

test('a page that has not been drawn is told', () => {
  expect(() => drawnPage('<body></body>')).toThrow('the page has not been drawn');
});

/** The elements of a summary; more than these would be markup that came from a build. */
const expected = new Set([
  ...['h3', 'p', 'blockquote', 'details', 'summary', 'ul', 'li', 'code', 'div', 'svg'],
  ...['table', 'thead', 'tbody', 'tr', 'th', 'td'],
]);

/** Saves with sizes that go up and down, the newest first. */
function saves(count: number, base = 12_000_000): HistoryReport[] {
  return Array.from({ length: count }, (_, at) => ({
    ...record,
    time: `2026-01-${String((at % 28) + 1).padStart(2, '0')}T03:04:05.678Z`,
    commit: `${at}`.repeat(40).slice(0, 40),
    rawBytes: 5 * base,
    storedBytes: base + ((at * 7) % 5) * (base / 10) + at * (base / 50),
  }));
}

function withSet(report: Report, only: Record<string, { objects: number; bytes: number }>): Report {
  return { ...report, set: { ...set, classes: only, before: { ...set.before, classes: only } } };
}

function nameOf(report: string): string {
  return report === 'odd names' ? odd.join(' ') : 'default';
}

function executableRow(one: { name: string; bytes: number; package: string | null; tool: boolean }) {
  return [
    shown(one.name),
    size(one.bytes),
    shown(one.package ?? ''),
    one.tool ? "Go's own" : 'of go run or go tool',
  ];
}

function historyRow(one: HistoryReport, at: number): string[] {
  const figures = [size(one.rawBytes), size(one.storedBytes), String(one.compiledPackages)];
  const times = [one.restoreSeconds, one.warmSeconds, one.saveSeconds].map(seconds);
  const time = one.time.slice(0, 16).replace('T', ' ');
  return [String(at + 1), time, one.commit.slice(0, 12), ...figures, ...times];
}

/** A line of text has no line breaks. */
function shown(text: string): string {
  return text.replace(/\s+/g, ' ');
}

/** Above the axis; pixels count from above. */
function heightsOf({ line }: DrawnChart): number[] {
  return (line?.points ?? []).map(([, y = 0]) => -y);
}

/** The rank of each value; equal values have the same. */
function order(values: readonly number[]): number[] {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return values.map((value) => sorted.indexOf(value));
}

function never(): never {
  throw new Error('the sample lacks a part');
}
