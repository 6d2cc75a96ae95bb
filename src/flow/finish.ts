import type { SetState, State } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import { partition, readOutputOf, sweep } from '../gocache/sweep.ts';
import type { Console } from '../report/console.ts';
import { readReport, writeReport } from '../report/file.ts';
import { saveLine, sweepLine } from '../report/lines.ts';
import { notYet, type Report, type SaveReport, type SweepReport } from '../report/report.ts';
import { CacheStore } from '../store/cache.ts';
import { look } from './look.ts';
import { saveModules } from './modules.ts';
import { type FinishPlan, planFinish } from './plan.ts';
import { saveSet } from './save.ts';

/** What post works with beside the state. */
export interface FinishOptions {
  /** The runner's word; `success` where it says nothing. */
  readonly jobStatus: string;
  readonly env: NodeJS.ProcessEnv;
  /** Our own user id; undefined on Windows. */
  readonly uid: number | undefined;
  readonly console: Console;
}

/** Post's story: sweep what nobody used, save one set, complete the report. A fault costs the set, never the job. */
export async function finish(state: State, options: FinishOptions): Promise<void> {
  const { console } = options;
  const report = mainsReport(state);
  const completed =
    state.kind === 'disabled'
      ? { ...report, save: notSaved('skipped', state.reason) }
      : { ...report, ...(await finishSet(state, report, options)) };
  writeReport(state.report, completed);
  const line = saveLine(completed.save, 'The set');
  if (completed.save.outcome === 'failed') console.warning(line);
  else console.info(line);
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
): Promise<Pick<Report, 'sweep' | 'save'>> {
  const { warm, restore, policy, modules } = state;
  const store = new CacheStore(state.work, env);
  // Main has failed or was killed, maybe before it took its snapshot: nothing is known of what is used.
  if (warm === 'failed')
    return { sweep: report.sweep, save: notSaved('skipped', 'the warm did not succeed') };
  if (modules !== null && policy.allowed) {
    console.info(saveLine(await saveModules(modules, state.work, store), 'The module cache'));
  }
  try {
    const seen = look(state, uid);
    const plan = planFinish({ ...seen.facts, restore, warm, policy, jobFailed: jobStatus !== 'success' });
    const { kept, swept } = plan.sweep
      ? sweepDead(seen.own, state)
      : { kept: seen.own, swept: tally(seen.own) };
    if (plan.sweep) console.info(sweepLine(swept));
    return { sweep: swept, save: await save(plan, [...kept, ...seen.lent], state, store) };
  } catch (error) {
    return { sweep: report.sweep, save: notSaved('failed', messageOf(error)) };
  }
}

function sweepDead(own: readonly GocacheObject[], { gocache, mark }: SetState) {
  const { live, dead } = partition(own, { second: mark, outputOf: readOutputOf(gocache) });
  const dropped = sweep(gocache, dead);
  const swept = { ...tally(live), droppedObjects: dropped.objects, droppedBytes: dropped.bytes };
  return { kept: live, swept };
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
