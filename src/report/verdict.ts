import { packages, seconds, size } from './lines.ts';
import type { Report, SetReport } from './report.ts';

/** What the action did, in one line: `restored 986.1 MB in 3.1 s, warmed in 4.2 s, 0 packages compiled again, saved 11.0 MB`. */
export function verdict({ restore, warm, reuse, save }: Report): string {
  const hit = restore.outcome === 'exact' || restore.outcome === 'partial';
  const warmed = {
    warmed: `warmed in ${seconds(warm.seconds)}`,
    skipped: 'no warm',
    failed: 'the warm failed',
  }[warm.outcome];
  return [
    hit ? `restored ${size(restore.bytes)} in ${seconds(restore.seconds)}` : 'restored nothing',
    warmed,
    ...(reuse === null ? [] : [`${packages(reuse.compiled.objects)} compiled again`]),
    save.outcome === 'saved' && save.bytes !== null ? `saved ${size(save.bytes)}` : 'saved nothing',
  ].join(', ');
}

/** Seconds that the cache costs a run, and what it spares. */
export interface Worth {
  /** Restore, warm and save of this run; helpers are part of the warm. */
  readonly spent: number;
  /** What the warm of a run without any set costs, by the history. */
  readonly cold: number;
}

/** Undefined where no set was restored, or no cold run is known: then there is nothing to compare. */
export function worthOf({ restore, warm, save, history, helpers }: Report): Worth | undefined {
  const cold = history[0]?.coldWarmSeconds ?? null;
  if ((restore.outcome !== 'exact' && restore.outcome !== 'partial') || cold === null) return undefined;
  // A run that is neither warmed nor exact compiles in the job's own steps, which nobody has timed.
  if (warm.outcome === 'failed' || (warm.outcome === 'skipped' && restore.outcome === 'partial'))
    return undefined;
  const saving = save.outcome === 'saved' ? save.seconds : 0;
  return { spent: restore.seconds + (helpers?.buildSeconds ?? 0) + warm.seconds + saving, cold };
}

/** Whether the cache is worth its time here, and what to do where it is not. */
export function worthLine({ spent, cold }: Worth): string {
  const compared = `this run spent ${seconds(spent)} on restore, warm and save; compiling all of it took ${seconds(cold)}`;
  if (spent < cold) return `The cache is worth it: ${compared}.`;
  return (
    `The cache loses: ${compared}. Where that stays so, leave this action out of the workflow: ` +
    'Go compiles the packages faster than they are restored.'
  );
}

/** What to do about executables that `go run` and `go tool` have left in the set; undefined where there are none. */
export function hintLine(executables: SetReport['executables']): string | undefined {
  const linked = executables.filter(({ tool }) => !tool);
  if (linked.length === 0) return undefined;
  const bytes = linked.reduce((sum, one) => sum + one.bytes, 0);
  const names = linked.flatMap(({ package: from, name }) => from ?? name).slice(0, 5);
  return (
    `${linked.length === 1 ? 'An executable' : `${linked.length} executables`} of go run and go tool (${size(bytes)}): ` +
    `name such programs in the input helpers, which builds each once: ${names.join(', ')}`
  );
}
