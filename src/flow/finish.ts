import type { SetState, State } from '../config/state.ts';
import { isDiskFault, messageOf } from '../errors.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import { sweep } from '../gocache/sweep.ts';
import type { Console } from '../report/console.ts';
import { writeReport } from '../report/file.ts';
import { brokenLine, saveLine, sweepLine } from '../report/lines.ts';
import type { Report, SaveReport, SweepReport } from '../report/report.ts';
import { CacheStore } from '../store/cache.ts';
import { EntryList } from '../store/entry-list.ts';
import { auditSet, storable } from './audit.ts';
import { discardAside } from './base.ts';
import { noneBeside, type Saving, saveBeside } from './beside.ts';
import { type Budget, readBudget, roomFor } from './budget.ts';
import { type Look, look } from './look.ts';
import { mainsReport } from './mains-report.ts';
import { readPast } from './past.ts';
import { type FinishPlan, planFinish } from './plan.ts';
import { recordOf } from './record.ts';
import { tellReuse } from './reuse.ts';
import { type SavedSet, type SetToSave, saveSet } from './save.ts';
import { savedEntries, setEntry } from './saved.ts';
import { sayMissed, saySave, saySummary, sayTables } from './say.ts';
import { tidy, untidied } from './tidy.ts';

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
  // Main has failed or was killed, maybe before it took its snapshot: nothing is known of what is used.
  const known = state.warm !== 'failed';
  const store = new CacheStore(state.work, options.env);
  if (known && state.policy.allowed && state.restore !== 'exact') store.start(2); // For both look-ups of a save; one then uploads.
  const list = options.token === '' ? undefined : new EntryList(options.env, options.token);
  let asked: Promise<Budget | undefined> | undefined;
  const saving: Saving = {
    store,
    budget: () => {
      asked ??= readBudget(state, { list, console });
      return asked;
    },
    console,
  };
  const done = known
    ? await finishSet(state, report, { ...options, ...saving })
    : { save: notSaved('skipped', 'the warm did not succeed') };
  const completed = { ...report, ...done };
  // Before what may take minutes: a runner that is stopped then has a report.
  keepReport(state, completed, console);
  saySave(console, completed);
  const beside = known ? await saveBeside(state, completed.save, saving) : noneBeside;
  const helpers = report.helpers && { ...report.helpers, save: beside.helpers };
  const saved = savedEntries(state, { set: completed.save, ...beside });
  const whole = { ...completed, helpers, ...(await tidy(saved, state, { list, console })) };
  keepReport(state, whole, console);
  await saySummary(console, whole, state);
  sayMissed(state, completed, options);
}

/** A full disk costs the report, and nothing that comes after it. */
function keepReport({ report: path }: State, report: Report, console: Console): void {
  try {
    writeReport(path, report);
  } catch (error) {
    if (!isDiskFault(error)) throw error;
    console.warning(`the report is not complete: ${messageOf(error)}`);
  }
}

type FinishedSet = Pick<Report, 'reuse' | 'set' | 'sweep' | 'save' | 'budget' | 'history'>;

async function finishSet(
  state: SetState,
  report: Report,
  { jobStatus, uid, console, store, budget }: FinishOptions & Saving,
): Promise<FinishedSet> {
  const { warm, restore, policy } = state;
  try {
    const seen = look(state, uid);
    const isSettled = jobStatus === 'success';
    const plan = planFinish({ ...seen.facts, restore, warm, policy, jobFailed: !isSettled });
    const reuse = orNull(() => tellReuse(seen, state), console);
    const kept = plan.sweep ? seen.own.filter((_, at) => seen.uses[at] !== 'none') : seen.own;
    const set = orNull(() => auditSet(state, seen, kept), console);
    const dead = plan.sweep ? seen.own.filter((_, at) => seen.uses[at] === 'none') : [];
    await sayTables(console, { reuse, set });
    const objects = storable([...kept, ...seen.lent], seen.classes, state.keepExecutables);
    const saving = { store, budget, console };
    // What is swept is what a new set is told by, as the difference: so it goes last.
    const { broken, ...saved } = await save(plan, { objects, dead, isSettled, seen, report }, state, saving);
    const swept = sweepDead(dead, kept, state);
    if (plan.sweep) console.info(sweepLine(swept));
    if (broken.length > 0) console.info(brokenLine(broken));
    return { reuse, set, sweep: swept, ...saved };
  } catch (error) {
    const { history } = readPast(state.work);
    return { ...report, history, save: notSaved('failed', messageOf(error)) };
  } finally {
    discardAside(state.work);
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

function sweepDead(
  dead: readonly GocacheObject[],
  kept: readonly GocacheObject[],
  { gocache }: SetState,
): SweepReport {
  const dropped = dead.length === 0 ? { objects: 0, bytes: 0 } : sweep(gocache, dead);
  const keptBytes = kept.reduce((sum, object) => sum + object.bytes, 0);
  const gone = { droppedObjects: dropped.objects, droppedBytes: dropped.bytes };
  return { ...gone, keptObjects: kept.length, keptBytes };
}

async function save(
  plan: FinishPlan,
  {
    objects,
    dead,
    isSettled,
    seen,
    report,
  }: Pick<SetToSave, 'objects' | 'dead' | 'isSettled'> & { readonly seen: Look; readonly report: Report },
  state: SetState,
  { store, budget, console }: Saving,
): Promise<SavedSet> {
  const { history } = readPast(state.work);
  if (plan.save.kind === 'skip')
    return { save: notSaved('skipped', plan.save.reason), budget: null, history, broken: [] };
  const { content } = plan.save;
  const room = async (key: string) => {
    const allowed = await budget();
    return allowed && roomFor(allowed, setEntry(state, key));
  };
  const record = recordOf(report, seen, { history, commit: state.commit });
  return saveSet({ objects, dead, isSettled, classes: seen.classes, content, history, record, room }, state, {
    store,
    console,
  });
}

export function notSaved(outcome: 'skipped' | 'failed', reason: string): SaveReport {
  return { outcome, reason, key: null, bytes: null, base: null, seconds: 0 };
}
