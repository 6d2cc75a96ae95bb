import { mkdirSync } from 'node:fs';
import type { RunContext } from '../config/context.ts';
import { moduleDirectories } from '../config/directories.ts';
import type { Inputs } from '../config/inputs.ts';
import { exportVariable, saveState, setOutputs } from '../config/runner.ts';
import { setupGoCaches } from '../config/setup-go.ts';
import type { SetState } from '../config/state.ts';
import { commandRunner, goEnvironment } from '../go/command.ts';
import { readGoEnv } from '../go/environment.ts';
import { backdate, markSecond } from '../gocache/backdate.ts';
import { type GocacheObject, scan } from '../gocache/scan.ts';
import { partition, readOutputOf } from '../gocache/sweep.ts';
import type { Console } from '../report/console.ts';
import { writeReport } from '../report/file.ts';
import { restoreLine, totalLine, warmLine } from '../report/lines.ts';
import { notYet, type Report, type RestoreReport, type WarmReport } from '../report/report.ts';
import { CacheStore } from '../store/cache.ts';
import { setKeys } from '../store/key.ts';
import { savePolicy } from '../store/policy.ts';
import { restoreModules } from './modules.ts';
import { restoreSet } from './restore.ts';
import { writeSnapshot } from './snapshot.ts';
import { openDirectory, type Survey, survey } from './survey.ts';
import { chooseGocache, claim, type Use } from './use.ts';
import { warmUp } from './warm-up.ts';

/** What the flow works in: nothing of it is read from `process`. */
export interface Surroundings {
  readonly context: RunContext;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
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
  const paths = await moduleDirectories(inputs.workingDirectories, context.workspace);
  const use = claim(inputs, context, env);
  // A GOCACHEPROG that does not start would fail go env itself.
  if (env['GOCACHEPROG']) return disable(use, surroundings);
  const goEnvs = await Promise.all(paths.map((path) => readGoEnv(commandRunner(goEnvironment(env)), path)));
  if (goEnvs.some((goEnv) => goEnv['GOCACHEPROG'])) return disable(use, surroundings);
  const gocache = chooseGocache(inputs.gocache, use, context.workspace, goEnvs[0]?.['GOCACHE'] ?? '');
  mkdirSync(gocache.path, { recursive: true });
  exportVariable('GOCACHE', gocache.path);
  const others = gocache.shared ? names(scan(gocache.path)) : new Set<string>();

  const run = commandRunner(goEnvironment(env, gocache.path));
  const directories = await Promise.all(
    paths.map((path, index) => openDirectory(run, path, goEnvs[index] ?? {})),
  );
  if (setupGoCaches(context.workspace, env)) console.warning(setupGoAdvice);

  const store = new CacheStore(use.work, env);
  const modules = inputs.moduleCache
    ? await restoreModules(directories, use.work, context, { store, console })
    : null;

  const surveyed = await survey({ run, directories, inputs, context, env });
  for (const note of surveyed.notes) console.info(note);
  const { shape, content } = surveyed;
  const goVersion = goEnvs[0]?.['GOVERSION'] ?? '';
  const keys = setKeys({ ...context, goVersion, shape, name: inputs.name, content });
  await console.group('Key', async () => {
    for (const [name, value] of surveyed.ingredients) console.info(`${name} = ${value}`);
    console.info(`primary key = ${keys.primary}`);
  });

  const restored = await restoreSet(store, keys, gocache.path);
  sayRestored(console, restored.report, restored.reason);
  const mark = markSecond(Date.now());
  const known = own(scan(gocache.path), others);
  backdate(gocache.path, known, mark);

  const state: SetState = {
    ...{ schema: 1, kind: 'set', report: use.report, work: use.work, gocache: gocache.path, mark, keys },
    ...{ restore: restored.report.outcome, seenKey: restored.seenKey, modules },
    warm: 'failed', // Until it has not: a main that is killed now leaves nothing to save.
    policy: savePolicy({ save: inputs.save, ...context }),
  };
  saveState(state);
  writeReport(use.report, { ...begun, restore: restored.report });

  const { warm, error } = await warmUp(inputs, surveyed, restored.report.outcome === 'exact', {
    run,
    ...surroundings,
  });
  const after = own(scan(gocache.path), others);
  const { live } = partition(after, { second: mark, outputOf: readOutputOf(gocache.path) });
  writeSnapshot(use.work, { others, known: names(known), live: names(live) });
  saveState({ ...state, warm: warm.outcome });

  const report = tell(use, gocache.path, { restore: restored.report, warm, surveyed }, surroundings);
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

/** With a GOCACHEPROG, GOCACHE's objects are not what the go command uses. */
function disable(use: Use, surroundings: Surroundings): Report {
  const reason = 'GOCACHEPROG is set, so another program keeps the build cache';
  surroundings.console.warning(`gobuild-test does nothing: ${reason}`);
  saveState({ schema: 1, kind: 'disabled', report: use.report, reason });
  const restore: RestoreReport = {
    ...{ outcome: 'disabled', primaryKey: '', matchedKey: null, seconds: 0, objects: 0, bytes: 0 },
  };
  const warm: WarmReport = { outcome: 'skipped', reason, seconds: 0, passes: [] };
  return tell(use, '', { restore, warm, surveyed: undefined }, surroundings);
}

function sayRestored(console: Console, report: RestoreReport, reason: string | null): void {
  const line = restoreLine(report, reason);
  if (report.outcome === 'failed') console.warning(line);
  else console.info(line);
}

function tell(
  use: Use,
  gocache: string,
  done: { restore: RestoreReport; warm: WarmReport; surveyed: Survey | undefined },
  { console, elapsed }: Surroundings,
): Report {
  const { restore, warm, surveyed } = done;
  const report: Report = { schema: 1, restore, totalSeconds: elapsed() / 1000, warm, ...notYet };
  writeReport(use.report, report);
  setOutputs({
    'cache-hit': String(restore.outcome === 'exact'),
    'cache-primary-key': restore.primaryKey,
    'cache-matched-key': restore.matchedKey ?? '',
    gocache,
    'warm-outcome': warm.outcome,
    'warm-duration': warm.seconds.toFixed(3),
    'cover-package-count': String(count(surveyed?.cover)),
    'plain-package-count': String(count(surveyed?.plain)),
    report: use.report,
  });
  console.info(warmLine(warm));
  console.info(totalLine(report.totalSeconds));
  return report;
}

function count(lists: Survey['cover'] = []): number {
  return lists.reduce((sum, list) => sum + list.packages.length, 0);
}

function names(objects: readonly GocacheObject[]): ReadonlySet<string> {
  return new Set(objects.map((object) => object.name));
}

function own(objects: readonly GocacheObject[], others: ReadonlySet<string>): readonly GocacheObject[] {
  return others.size === 0 ? objects : objects.filter((object) => !others.has(object.name));
}
