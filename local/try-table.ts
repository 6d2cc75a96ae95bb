import { objects, size } from '../src/report/lines.ts';
import type { Report } from '../src/report/report.ts';
import { columns } from '../src/report/tables.ts';

export interface TriedRun {
  readonly report: Report;
  /** What the job's own commands compiled after main. */
  readonly compiled: readonly string[];
}

/** The end of `npm run try`: a row for each figure, a column for each run. */
export function table(runs: readonly TriedRun[]): string {
  const rows: string[][] = [
    ['', ...runs.map((_, index) => `run ${index + 1}`)],
    ['restore', ...runs.map(({ report }) => restored(report))],
    ['warm seconds', ...runs.map(({ report }) => warmed(report))],
    ['set bytes', ...runs.map(({ report }) => objects(report.sweep.keptObjects, report.sweep.keptBytes))],
    ['saved bytes', ...runs.map(({ report }) => saved(report))],
    ['packages compiled after the warm', ...runs.map(({ compiled }) => counted(compiled))],
  ];
  return columns(rows, 'padEnd').join('\n');
}

function restored({ restore }: Report): string {
  const what = restore.matchedKey === null ? '' : `, ${size(restore.bytes)}`;
  return `${restore.outcome} in ${restore.seconds.toFixed(1)} s${what}`;
}

function warmed({ warm }: Report): string {
  return `${warm.seconds.toFixed(1)}${warm.reason === null ? '' : ` (${warm.reason})`}`;
}

function saved({ save }: Report): string {
  return save.bytes === null ? `none (${save.reason ?? save.outcome})` : size(save.bytes);
}

function counted(compiled: readonly string[]): string {
  if (compiled.length === 0) return '0';
  const shown = compiled.slice(0, 3).join(', ');
  return `${compiled.length} (${shown}${compiled.length > 3 ? ', …' : ''})`;
}
