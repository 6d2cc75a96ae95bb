import type { Survey } from '../../src/flow/survey.ts';
import { type PassReport, WarmError, warm } from '../../src/go/passes.ts';
import { goRunner } from './module.ts';

/** What a warm did: its commands, the titles of its log groups, and how it failed, if it did. */
export interface Warmed {
  readonly passes: readonly PassReport[];
  readonly titles: readonly string[];
  /** The output of the commands that ran beside others. */
  readonly printed: readonly string[];
  readonly error: WarmError | undefined;
}

/** Warms what a survey has found by real go commands. */
export async function warmSurveyed(
  { steps }: Pick<Survey, 'steps'>,
  { workspace, gocache }: { readonly workspace: string; readonly gocache: string },
): Promise<Warmed> {
  const titles: string[] = [];
  const printed: string[] = [];
  const run = goRunner(gocache);
  const group = <T>(title: string, body: () => Promise<T>): Promise<T> => {
    titles.push(title);
    return body();
  };
  try {
    const log = { group, print: (text: string) => printed.push(text) };
    const passes = await warm(steps, { run, parallelism: 2, workspace, log });
    return { passes, titles, printed, error: undefined };
  } catch (error) {
    if (!(error instanceof WarmError)) throw error;
    return { passes: error.passes, titles, printed, error };
  }
}
