import { moduleDirectories } from '../config/directories.ts';
import type { Inputs } from '../config/inputs.ts';
import { exportVariable } from '../config/runner.ts';
import { commandRunner, goEnvironment, type RunCommand } from '../go/command.ts';
import { readGoEnv } from '../go/environment.ts';
import { mapLimited } from '../go/limited.ts';
import { type GocacheObject, scan } from '../gocache/scan.ts';
import { type ModuleDirectory, openDirectory } from './directory.ts';
import type { Surroundings } from './prepare.ts';
import { chooseGocache, claim, makeGocache, makeWork, type Use } from './use.ts';

/** The project as main finds it, with GOCACHE chosen and exported. */
export interface Opened {
  readonly use: Use;
  readonly gocache: string;
  /** Names of what was in a shared GOCACHE before: not ours to mark, sweep or save. */
  readonly others: ReadonlySet<string>;
  readonly directories: readonly ModuleDirectory[];
  readonly goVersion: string;
  /** Runs programs as the job's own steps will, with the chosen GOCACHE. */
  readonly run: RunCommand;
}

/**
 * Where nothing is done: a GOCACHEPROG keeps the build cache, so GOCACHE's objects are not what the go command uses; or
 * what this action needs cannot be written. `use` is absent where there is not even a place for a report.
 */
export interface NotOpened {
  readonly use?: Use;
  readonly disabled: string;
  /** The module directories, where helpers are built all the same. */
  readonly paths?: readonly string[];
}

/** @throws UserError for a directory that is no module's, a name used twice, no Go, a go.mod that Go cannot read */
export async function open(
  inputs: Inputs,
  { context, env, processors }: Surroundings,
): Promise<Opened | NotOpened> {
  const paths = await moduleDirectories(inputs.workingDirectories, context.workspace);
  const use = claim(inputs, context, env);
  const noWork = makeWork(use);
  if (noWork !== undefined) return { disabled: noWork };
  const disabled = 'GOCACHEPROG is set, so another program keeps the build cache';
  // Asked first: a program that does not start would fail go env itself.
  if (env['GOCACHEPROG']) return { use, disabled, paths };
  const asItIs = commandRunner(goEnvironment(env));
  const found = await mapLimited(paths, processors, async (path) => ({
    path,
    goEnv: await readGoEnv(asItIs, path),
  }));
  const goEnvs = found.map(({ goEnv }) => goEnv);
  if (goEnvs.some((goEnv) => goEnv['GOCACHEPROG'])) return { use, disabled, paths };

  const gocache = chooseGocache(inputs.gocache, use, context.workspace, goEnvs[0]?.['GOCACHE'] ?? '');
  // Before it is exported: Go fails where it can neither read nor make one.
  const unusable = makeGocache(gocache.path);
  if (unusable !== undefined) return { use, disabled: unusable, paths };
  exportVariable('GOCACHE', gocache.path);
  const run = commandRunner(goEnvironment(env, gocache.path));
  return {
    use,
    gocache: gocache.path,
    others: gocache.shared ? names(scan(gocache.path)) : new Set<string>(),
    directories: await mapLimited(found, processors, ({ path, goEnv }) => openDirectory(run, path, goEnv)),
    goVersion: goEnvs[0]?.['GOVERSION'] ?? '',
    run,
  };
}

/** The objects of GOCACHE that are this use's. */
export function ownObjects({ gocache, others }: Opened): readonly GocacheObject[] {
  const objects = scan(gocache);
  return others.size === 0 ? objects : objects.filter((object) => !others.has(object.name));
}

export function names(objects: readonly GocacheObject[]): ReadonlySet<string> {
  return new Set(objects.map((object) => object.name));
}
