import type {
  BudgetReport,
  HelpersReport,
  MissedReport,
  QuotaReport,
  RestoreReport,
  ReuseReport,
  SaveReport,
  SetReport,
  SupersedeReport,
  SweepReport,
  WarmReport,
} from './report.ts';

/** The log's lines, each a pure function of a part of the report. */

export function restoreLine(restore: RestoreReport): string {
  const { reason } = restore;
  const took = `${seconds(restore.seconds)}`;
  const key = restore.matchedKey ?? restore.primaryKey;
  // Of the newest set there was the top without the base that it lies on.
  const alone = reason === null ? '' : `; of the newest ${reason}`;
  const lines: Record<RestoreReport['outcome'], string> = {
    exact: `Restored ${objects(restore.objects, restore.bytes)} in ${took}, an exact set: ${key}`,
    partial: `Restored ${objects(restore.objects, restore.bytes)} in ${took}, from an earlier state: ${key}${alone}`,
    miss: `No set to restore for ${key} (${took})${alone}`,
    failed: `The set was not restored, the job goes on without: ${reason ?? 'no reason is known'} (${took})`,
    disabled: `No set is restored: ${reason ?? 'no reason is known'}`,
  };
  return lines[restore.outcome];
}

/** `Pre-warm: 27.4 s (cover 21 packages 24.1 s, plain 2 packages 3.3 s)`; where it was not, with the reason. */
export function warmLine(warm: WarmReport): string {
  const kinds = (['cover', 'plain', 'command'] as const).flatMap((kind) => {
    const own = warm.passes.filter((pass) => pass.kind === kind);
    if (own.length === 0) return [];
    return [
      `${kind} ${packages(sum(own.map((pass) => pass.packages)))} ${seconds(sum(own.map((pass) => pass.seconds)))}`,
    ];
  });
  const notes = warm.outcome === 'warmed' ? kinds : [...kinds, `${warm.outcome}: ${warm.reason ?? ''}`];
  return `Pre-warm: ${seconds(warm.seconds)} (${notes.join(', ')})`;
}

/** `Helpers: 4 programs in <directory>, 1 of them linked (restored in 0.4 s, built in 2.1 s)`. */
export function helpersLine(helpers: HelpersReport): string {
  const { outcome, reason, programs, directory } = helpers;
  const linked = programs.filter(({ built }) => built).length;
  const count = `${programs.length} ${programs.length === 1 ? 'program' : 'programs'}`;
  const restored: Record<HelpersReport['outcome'], string> = {
    exact: `restored in ${seconds(helpers.restoreSeconds)}`,
    partial: `an earlier state restored in ${seconds(helpers.restoreSeconds)}`,
    miss: 'nothing to restore',
    failed: `not restored: ${reason}`,
    disabled: 'nothing is kept',
  };
  const built = helpers.buildSeconds > 0 ? `, go build ${seconds(helpers.buildSeconds)}` : '';
  return `Helpers: ${count} in ${directory}, ${linked} of them linked (${restored[outcome]}${built})`;
}

/** What `keep-executables: false` leaves out. */
export function notStoredLine({ executables, notStored }: SetReport): string {
  const names = executables.flatMap(({ name, tool }) => (tool ? [] : [name]));
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
  const what = `${names.slice(0, shownNames).join(', ')}${more} (${size(notStored.bytes)})`;
  return `Not stored, since go run or go tool linked it: ${what}. The input helpers builds such programs once`;
}

export function totalLine(totalSeconds: number): string {
  return `Total time: ${seconds(totalSeconds)}`;
}

export function sweepLine(sweep: SweepReport): string {
  const dropped = objects(sweep.droppedObjects, sweep.droppedBytes);
  return `Swept ${dropped} that nobody used; ${objects(sweep.keptObjects, sweep.keptBytes)} live`;
}

export function saveLine(save: SaveReport, what: string): string {
  const base = save.base === null ? '' : `, with a new base since ${save.base.reason}`;
  const lines: Record<SaveReport['outcome'], string> = {
    saved: `${what} saved${save.bytes === null ? '' : `, ${size(save.bytes)}`} in ${seconds(save.seconds)}${base}: ${save.key}`,
    skipped: `${what} not saved: ${save.reason}`,
    failed: `${what} could not be saved: ${save.reason}`,
  };
  return lines[save.outcome];
}

/** Why something is not saved: it is larger than what `max-size` has left. Part of a sentence. */
export function overLine(
  { bytes, estimated }: { readonly bytes: number; readonly estimated: boolean },
  { limitBytes, takenBytes }: Pick<BudgetReport, 'limitBytes' | 'takenBytes'>,
  what: string,
): string {
  const others = takenBytes ? ` and other entries of this action on this ref take ${size(takenBytes)}` : '';
  if (takenBytes !== null && takenBytes >= limitBytes) return `max-size is ${size(limitBytes)}${others}`;
  const takes = `${what} takes ${estimated ? 'about ' : ''}${size(bytes)}`;
  return `max-size is ${size(limitBytes)}${others}, ${takes}`;
}

/** Objects that a killed go command has left half written: a set with them would be refused. */
export function brokenLine(names: readonly string[]): string {
  const [first = '', ...others] = names;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return `Not saved, since they are not what their names say (a go command that was killed?): ${first}${more}`;
}

export function uncountedLine(reason: string): string {
  return `max-size counts no other entries of this action: ${reason}`;
}

/** What jobs that saved at once, or entries that cannot be deleted, have made of the limit. */
export function overLimitLine({ bytes }: { readonly bytes: number }, limitBytes: number): string {
  return `The entries of this action on this ref take ${size(bytes)}, more than max-size (${size(limitBytes)}): delete some, or raise it`;
}

/** What a set is saved without, so that it fits. */
export function leftOutLine({ limitBytes, leftOut }: BudgetReport): string {
  const what = objects(leftOut.objects, leftOut.bytes);
  return `Left out to keep within max-size (${size(limitBytes)}): ${what}, of ${leftOut.classes.join(', ')}`;
}

/** What became of the entries that a save replaces. */
export function supersedeLine({ outcome, reason, deleted, bytes }: SupersedeReport): string {
  const what = deleted.length === 0 ? 'no older entry' : `${entries(deleted.length)} (${size(bytes)})`;
  if (outcome === 'done') return `Superseded ${what}`;
  const some = deleted.length === 0 ? '' : ` beyond ${what}`;
  const advice = outcome === 'denied' ? `. ${permissionAdvice}` : '';
  return `Older entries not deleted${some}: ${reason}${advice}`;
}

const permissionAdvice =
  'The token lacks the permission actions: write. Give it to the job: permissions: { contents: read, actions: write }';

/** What the repository's cache holds; from 90 % of the limit with what takes most. */
export function quotaLine(quota: QuotaReport): string {
  const { outcome, reason, bytes, own, limitBytes, limitRead, largest } = quota;
  if (outcome !== 'read') return `The repository's cache was not measured: ${reason}`;
  const limit = `${size(limitBytes)}${limitRead ? '' : ", GitHub's default"}`;
  const percent = `${Math.round((bytes / limitBytes) * 100)} %`;
  const line = `The repository's cache holds ${size(bytes)} in ${entries(quota.entries)}, ${percent} of the limit (${limit})`;
  const share = `${size(own.bytes)} in ${entries(own.entries)} of it are of this action`;
  if (!isNearLimit(quota)) return `${line}; ${share}`;
  const groups = largest.map((of) => `${of.prefix} (${size(of.bytes)} in ${entries(of.entries)})`);
  return `${line}; GitHub removes there what was not used longest. ${share}. Most take: ${groups.join(', ')}`;
}

/** From 90 % on: the next saves may push out what other jobs restore. */
export function isNearLimit({ outcome, bytes, limitBytes }: QuotaReport): boolean {
  return outcome === 'read' && bytes >= 0.9 * limitBytes;
}

function entries(count: number): string {
  return `${count} ${count === 1 ? 'entry' : 'entries'}`;
}

/** What the warm missed, with the likely reasons. */
export function missedLine({ compiled, missed, reasons, traced }: ReuseReport): string {
  const seconds = traced ? `, ${sum(missed.map((one) => one.seconds ?? 0)).toFixed(1)} CPU seconds` : '';
  const what = `The job compiled ${packages(compiled.objects)} after the warm (${size(compiled.bytes)}${seconds})`;
  return withReasons(`${what}${named(missed)}`, reasons);
}

/** What the warm made or looked up for nobody, with the likely reasons. */
export function wasteLine({ wasted, compiled, reasons }: ReuseReport): string {
  const what = `The job did not use ${packages(wasted.objects)} of the warm (${size(wasted.bytes)})`;
  const why =
    compiled.objects === 0 ? ['It may run less than the inputs name, or in another shape.'] : reasons;
  return withReasons(what, why);
}

function withReasons(what: string, reasons: readonly string[]): string {
  return reasons.length === 0 ? what : `${what}. ${reasons.join(' ')}`;
}

/** `: a, b, c and 4 more`; nothing where no name is known. */
function named(missed: readonly MissedReport[]): string {
  const names = [...new Set(missed.map((one) => one.package))];
  if (names.length === 0) return '';
  const more = names.length > shownNames ? ` and ${names.length - shownNames} more` : '';
  return `: ${names.slice(0, shownNames).join(', ')}${more}`;
}

const shownNames = 10;

export function packages(count: number): string {
  return `${count} ${count === 1 ? 'package' : 'packages'}`;
}

export function objects(count: number, bytes: number): string {
  return `${count} ${count === 1 ? 'object' : 'objects'} (${size(bytes)})`;
}

/** Bytes as a person reads them, in powers of ten: `986.1 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  // What rounds up to 1000.0 belongs to the next unit: hence 999.95.
  let power = 1;
  while (bytes / 1000 ** power >= 999.95 && power < units.length) power += 1;
  return `${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]}`;
}

export function seconds(value: number): string {
  return `${value.toFixed(1)} s`;
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
