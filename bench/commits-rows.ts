import type { Kind } from './commits-project.ts';
import { median } from './median.ts';

/** What was measured, and the tables of it. Pure. Bytes and seconds. */

export const wayNames = ['action', 'usual', 'sum', 'warmed'] as const;
export type WayName = (typeof wayNames)[number];

/** The ways as a table or a plot calls them. */
export const titles: Readonly<Record<WayName, string>> = {
  action: 'this action',
  usual: 'new key each run',
  sum: 'keyed by go.sum',
  warmed: 'two warms, new key',
};

/** Of this action first, then of what it is compared with. */
export interface Pair {
  readonly ours: number;
  readonly other: number;
}

/** Seconds of this action, of the toolkit with the same set as one entry, and of the usual recipe with what it has by then. */
export interface Timed extends Pair {
  readonly usual: number;
}

/** One commit. */
export interface Step {
  readonly name: string;
  readonly kind: Kind;
  /** In the repository after it. */
  readonly stored: Readonly<Record<WayName, number>>;
  readonly uploaded: Readonly<Record<WayName, number>>;
  /** By main and the job; by the machine that never loses its GOCACHE. */
  readonly compiled: Pair;
  /** Packages of the project among those, and how many it has. */
  readonly own: { readonly compiled: number; readonly all: number };
  /** Whether a base was saved. */
  readonly newBase: boolean;
  /** Of an edit. */
  readonly save?: Timed;
  readonly supersedeSeconds: number;
}

export interface Measured {
  readonly steps: readonly Step[];
  /** What the entries of one job take that began with nothing, at the last commit. */
  readonly coldSetBytes: number;
  /** Of the last set. */
  readonly restores: readonly Timed[];
  /** By program, in bytes. */
  readonly peaks: ReadonlyMap<string, number>;
}

interface Row {
  readonly what: string;
  readonly figure: string;
  readonly bound?: { readonly says: string; readonly met: boolean };
}

const mega = (bytes: number): string => (bytes / 1e6).toFixed(bytes < 1e6 ? 2 : 1);
const share = (ratio: number): string => ratio.toFixed(ratio < 0.1 ? 3 : 2);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const ratios = (pairs: readonly Pair[]): number[] => pairs.map(({ ours, other }) => ours / other);
const atMost = (bound: number, value: number) => ({ says: `at most ${bound}`, met: value <= bound });

/** The row of each commit. */
export function commitTable(steps: readonly Step[]): string {
  const head = ['commit', ...wayNames.map((way) => `stored, ${titles[way]}`)];
  const more = [
    `uploaded, ${titles.action}`,
    `uploaded, ${titles.usual}`,
    'compiled',
    'a machine that keeps all',
    'of the project',
    'layers',
  ];
  const rows = steps.map(({ name, stored, uploaded, compiled, own, newBase }) => [
    name,
    ...wayNames.map((way) => mega(stored[way])),
    ...[mega(uploaded.action), mega(uploaded.usual), compiled.ours, compiled.other],
    `${own.compiled} of ${own.all}`,
    uploaded.action === 0 ? 'nothing' : newBase ? 'base and top' : 'top',
  ]);
  return table([...head, ...more], rows);
}

/** The table of figures and what they should be. */
export function resultTable(measured: Measured): string {
  const rows = [
    ...storedRows(measured),
    ...uploadRows(measured),
    ...timeRows(measured),
    ...peakRows(measured),
  ];
  const cells = rows.map(({ what, figure, bound }) => [
    ...[what, figure, bound?.says ?? 'printed'],
    bound === undefined ? '' : bound.met ? 'yes' : '**no**',
  ]);
  return table(['what', 'figure', 'should be', 'is it'], cells);
}

function storedRows({ steps, coldSetBytes }: Measured): Row[] {
  const end = steps.at(-1)?.stored.action ?? Number.NaN;
  const all = sum(steps.map(({ uploaded }) => uploaded.action));
  const of = (bytes: number) => `${share(bytes / coldSetBytes)} (${mega(bytes)} of ${mega(coldSetBytes)} MB)`;
  return [
    { what: 'stored at the end, to one cold set', figure: of(end), bound: atMost(1.15, end / coldSetBytes) },
    { what: 'the same without superseding: all that was uploaded', figure: of(all) },
  ];
}

function uploadRows({ steps }: Measured): Row[] {
  const edits = (kind: Kind): Pair[] =>
    steps
      .filter((step) => step.kind === kind)
      .map(({ uploaded }) => ({ ours: uploaded.action, other: uploaded.usual }));
  const row = (kind: 'wide' | 'leaf', which: string): Row[] => {
    const pairs = edits(kind);
    if (pairs.length === 0) return [];
    const middle = median(ratios(pairs));
    const figure = `${share(middle)} (${mega(median(pairs.map(({ ours }) => ours)))} MB; all: ${ratios(pairs).map(share).join(', ')})`;
    return [{ what: `uploaded by ${which}, to a new key each run`, figure, bound: atMost(0.06, middle) }];
  };
  // The first has nothing to be told from.
  const versions = edits('version').slice(1);
  const unequal = steps.filter(({ compiled: { ours, other } }) => ours !== other).map(({ name }) => name);
  const compiled = ratios(steps.map((step) => step.compiled)).map((ratio) =>
    Number.isNaN(ratio) ? 1 : ratio,
  );
  return [
    ...row('wide', 'an edit that compiles all of the project'),
    ...row('leaf', 'an edit of a leaf'),
    {
      what: 'uploaded by a version, median MB',
      figure: `${mega(median(versions.map(({ ours }) => ours)))}, a new key each run ${mega(median(versions.map(({ other }) => other)))}`,
    },
    {
      what: 'compiled a commit, to a machine that keeps all',
      figure: `${Math.min(...compiled).toFixed(2)} to ${Math.max(...compiled).toFixed(2)}${unequal.length === 0 ? '' : ` (${unequal.join(', ')})`}`,
      bound: { says: '1.00 each', met: unequal.length === 0 },
    },
  ];
}

function timeRows({ steps, restores }: Measured): Row[] {
  const edits = steps.flatMap((step) => (step.save === undefined ? [] : [{ ...step, save: step.save }]));
  const row = (what: string, pairs: readonly Pair[], bound?: number): Row => {
    const middle = median(ratios(pairs));
    const seconds = (of: keyof Pair) => median(pairs.map((pair) => pair[of])).toFixed(2);
    const figure = `${share(middle)} (${seconds('ours')} s, ${seconds('other')} s; all: ${ratios(pairs).map(share).join(', ')})`;
    return { what, figure, ...(bound === undefined ? {} : { bound: atMost(bound, middle) }) };
  };
  const toUsual = ({ ours, usual }: Timed): Pair => ({ ours, other: usual });
  const saves = edits.map(({ save }) => save);
  return [
    row('restore of base and top, to a restoreCache of the same set', restores, 0.8),
    row('the same, to a restoreCache of what a new key each run has stored', restores.map(toUsual)),
    row('save of an edit, to a saveCache of the same set', saves, 0.5),
    row('the same, to the saveCache of a new key each run', saves.map(toUsual)),
    {
      what: 'superseding after it, seconds',
      figure: median(edits.map(({ supersedeSeconds }) => supersedeSeconds)).toFixed(2),
    },
  ];
}

function peakRows({ peaks }: Measured): Row[] {
  const row = (what: string, program: string): Row => {
    const bytes = peaks.get(program) ?? Number.NaN;
    return { what, figure: `${mega(bytes)} MB`, bound: { says: 'under 1500 MB', met: bytes < 1.5e9 } };
  };
  return [
    row('peak memory of main', 'main.js'),
    row('peak memory of post', 'post.js'),
    row('of the process that runs the toolkit beside them', 'cache.js'),
  ];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, at) => (at === 0 ? ':--' : '--:'))), ...rows.map(line)].join('\n');
}
