import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseState, type State } from '../config/state.ts';
import { messageOf, UserError } from '../errors.ts';
import { isUsed, type Use, usedNames } from './use.ts';

/**
 * What `restore/` leaves for `save/`, which is another step and so is given no state by the runner: the same state, as a
 * file of the use. The token is not in it: `save/` has its own.
 */

const stateFile = (work: string): string => join(work, 'state.json');
const takenFile = (work: string): string => join(work, 'state-taken.json');

export function handOver(state: State): void {
  writeFileSync(stateFile(dirname(state.report)), JSON.stringify(state));
}

/**
 * Takes the state away, so that no second step ends the same use: it would find the objects that the first has swept gone,
 * and marks that speak of another time.
 *
 * @returns the state, or why nothing can be saved although there was a step that restores
 * @throws UserError where the job has restored nothing under the name, or it has been saved already
 */
export function takeOver(
  name: string,
  { work }: Use,
  env: NodeJS.ProcessEnv,
): State | { readonly kind: 'none'; readonly reason: string } {
  if (!isUsed(name, env)) throw new UserError(`input name: ${notRestored(name, usedNames(env))}`);
  if (existsSync(takenFile(work))) {
    throw new UserError(
      `input name: "${name}" has been saved by an earlier step of this job: one save/ ends one restore/`,
    );
  }
  if (!existsSync(stateFile(work))) {
    return {
      kind: 'none',
      reason: `the step that has the name "${name}" left no state: it ended too early, or is the whole action, which saves at the end of the job`,
    };
  }
  try {
    renameSync(stateFile(work), takenFile(work));
    const state = parseState(readFileSync(takenFile(work), 'utf8'));
    return state ?? { kind: 'none', reason: 'the state file is empty' };
  } catch (error) {
    return { kind: 'none', reason: `the state file cannot be read: ${messageOf(error)}` };
  }
}

function notRestored(name: string, used: readonly string[]): string {
  const others = used.length === 0 ? '' : ` (there are ${used.map((one) => `"${one}"`).join(', ')})`;
  return `no step of this job has restored a set under the name "${name}"${others}: put one with restore/ before this, and give both the same name`;
}
