import type { SetState } from '../config/state.ts';
import { messageOf, UserError } from '../errors.ts';
import type { Console } from '../report/console.ts';
import { leftOutLine, missedLine, notStoredLine, saveLine, wasteLine } from '../report/lines.ts';
import type { Report } from '../report/report.ts';
import { isChange, summary } from '../report/summary.ts';
import { reuseTable, setTable } from '../report/tables.ts';

/** What post says of its work, from the report. */

export async function sayTables(
  console: Console,
  { reuse, set }: Pick<Report, 'reuse' | 'set'>,
): Promise<void> {
  const say = (title: string, lines: readonly string[]) =>
    console.group(title, async () => {
      for (const line of lines) console.info(line);
    });
  if (reuse !== null) await say('Reuse', reuseTable(reuse));
  if (set !== null) await say('Set', setTable(set));
  if (set !== null && set.notStored.objects > 0) console.info(notStoredLine(set));
}

/** A set that could not be saved, or has no room, is a warning: the next run begins with an older one. */
export function saySave(console: Console, { save, budget }: Report): void {
  if (budget?.fits === true && budget.leftOut.objects > 0) console.info(leftOutLine(budget));
  const line = saveLine(save, 'The set');
  if (save.outcome === 'failed' || budget?.fits === false) console.warning(line);
  else console.info(line);
}

/**
 * Says what the warm missed, and, where the whole job has run, what it did for nobody. Only where there was a warm, or
 * a set that should have done instead.
 *
 * @throws UserError where something was missed and `on-miss` is `fail`
 */
export function sayMissed(
  { warm, restore, onMiss }: SetState,
  { reuse }: Report,
  { jobStatus, console }: { readonly jobStatus: string; readonly console: Console },
): void {
  if (reuse === null || (warm !== 'warmed' && restore !== 'exact')) return;
  const ran = reuse.restoredUsed.objects + reuse.warmedUsed.objects + reuse.made.objects > 0;
  if (reuse.wasted.objects > 0 && ran && jobStatus === 'success') console.info(wasteLine(reuse));
  if (reuse.compiled.objects === 0) return;
  const line = missedLine(reuse);
  if (onMiss === 'fail') throw new UserError(`${line} (on-miss: fail)`);
  if (onMiss === 'warn') console.warning(line);
  else console.notice(line);
}

/** Writes the job summary, where the user wants one of such a run. What it cannot write costs itself alone. */
export async function saySummary(
  console: Console,
  report: Report,
  { summary: when, name }: SetState,
): Promise<void> {
  if (when === 'false' || (when === 'on-change' && !isChange(report))) return;
  try {
    await console.summary(summary(report, name));
  } catch (error) {
    console.info(`No job summary: ${messageOf(error)}`);
  }
}
