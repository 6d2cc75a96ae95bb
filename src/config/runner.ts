import * as core from '@actions/core';
import { parseState, type State } from './state.ts';

/** The runner's files: inputs, outputs, environment and state of this step. The one adapter of `@actions/core` here. */

const stateName = 'gobuild-test';

export const getInput = (name: string): string => core.getInput(name);

/** An input that the runner shall never print, whatever prints it; '' where it is not set. */
export function getSecret(name: string): string {
  const secret = core.getInput(name);
  if (secret !== '') core.setSecret(secret);
  return secret;
}

export function setOutputs(outputs: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value);
}

export const exportVariable = (name: string, value: string): void => core.exportVariable(name, value);

/** Puts a directory first on the PATH of the steps that follow. */
export const addPath = (directory: string): void => core.addPath(directory);

/** Remembers `state` for the post step; the last one counts. */
export const saveState = (state: State): void => core.saveState(stateName, state);

/** What main remembered; undefined where it ended before it remembered anything. */
export const loadState = (): State | undefined => parseState(core.getState(stateName));
