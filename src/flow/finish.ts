import type { SetState, State } from '../config/state.ts';
import { messageOf, UserError } from '../errors.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import { sweep } from '../gocache/sweep.ts';
import type { Console } from '../report/console.ts';
import { readReport, writeReport } from '../report/file.ts';
import { missedLine, saveLine, sweepLine, wasteLine } from '../report/lines.ts';
import { notYet, type Report, type SaveReport, type SweepReport } from '../report/report.ts';
import { reuseTable, setTable } from '../report/tables.ts';
import { CacheStore } from '../store/cache.ts';
import { auditSet } from './audit.ts';
import { type Look, look } from './look.ts';
import { saveModules } from './modules.ts';
import { type FinishPlan, planFinish } from './plan.ts';
import { tellReuse } from './reuse.ts';
import { saveSet } from './save.ts';
import { savedEntries, tidy, untidied } from './tidy.ts';

/** What post works with beside the state. */
export interface FinishOptions {
  /** The runner's word; `success` where it says nothing. */
  readonly jobStatus: string;
  /** For GitHub's REST API; '' where the runner gives none. Nothing here writes it anywhere. */
  readonly token: string;
  readonly env: NodeJS.ProcessEnv;
  /** Our own user id; undefined on Windows. */
  readonly uid: number | undefined;
  readonly console: Console;
}

/** Post's story: sweep what nobody used, save one set, complete the report. A fault costs the set, never the job. */
export async function finish(state: State, options: FinishOptions): Promise<void> {
  const { console } = options;
  const report = mainsReport(state);
  if (state.kind === 'disabled') {
    const save = notSaved('skipped', state.reason);
    writeReport(state.report, { ...report, save, ...untidied(state.reason) });
    console.info(saveLine(save, 'The set'));
    return;
  }
  const { modules, ...done } = await finishSet(state, report, options);
  const completed = { ...report, ...done };
  // Before the list of entries is asked for, which may take a minute: a runner that is stopped then has a report.
  writeReport(state.report, completed);
  const line = saveLine(completed.save, 'The set');
  if (completed.save.outcome === 'failed') console.warning(line);
  else console.info(line);
  const saved = savedEntries(state, { set: completed.save, modules });
  writeReport(state.report, { ...completed, ...(await tidy(saved, state, options)) });
  sayMissed(state, completed, options);
}

/** What main wrote; where the job has removed it, as much of it as the state tells. */
function mainsReport(state: State): Report {
  try {
    return readReport(state.report);
  } catch {
    const set = state.kind === 'set' ? state : undefined;
    const matched = set?.restore === 'exact' || set?.restore === 'partial';
    return {
      schema: 1,
      restore: {
        outcome: set?.restore ?? 'disabled',
        primaryKey: set?.keys.primary ?? '',
        matchedKey: matched ? (set?.seenKey ?? null) : null,
        seconds: 0,
        waitedSeconds: 0,
        objects: 0,
        bytes: 0,
      },
      totalSeconds: 0,
      warm: { outcome: set?.warm ?? 'skipped', reason: 'the report of main is gone', seconds: 0, passes: [] },
      ...notYet,
    };
  }
}

async function finishSet(
  state: SetState,
  report: Report,
  { jobStatus, env, uid, console }: FinishOptions,
): Promise<Pick<Report, 'reuse' | 'set' | 'sweep' | 'save'> & { readonly modules: SaveReport | null }> {
  const { warm, restore, policy } = state;
  const store = new CacheStore(state.work, env);
  // Main has failed or was killed, maybe before it took its snapshot: nothing is known of what is used.
  if (warm === 'failed')
    return { ...report, save: notSaved('skipped', 'the warm did not succeed'), modules: null };
  const modules =
    state.modules !== null && policy.allowed ? await saveModules(state.modules, state.work, store) : null;
  if (modules !== null) console.info(saveLine(modules, 'The module cache'));
  try {
    const seen = look(state, uid);
    const plan = planFinish({ ...seen.facts, restore, warm, policy, jobFailed: jobStatus !== 'success' });
    const reuse = orNull(() => tellReuse(seen, state), console);
    const kept = plan.sweep ? seen.own.filter((_, at) => seen.uses[at] !== 'none') : seen.own;
    const set = orNull(() => auditSet(state.gocache, seen, kept), console);
    const swept = plan.sweep ? sweepDead(seen, kept, state) : tally(kept);
    await sayTables(console, { reuse, set });
    if (plan.sweep) console.info(sweepLine(swept));
    const saved = await save(plan, [...kept, ...seen.lent], state, store);
    return { reuse, set, sweep: swept, save: saved, modules };
  } catch (error) {
    return { ...report, save: notSaved('failed', messageOf(error)), modules };
  }
}

/** What is told costs no more than itself where it cannot be told. */
function orNull<T>(tell: () => T, console: Console): T | null {
  try {
    return tell();
  } catch (error) {
    console.warning(`the report lacks a part: ${messageOf(error)}`);
    return null;
  }
}

function sweepDead({ own, uses }: Look, kept: readonly GocacheObject[], { gocache }: SetState): SweepReport {
  const dropped = sweep(
    gocache,
    own.filter((_, at) => uses[at] === 'none'),
  );
  return { ...tally(kept), droppedObjects: dropped.objects, droppedBytes: dropped.bytes };
}

async function sayTables(console: Console, { reuse, set }: Pick<Report, 'reuse' | 'set'>): Promise<void> {
  const say = (title: string, lines: readonly string[]) =>
    console.group(title, async () => {
      for (const line of lines) console.info(line);
    });
  if (reuse !== null) await say('Reuse', reuseTable(reuse));
  if (set !== null) await say('Set', setTable(set));
}

/**
 * Says what the warm missed, and, where the whole job has run, what it did for nobody. Only where there was a warm, or
 * a set that should have done instead.
 *
 * @throws UserError where something was missed and `on-miss` is `fail`
 */
function sayMissed(
  { warm, restore, onMiss }: SetState,
  { reuse }: Report,
  { jobStatus, console }: FinishOptions,
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

function tally(kept: readonly GocacheObject[]): SweepReport {
  const keptBytes = kept.reduce((sum, object) => sum + object.bytes, 0);
  return { droppedObjects: 0, droppedBytes: 0, keptObjects: kept.length, keptBytes };
}

async function save(
  plan: FinishPlan,
  kept: readonly GocacheObject[],
  state: SetState,
  store: CacheStore,
): Promise<SaveReport> {
  if (plan.save.kind === 'skip') return notSaved('skipped', plan.save.reason);
  return saveSet(kept, plan.save.content, state, store);
}

function notSaved(outcome: 'skipped' | 'failed', reason: string): SaveReport {
  return { outcome, reason, key: null, bytes: null, seconds: 0 };
}
