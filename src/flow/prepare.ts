import type { RunContext } from '../config/context.ts';
import type { Inputs } from '../config/inputs.ts';
import { saveState } from '../config/runner.ts';
import { setupGoCaches } from '../config/setup-go.ts';
import type { SetState } from '../config/state.ts';
import { backdate, markSecond } from '../gocache/backdate.ts';
import { partition, readOutputOf } from '../gocache/sweep.ts';
import type { Console } from '../report/console.ts';
import { writeReport } from '../report/file.ts';
import { restoreLine } from '../report/lines.ts';
import { notYet, type Report } from '../report/report.ts';
import { CacheStore } from '../store/cache.ts';
import { type SetKeys, setKeys } from '../store/key.ts';
import { savePolicy } from '../store/policy.ts';
import { restoreModules } from './modules.ts';
import { type NotOpened, names, open, ownObjects } from './open.ts';
import { type RestoredSet, restoreSet } from './restore.ts';
import { writeSnapshot } from './snapshot.ts';
import { type Survey, survey } from './survey.ts';
import { tell } from './tell.ts';
import { warmUp } from './warm-up.ts';

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
}

/**
 * Main's story: restore the set, warm what the job will compile, and remember what post needs.
 *
 * @throws UserError for the user's mistakes, a failed warm among them; the report is written all the same
 */
export async function prepare(inputs: Inputs, surroundings: Surroundings): Promise<Report> {
  const { context, env, console } = surroundings;
  const opened = await open(inputs, surroundings);
  if ('disabled' in opened) return leaveAlone(opened, surroundings);
  const { use, gocache } = opened;
  if (setupGoCaches(context.workspace, env)) console.warning(setupGoAdvice);

  const store = new CacheStore(use.work, env);
  const modules = inputs.moduleCache ? await restoreModules(opened, context, { store, console }) : null;
  const surveyed = await survey({ ...opened, ...surroundings, inputs });
  const keys = setKeys({ ...context, ...surveyed, name: inputs.name, goVersion: opened.goVersion });
  await sayKey(console, surveyed, keys);

  const restored = await restoreSet(store, keys, gocache);
  sayRestored(console, restored);
  const known = ownObjects(opened);
  const mark = markSecond(Date.now());
  backdate(gocache, known, mark);

  const remembered: SetState = {
    ...{ schema: 1, kind: 'set', report: use.report, work: use.work, gocache, mark, keys, modules },
    ...{ restore: restored.report.outcome, seenKey: restored.seenKey },
    warm: 'failed', // Until it has not: a main that is killed now leaves nothing to save.
    policy: savePolicy({ save: inputs.save, ...context }),
  };
  saveState(remembered);
  writeReport(use.report, { ...begun, restore: restored.report });

  const exact = restored.report.outcome === 'exact';
  const { warm, error } = await warmUp(inputs, surveyed, exact, { ...surroundings, run: opened.run });
  const { live } = partition(ownObjects(opened), { second: mark, outputOf: readOutputOf(gocache) });
  writeSnapshot(use.work, { others: opened.others, known: names(known), live: names(live) });
  saveState({ ...remembered, warm: warm.outcome });

  const report = tell(use, { restore: restored.report, warm, gocache, lists: surveyed }, surroundings);
  if (error !== undefined) throw error;
  return report;
}

/** The report of a main that is killed in its warm. */
const begun: Omit<Report, 'restore'> = {
  ...{ schema: 1, totalSeconds: 0, ...notYet },
  warm: { outcome: 'failed', reason: 'the main step did not end', seconds: 0, passes: [] },
};

const setupGoAdvice =
  "actions/setup-go has its cache on in this job, and would store this action's GOCACHE a second time: " +
  'give it "cache: false"';

function leaveAlone({ use, disabled: reason }: NotOpened, surroundings: Surroundings): Report {
  surroundings.console.warning(`gobuild-test does nothing: ${reason}`);
  saveState({ schema: 1, kind: 'disabled', report: use.report, reason });
  return tell(
    use,
    {
      restore: { outcome: 'disabled', primaryKey: '', matchedKey: null, seconds: 0, objects: 0, bytes: 0 },
      warm: { outcome: 'skipped', reason, seconds: 0, passes: [] },
      gocache: '',
      lists: { cover: [], plain: [] },
    },
    surroundings,
  );
}

/** What the patterns did not match, and every ingredient of the key. */
async function sayKey(console: Console, { notes, ingredients }: Survey, keys: SetKeys): Promise<void> {
  for (const note of notes) console.info(note);
  await console.group('Key', async () => {
    for (const [name, value] of ingredients) console.info(`${name} = ${value}`);
    console.info(`primary key = ${keys.primary}`);
  });
}

function sayRestored(console: Console, { report, reason }: RestoredSet): void {
  const line = restoreLine(report, reason);
  if (report.outcome === 'failed') console.warning(line);
  else console.info(line);
}
