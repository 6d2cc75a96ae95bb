import { objects, size } from '../src/report/lines.ts';
import type { Report } from '../src/report/report.ts';
import { columns } from '../src/report/tables.ts';

export interface TriedRun {
  readonly report: Report;
  /** What the job's own commands compiled after main. */
  readonly compiled: readonly string[];
}

/** The end of `npm run try`: a row for each figure, a column for each run, and below it what takes more words. */
export function table(runs: readonly TriedRun[]): string {
  const rows: string[][] = [
    ['', ...runs.map((_, at) => runName(at))],
    ['restore', ...runs.map(({ report }) => restored(report))],
    ['warm seconds', ...runs.map(({ report }) => report.warm.seconds.toFixed(1))],
    ['set bytes', ...runs.map(({ report }) => objects(report.sweep.keptObjects, report.sweep.keptBytes))],
    ['saved bytes', ...runs.map(({ report: { save } }) => (save.bytes === null ? 'none' : size(save.bytes)))],
    ['packages compiled after the warm', ...runs.map(({ compiled }) => String(compiled.length))],
  ];
  const notes = runs.flatMap((run, at) => notesOf(run).map((note) => `${runName(at)}, ${note}`));
  return [...columns(rows, 'padEnd'), ...(notes.length === 0 ? [] : ['', ...notes])].join('\n');
}

const runName = (at: number): string => `run ${at + 1}`;

function restored({ restore }: Report): string {
  const what = restore.matchedKey === null ? '' : `, ${size(restore.bytes)}`;
  return `${restore.outcome} in ${restore.seconds.toFixed(1)} s${what}`;
}

function notesOf({ report: { warm, save }, compiled }: TriedRun): string[] {
  const shown = compiled.slice(0, shownPackages).join(', ');
  const more = compiled.length > shownPackages ? ` and ${compiled.length - shownPackages} more` : '';
  return [
    ...(warm.reason === null ? [] : [`warm ${warm.outcome}: ${warm.reason}`]),
    ...(save.reason === null ? [] : [`save ${save.outcome}: ${save.reason}`]),
    ...(compiled.length === 0 ? [] : [`compiled after the warm: ${shown}${more}`]),
  ];
}

const shownPackages = 3;
