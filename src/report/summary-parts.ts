import { classPie, sizeLine } from './charts.ts';
import {
  helpersLine,
  missedLine,
  objects,
  packages,
  quotaLine,
  saveLine,
  seconds,
  size,
  supersedeLine,
} from './lines.ts';
import { code, folded, markdownTable, plain } from './markdown.ts';
import type { Report } from './report.ts';
import { classRows, reuseHead, reuseRows, setHead, tally, tallyRow } from './tables.ts';
import { hintLine } from './verdict.ts';

/** The parts of the job summary: each a folded block, or none where there is nothing to say. */

const mostRows = 50;

export function warmPart({ warm: { passes, seconds: took } }: Report): string[] {
  if (passes.length === 0) return [];
  const rows = passes.map((pass) => [
    code(pass.command.join(' ')),
    pass.kind,
    packages(pass.packages),
    seconds(pass.seconds),
  ]);
  const title = `Warm: ${passes.length} ${passes.length === 1 ? 'command' : 'commands'}, ${seconds(took)}`;
  return [folded(title, cutTable(['command', 'pass', 'packages', 'took'], rows))];
}

export function reusePart({ reuse, sweep }: Report): string[] {
  if (reuse === null) return [];
  const swept = { objects: sweep.droppedObjects, bytes: sweep.droppedBytes };
  const table = markdownTable(reuseHead, [...reuseRows(reuse), tallyRow('swept', swept)]);
  const missed = reuse.compiled.objects === 0 ? [] : [plain(missedLine(reuse))];
  return [folded('What was reused, and what was swept', [table, ...missed].join('\n\n'))];
}

export function setPart({ set }: Report): string[] {
  if (set === null) return [];
  const { before, executables, notStored } = set;
  const classes = classRows(set).map(([name = '', ...cells]) => [plain(name), ...cells]);
  const table = markdownTable(setHead, [['total', tally(before), tally(set)], ...classes]);
  const whose = `of go run or go tool${notStored.objects > 0 ? ', not stored' : ''}`;
  const rows = executables.map(({ name, bytes, package: from, tool }) => [
    code(name),
    size(bytes),
    from === null ? '' : code(from),
    tool ? "Go's own" : whose,
  ]);
  const listed = rows.length === 0 ? [] : [cutTable(['executable', 'size', 'package', 'whose'], rows)];
  const hint = hintLine(executables);
  const pie = classPie(set);
  const body = [
    table,
    ...listed,
    ...(hint === undefined ? [] : [plain(hint)]),
    ...(pie === undefined ? [] : [pie]),
  ];
  return [folded(`The set by class: ${objects(set.objects, set.bytes)}`, body.join('\n\n'))];
}

export function helpersPart({ helpers }: Report): string[] {
  if (helpers === null) return [];
  const rows = helpers.programs.map(({ name, package: from, bytes, built }) => [
    code(name),
    code(from),
    size(bytes),
    built ? 'linked' : 'not linked again',
  ]);
  const saved = helpers.save === null ? [] : [plain(saveLine(helpers.save, 'The helpers'))];
  const title = `Helpers: ${helpers.programs.length} on PATH`;
  const table = cutTable(['program', 'package', 'size', ''], rows);
  return [folded(title, [plain(helpersLine(helpers)), table, ...saved].join('\n\n'))];
}

/** The history, and its chart. */
export function sizesPart({ history }: Report): string[] {
  const line = sizeLine(history);
  if (line === undefined) return [];
  const rows = history.map((one, at) => [
    String(at + 1),
    plain(one.time.slice(0, 16).replace('T', ' ')),
    code(one.commit.slice(0, 12)),
    size(one.rawBytes),
    size(one.storedBytes),
    String(one.compiledPackages),
    ...[one.restoreSeconds, one.warmSeconds, one.saveSeconds].map(seconds),
  ]);
  const head = ['save', 'time', 'commit', 'set', 'stored', 'compiled', 'restore', 'warm', 'packing'];
  return [folded('The last saves', [line, cutTable(head, rows)].join('\n\n'))];
}

export function entriesPart({ save, supersede, quota }: Report): string[] {
  const lines = [saveLine(save, 'The set'), supersedeLine(supersede), quotaLine(quota)];
  return [folded('Entries and quota', lines.map((line) => `- ${plain(line)}`).join('\n'))];
}

export function keyPart({ restore, ingredients }: Report): string[] {
  if (ingredients.length === 0) return [];
  const rows = ingredients.map(({ name, value }) => [plain(name), code(value.slice(0, longestValue))]);
  const matched = restore.matchedKey === null ? [] : [['restored', code(restore.matchedKey)]];
  const base = restore.baseKey === null ? [] : [['its base', code(restore.baseKey)]];
  const keys = [['primary key', code(restore.primaryKey)], ...matched, ...base];
  return [folded('The key, and what it is made of', cutTable(['', 'value'], [...keys, ...rows]))];
}

const longestValue = 2000;

/** A table of at most `mostRows` rows, and how many more there are. */
function cutTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const more = rows.length - mostRows;
  const table = markdownTable(head, rows.slice(0, mostRows));
  return more > 0 ? `${table}\n\nand ${more} more` : table;
}
