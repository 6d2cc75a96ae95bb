import { size, sum } from './lines.ts';
import type { ReuseReport, SetReport, TallyReport } from './report.ts';

/** The log's tables, each a pure function of a part of the report: an element for each line. */

/** The set by class: size, executables, then the classes, the largest first. */
export function setTable(set: SetReport): string[] {
  const { before, executables } = set;
  const after: TallyReport = {
    objects: executables.length,
    bytes: sum(executables.map(({ bytes }) => bytes)),
  };
  return [
    ...columns([
      setHead,
      ['total size', tally(before), tally(set)],
      ['cached executables', String(before.executables.objects), String(after.objects)],
      ['executable bytes', size(before.executables.bytes), size(after.bytes)],
      ...classRows(set),
    ]),
    ...executables.map(
      ({ name, bytes, package: from, tool }) =>
        `${tool ? 'tool' : 'executable'} ${name}, ${size(bytes)}${from === null ? '' : `, of ${from}`}`,
    ),
  ];
}

export const setHead = ['', 'before the sweep', 'after it'] as const;

/** A row for each class, the largest before the sweep first. */
export function classRows({ before, classes }: SetReport): string[][] {
  const names = [...new Set([...Object.keys(before.classes), ...Object.keys(classes)])];
  const bytesOf = (name: string) => before.classes[name]?.bytes ?? 0;
  names.sort((a, b) => bytesOf(b) - bytesOf(a));
  return names.map((name) => [name, tally(before.classes[name]), tally(classes[name])]);
}

/** Where the objects came from and who used them. */
export function reuseTable(reuse: ReuseReport): string[] {
  return columns([reuseHead, ...reuseRows(reuse)]);
}

export const reuseHead = ['', 'objects', 'bytes'] as const;

export function reuseRows(reuse: ReuseReport): string[][] {
  return [
    tallyRow('restored, used by the job', reuse.restoredUsed),
    tallyRow('restored, used by the warm alone', reuse.restoredWarmed),
    tallyRow('restored, used by nobody', reuse.restoredUnused),
    tallyRow('made by main, used by the job', reuse.warmedUsed),
    tallyRow('made by main, never used by the job', reuse.warmedUnused),
    tallyRow('made by the job itself', reuse.made),
    tallyRow('of these compiled packages', reuse.compiled),
  ];
}

export function tallyRow(name: string, { objects, bytes }: TallyReport): string[] {
  return [name, String(objects), size(bytes)];
}

/** Rows with their cells below each other; the first column is for names, the others for figures. */
export function columns(
  rows: readonly (readonly string[])[],
  pad: 'padStart' | 'padEnd' = 'padStart',
): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  const cell = (text: string, at: number) => text[at === 0 ? 'padEnd' : pad](widths[at] ?? 0);
  return rows.map((row) => row.map(cell).join('  ').trimEnd());
}

export function tally(of: TallyReport | undefined): string {
  return of === undefined ? '0 B' : `${size(of.bytes)} in ${of.objects}`;
}
