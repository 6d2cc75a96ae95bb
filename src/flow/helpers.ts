import { mkdirSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunContext } from '../config/context.ts';
import type { Inputs } from '../config/inputs.ts';
import { addPath } from '../config/runner.ts';
import type { HelpersState } from '../config/state.ts';
import { messageOf, UserError } from '../errors.ts';
import { helpersText, splitFlags } from '../flags.ts';
import { type BuildPlace, buildHelpers, HelperError } from '../go/build-helpers.ts';
import { commandRunner, goEnvironment, withEnv } from '../go/command.ts';
import { contentFiles, digest, hashFiles } from '../go/content.ts';
import { actionIdValues, compilerVersions, readGoEnv } from '../go/environment.ts';
import { type Helper, helperPatterns, hostEnvironment, planHelpers } from '../go/helpers.ts';
import { mapLimited } from '../go/limited.ts';
import { type GoPackage, listBuilt } from '../go/packages.ts';
import { shapeIngredients } from '../go/shape.ts';
import { commandLimit } from '../go/split.ts';
import { expandPatterns } from '../go/workspace.ts';
import { helpersLine } from '../report/lines.ts';
import type { HelpersReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import { helperKeys } from '../store/key.ts';
import { openDirectory } from './directory.ts';
import { hashesIn, type PlacedHelpers, programsOf, restoreHelpers, writePrograms } from './helper-files.ts';
import { warnUnlessIgnored } from './ignored.ts';
import type { NotOpened, Opened } from './open.ts';
import type { Surroundings } from './prepare.ts';
import type { Use } from './use.ts';

/** The input `helpers`: programs that the job runs, built once and put on its PATH. */

/** What is to be built, and under which keys it is kept. */
export interface Helpers {
  readonly helpers: readonly Helper[];
  readonly output: string;
  /** A hash of every file that is compiled. */
  readonly content: string;
  readonly keys: ReturnType<typeof helperKeys>;
  readonly places: ReadonlyMap<string, BuildPlace>;
  /** The programs' packages, with what they import. */
  readonly packages: readonly GoPackage[];
}

/** Lists what the input names, in every module directory. @throws UserError for a line that names no program, and the like */
export async function surveyHelpers(
  { helpers: lines, helpersDir }: Pick<Inputs, 'helpers' | 'helpersDir'>,
  { directories, run, use, goVersion }: Pick<Opened, 'directories' | 'run' | 'use' | 'goVersion'>,
  { context, env, processors }: Surroundings,
): Promise<Helpers | null> {
  if (lines.length === 0) return null;
  const parts = await mapLimited(directories, processors, async (given) => {
    const host = hostEnvironment(given.goEnv);
    const isHost = Object.keys(host).length === 0;
    const own = isHost ? run : withEnv(run, host);
    const there = isHost ? given : await openDirectory(own, given.path, await readGoEnv(own, given.path));
    const { path, goEnv, workspaceModules } = there;
    const patterns = lines.map((line) => expandPatterns(helperPatterns(line, path), path, workspaceModules));
    const asked = { patterns: [...new Set(patterns.flat())], input: 'helpers' };
    const packages = await listBuilt(own, path, asked);
    const flags = splitFlags(goEnv['GOFLAGS'] ?? '');
    const listing = { directory: path, packages, patterns, empty: new Map<string, string>() };
    const files = contentFiles(listing, { goEnv, workspaceModules, flags });
    const ingredients = shapeIngredients({
      ...{ directory: path, workspace: context.workspace, env: host, allFlags: flags },
      asked: [['helpers', helpersText(lines)]],
      values: [...actionIdValues(goEnv, { ...env, ...host }), ...(await compilerVersions(own, goEnv, path))],
      goModCache: goEnv['GOMODCACHE'] ?? '',
    });
    return { path, run: own, goFlags: flags, listing, files, ingredients };
  });
  const helpers = planHelpers(
    lines,
    parts.map(({ listing }) => listing),
  );
  const files = new Set(parts.flatMap((part) => part.files));
  const content = hashFiles([...files].sort(), context.workspace);
  const shape = digest(
    parts.flatMap(({ ingredients }) => ingredients.map(([name, value]) => `${name}=${value}`)),
    16,
  );
  const output = outputOf(helpersDir, context, use.work);
  makeOutput(output);
  return {
    helpers,
    output,
    content,
    keys: helperKeys({ ...context, goVersion, shape, content }),
    packages: parts.flatMap(({ listing }) => listing.packages),
    places: new Map(parts.map(({ path, run, goFlags }) => [path, { run, goFlags }])),
  };
}

function outputOf(helpersDir: string, { workspace }: RunContext, work: string): string {
  if (helpersDir === '') return join(work, 'helpers');
  return resolve(workspace, helpersDir.replace(/^~(?=[/\\]|$)/, homedir()));
}

/** What main tells of them, and what post needs to save them. */
export interface Provided {
  readonly report: HelpersReport;
  readonly state: HelpersState;
}

/** Restores them, beside the set. It never rejects. */
export function placeHelpers(
  plan: Helpers | null,
  store: CacheStore,
  { use }: Pick<Opened, 'use'>,
  { platform, console }: Surroundings,
): Promise<PlacedHelpers | null> {
  return plan === null
    ? Promise.resolve(null)
    : restoreHelpers(plan, { store, work: use.work, platform, console });
}

/**
 * Builds what is not current, and puts the directory on the PATH of the job.
 *
 * Go itself proves what was restored, and marks the packages of the programs as used. Only beside an exact set is that
 * left out where all of them were restored by the same content: such a set is not swept, so no marks are needed.
 *
 * @param exact whether the set is
 * @throws HelperError, its places told by annotations already
 */
export async function provideHelpers(
  plan: Helpers,
  placed: PlacedHelpers | null,
  { exact, use, surroundings }: { exact: boolean; use: Opened['use']; surroundings: Surroundings },
): Promise<Provided> {
  const { context, platform, console } = surroundings;
  const { helpers, output, keys, places } = plan;
  const started = performance.now();
  try {
    const before = hashesIn(output, helpers, platform);
    const isCurrent = exact && placed?.outcome === 'exact' && placed.files.size === helpers.length;
    if (!isCurrent) {
      const options = { output, places, workspace: context.workspace, limit: commandLimit(platform) };
      const title = `Helpers: ${helpers.length} ${helpers.length === 1 ? 'program' : 'programs'}`;
      const build = () => buildHelpers(helpers, platform, options);
      await console.foreignGroup(title, () =>
        build().catch((error: unknown) => {
          if (placed === null || placed.files.size === 0) throw error;
          // Go writes over no file that is not a program: what was restored may be none.
          for (const file of placed.files.keys()) rmSync(join(output, file), { force: true });
          return build();
        }),
      );
    }
    const programs = programsOf(helpers, { output, platform, before });
    writePrograms(use.work, output, programs);
    addPath(output);
    const outcome = placed?.outcome ?? 'disabled';
    const report: HelpersReport = {
      ...{ directory: output, outcome, reason: placed?.reason ?? null, matchedKey: placed?.key ?? null },
      restoreSeconds: placed?.seconds ?? 0,
      buildSeconds: isCurrent ? 0 : (performance.now() - started) / 1000,
      programs: programs.map(({ file: _file, sha256: _hash, ...told }) => told),
      save: null,
    };
    if (outcome === 'failed') console.warning(helpersLine(report));
    else console.info(helpersLine(report));
    await warnUnlessIgnored(programs, { output, workspace: context.workspace, places, console });
    const { save: key, primary, prefix } = keys;
    const seenKey = placed?.key?.startsWith(`${primary}-`) === true ? placed.key : null;
    return { report, state: { key, primary, prefix, seenKey, stored: outcome === 'exact' } };
  } catch (error) {
    if (error instanceof HelperError)
      for (const { message, ...place } of error.diagnostics) console.annotate('error', message, place);
    throw error;
  }
}

/** Where nothing is kept, the job needs its helpers all the same: built with the GOCACHE that it has. */
export async function helpersAlone(
  inputs: Inputs,
  { use, paths = [] }: NotOpened & { readonly use: Use },
  surroundings: Surroundings,
): Promise<HelpersReport | null> {
  const { env, processors } = surroundings;
  const run = commandRunner(goEnvironment(env));
  const directories =
    inputs.helpers.length === 0
      ? []
      : await mapLimited(paths, processors, async (path) =>
          openDirectory(run, path, await readGoEnv(run, path)),
        );
  if (directories.length === 0) return null;
  const plan = await surveyHelpers(inputs, { directories, run, use, goVersion: '' }, surroundings);
  return plan && (await provideHelpers(plan, null, { exact: false, use, surroundings })).report;
}

function makeOutput(output: string): void {
  try {
    mkdirSync(output, { recursive: true });
  } catch (error) {
    throw new UserError(`input helpers-dir: "${output}" cannot be made a directory: ${messageOf(error)}`);
  }
}
