import type { RunContext } from '../config/context.ts';
import type { Inputs } from '../config/inputs.ts';
import { exportVariable } from '../config/runner.ts';
import { setupGoCaches } from '../config/setup-go.ts';
import type { SetState, State } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import { canTrace, startTrace, withoutTrace } from '../go/trace.ts';
import { backdate, hasMark, markSecond, secondMark } from '../gocache/backdate.ts';
import { partition, readOutputOf } from '../gocache/sweep.ts';
import type { Console } from '../report/console.ts';
import { writeReport } from '../report/file.ts';
import { restoreLine } from '../report/lines.ts';
import { notYet, type Report, type WarmReport } from '../report/report.ts';
import { CacheStore } from '../store/cache.ts';
import { writeBase } from './base.ts';
import { type Discovered, discover } from './discover.ts';
import { endingOf } from './ending.ts';
import type { PlacedHelpers } from './helper-files.ts';
import { helpersAlone, type Provided, placeHelpers, provideHelpers } from './helpers.ts';
import { type NotOpened, names, type Opened, open, ownObjects } from './open.ts';
import { writePast } from './past.ts';
import { type RestoredSet, restoreSet } from './restore.ts';
import { traceDirectory } from './reuse.ts';
import { writeSnapshot } from './snapshot.ts';
import { type Done, tell } from './tell.ts';
import { type Use, useOf } from './use.ts';
import { warmUp } from './warm-up.ts';
import { warmedShape, writeWarmed } from './warmed.ts';

/** What the flow works in: nothing of it is read from `process`. */
export interface Surroundings {
  readonly context: RunContext;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** How many go commands of our own may run at once. */
  readonly processors: number;
  readonly console: Console;
  /** Milliseconds since the process started. */
  readonly elapsed: () => number;
  /** Keeps the state for who ends the job's use; the last one counts. */
  readonly remember: (state: State) => void;
}

/**
 * Main's story: restore the set, warm what the job will compile, and remember what post needs.
 *
 * @throws UserError for the user's mistakes, a failed warm among them; the report is written all the same
 */
export async function prepare(inputs: Inputs, given: Surroundings): Promise<void> {
  const surroundings = { ...given, env: ownEnvironment(given.env) };
  const { context, env, console, remember } = surroundings;
  const store = new CacheStore(useOf(inputs.name, context).work, env, inputs.restoreTimeout);
  store.start(2); // For a look-up, then for both layers of the set.
  const opened = await open(inputs, surroundings);
  if ('disabled' in opened) {
    store.end();
    return leaveAlone(inputs, opened, surroundings);
  }
  const { use, gocache } = opened;
  sayAdvice(inputs, surroundings);

  const found = await discover(inputs, { opened, surroundings, store });
  const { surveyed, keys, modules } = found;
  await sayKey(console, found);

  const ending = endingOf(inputs, context);
  const [restored, placed] = await Promise.all([
    restoreSet(found.early, {
      store,
      keys,
      gocache,
      console,
      work: use.work,
      maySave: ending.policy.allowed,
    }),
    placeHelpers(found.helpers, store, opened, surroundings),
  ]);
  store.end(); // The warm needs the memory.
  sayRestored(console, restored);
  const known = ownObjects(opened);
  const mark = markSecond(Date.now());
  backdate(gocache, known, mark);

  const remembered: SetState = {
    ...{ schema: 1, kind: 'set', report: use.report, work: use.work, gocache, mark, keys, modules },
    ...{ restore: restored.report.outcome, seenKey: restored.seenKey },
    warm: 'failed', // Until it has not: a main that is killed now leaves nothing to save.
    ...{ trace: false, commit: context.commit, ref: context.ref, name: inputs.name, helpers: null },
    ...ending,
  };
  remember(remembered);
  writePast(use.work, restored.past);
  writeBase(use.work, restored.base);
  const ingredients = found.ingredients.map(([name, value]) => ({ name, value }));
  writeReport(use.report, { ...begun, ingredients, restore: restored.report });

  const exact = restored.report.outcome === 'exact';
  const told = { restore: restored.report, ingredients, gocache, steps: surveyed.steps };
  const provided = await provide(found, placed, { exact, use, surroundings, told });
  const helpers = provided?.report ?? null;
  const live = () => partition(ownObjects(opened), { second: mark, outputOf: readOutputOf(gocache) }).live;
  const helped = provided === null ? [] : live();
  const running = { ...surroundings, run: opened.run, work: use.work };
  const { warm, error } = await warmUp(inputs, surveyed.steps, exact, running);
  const used = live();
  // Marked a second time, so that post can tell what the job itself used.
  backdate(
    gocache,
    used.filter((object) => !hasMark(object, mark)),
    secondMark(mark),
  );
  writeSnapshot(use.work, {
    ...{ others: opened.others, restored: restored.names, known: names(known) },
    ...{ helped: names(helped), live: names(used) },
  });
  writeWarmed(use.work, warmedShape(found.units, surveyed));
  remember({
    ...remembered,
    warm: warm.outcome,
    helpers: provided?.state ?? null,
    trace: inputs.trace && error === undefined && trace(opened, surroundings),
  });

  tell(use, { ...told, warm, helpers }, surroundings);
  if (error === undefined) return;
  if (inputs.onWarmError === 'fail') throw error;
  console.warning(`${error.message}; the job goes on, and nothing will be saved`);
}

/** @throws UserError where a helper is not to be built; the report is written all the same */
async function provide(
  { helpers }: Discovered,
  placed: PlacedHelpers | null,
  given: { exact: boolean; use: Use; surroundings: Surroundings; told: Omit<Done, 'warm' | 'helpers'> },
): Promise<Provided | null> {
  if (helpers === null) return null;
  try {
    return await provideHelpers(helpers, placed, given);
  } catch (error) {
    const warm: WarmReport = { outcome: 'failed', reason: messageOf(error), seconds: 0, passes: [] };
    tell(given.use, { ...given.told, warm, helpers: null }, given.surroundings);
    throw error;
  }
}

/** The job's, without what another use of this action has put there to trace it: that would be another shape. */
function ownEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const goFlags = env['GOFLAGS'];
  return goFlags === undefined ? env : { ...env, GOFLAGS: withoutTrace(goFlags) };
}

/** Has the job's later go commands recorded; whether it could. */
function trace({ use, directories }: Opened, { platform, console }: Surroundings): boolean {
  if (!canTrace(platform)) {
    console.notice('the input trace has no effect on Windows, where there is no shell for its wrapper');
    return false;
  }
  try {
    exportVariable('GOFLAGS', startTrace(traceDirectory(use.work), directories[0]?.goEnv['GOFLAGS'] ?? ''));
    return true;
  } catch (error) {
    console.warning(`the job's go commands are not traced: ${messageOf(error)}`);
    return false;
  }
}

/** The report of a main that is killed in its warm. */
const begun: Omit<Report, 'restore' | 'ingredients'> = {
  ...{ schema: 1, totalSeconds: 0, ...notYet },
  warm: { outcome: 'failed', reason: 'the main step did not end', seconds: 0, passes: [] },
};

/** What is legal and yet not what the user will have meant. */
function sayAdvice({ compile }: Inputs, { context, env, console }: Surroundings): void {
  if (setupGoCaches(context.workspace, env)) console.warning(setupGoAdvice);
  for (const name of compile.kind === 'commands' ? compile.ignored : []) {
    console.notice(`the input ${name} does not count, since test-commands is set: leave one of them out`);
  }
}

const setupGoAdvice =
  "actions/setup-go has its cache on in this job, and would store this action's GOCACHE a second time: " +
  'give it "cache: false"';

async function leaveAlone(inputs: Inputs, opened: NotOpened, surroundings: Surroundings): Promise<void> {
  const { use, disabled: reason } = opened;
  surroundings.console.warning(`gobuild-test does nothing: ${reason}`);
  if (use === undefined) return;
  surroundings.remember({ schema: 1, kind: 'disabled', report: use.report, reason });
  const helpers = await helpersAlone(inputs, { ...opened, use }, surroundings);
  tell(
    use,
    {
      restore: {
        outcome: 'disabled',
        reason,
        primaryKey: '',
        matchedKey: null,
        baseKey: null,
        seconds: 0,
        waitedSeconds: 0,
        objects: 0,
        bytes: 0,
      },
      ingredients: [],
      warm: { outcome: 'skipped', reason, seconds: 0, passes: [] },
      gocache: '',
      ...{ steps: [], helpers },
    },
    surroundings,
  );
}

/** What the patterns did not match, and every ingredient of the key. */
async function sayKey(console: Console, { surveyed, ingredients, keys }: Discovered): Promise<void> {
  for (const note of surveyed.notes) console.info(note);
  await console.group('Key', async () => {
    for (const [name, value] of ingredients) console.info(`${name} = ${value}`);
    console.info(`primary key = ${keys.primary}`);
  });
}

function sayRestored(console: Console, { report }: RestoredSet): void {
  const line = restoreLine(report);
  if (report.outcome === 'failed') console.warning(line);
  else console.info(line);
}
