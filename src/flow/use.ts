import { accessSync, constants, mkdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { RunContext } from '../config/context.ts';
import type { Gocache, Inputs } from '../config/inputs.ts';
import { exportVariable } from '../config/runner.ts';
import { codeOf, messageOf, UserError } from '../errors.ts';

/** Exported for the steps that follow, and gone with the job: which names the job has used. */
const usedVariable = 'GOBUILD_TEST_USED';

/** One use of the action in a job: where its files are. */
export interface Use {
  /** Emptied at the start by `makeWork`: RUNNER_TEMP may hold what a killed run has left. */
  readonly work: string;
  readonly report: string;
}

/**
 * Takes the name for this use.
 *
 * @throws UserError where the job has used it: two uses of one name would sweep and save each other's objects
 */
export function claim(inputs: Inputs, context: RunContext, env: NodeJS.ProcessEnv): Use {
  if (isUsed(inputs.name, env)) {
    throw new UserError(
      `input name: "${inputs.name}" is used a second time in this job: give each use of this action a name of its own`,
    );
  }
  exportVariable(usedVariable, [...usedNames(env), inputs.name].join(' '));
  return useOf(inputs.name, context);
}

export function useOf(name: string, { temp }: Pick<RunContext, 'temp'>): Use {
  const work = join(temp, 'gobuild-test', name);
  return { work, report: join(work, 'report.json') };
}

export function usedNames(env: NodeJS.ProcessEnv): string[] {
  return (env[usedVariable] ?? '').split(' ').filter((name) => name !== '');
}

/** Whether a step of this job has taken the name: directories that differ in case alone are one on Windows and macOS. */
export function isUsed(name: string, env: NodeJS.ProcessEnv): boolean {
  return usedNames(env).some((used) => used.toLowerCase() === name.toLowerCase());
}

/** Makes the directory of a use, empty. Says why, where there can be none: that is no mistake of the user. */
export function makeWork({ work }: Use): string | undefined {
  try {
    rmSync(work, { recursive: true, force: true, maxRetries: 3 }); // Windows: what is only just closed.
    mkdirSync(work, { recursive: true });
    return undefined;
  } catch (error) {
    return `RUNNER_TEMP cannot be written: ${messageOf(error)}`;
  }
}

/** The GOCACHE of this use; `shared` where others' objects may be in it, which are then left alone. */
export interface ChosenGocache {
  readonly path: string;
  readonly shared: boolean;
}

/** @param inherited what `go env GOCACHE` says without us */
export function chooseGocache(
  gocache: Gocache,
  use: Use,
  workspace: string,
  inherited: string,
): ChosenGocache {
  if (gocache.kind === 'own') return { path: join(use.work, 'gocache'), shared: false };
  const home = gocache.kind === 'path' ? gocache.path.replace(/^~(?=[/\\]|$)/, homedir()) : '';
  const path = gocache.kind === 'path' ? resolve(workspace, home) : inherited;
  if (path === 'off' || path === '') {
    throw new UserError('input gocache: "inherit": go env GOCACHE names no directory: leave the input empty');
  }
  // However it is named, the machine's own cache is not ours to sweep.
  return { path, shared: identityOf(path) === identityOf(inherited) };
}

/**
 * What tells a directory from every other, whatever its path: behind a link, and on Windows and macOS in other letters.
 * The path itself where nothing is there, since then there is nothing to sweep either.
 */
function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return resolve(path);
  }
}

/**
 * Makes a GOCACHE where there is none. Says why, where nothing can be kept in it: that is the machine's fault.
 *
 * @throws UserError where a file is in the place of a directory
 */
export function makeGocache(path: string): string | undefined {
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.W_OK);
    return undefined;
  } catch (error) {
    if (codeOf(error) === 'EEXIST' || codeOf(error) === 'ENOTDIR') {
      throw new UserError(`input gocache: "${path}" cannot be made a directory: ${messageOf(error)}`);
    }
    return `GOCACHE cannot be written: ${messageOf(error)}`;
  }
}
