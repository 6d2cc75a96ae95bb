import type { Survey } from '../../src/flow/survey.ts';
import { type PassReport, WarmError, type WarmLog, warm } from '../../src/go/passes.ts';
import type { Gauge, Progress } from '../../src/progress.ts';
import { goRunner } from './module.ts';

/** What a warm did: its commands, the titles of its log groups, and how it failed, if it did. */
export interface Warmed {
  readonly passes: readonly PassReport[];
  readonly titles: readonly string[];
  /** The output of the commands that ran beside others. */
  readonly printed: readonly string[];
  readonly error: WarmError | undefined;
  /** How far each had come when its commands had ended, by its name. */
  readonly ends: readonly (readonly [string, Progress | undefined])[];
}

/** Warms what a survey has found by real go commands. */
export async function warmSurveyed(
  { steps }: Pick<Survey, 'steps'>,
  options: {
    readonly workspace: string;
    readonly gocache: string;
    readonly compiled?: () => number | undefined;
  },
): Promise<Warmed> {
  const { workspace, gocache, compiled = () => undefined } = options;
  const ends: [string, Progress | undefined][] = [];
  const titles: string[] = [];
  const printed: string[] = [];
  const run = goRunner(gocache);
  const group = <T>(title: string, body: () => Promise<T>): Promise<T> => {
    titles.push(title);
    return body();
  };
  try {
    const progress: WarmLog['progress'] = async (name, body) => {
      let gauge: Gauge | undefined;
      const result = await body((given) => {
        gauge = given;
      });
      ends.push([name, gauge?.()]);
      return result;
    };
    const log: WarmLog = { group, print: (text) => printed.push(text), progress };
    const passes = await warm(steps, { run, parallelism: 2, workspace, log, compiled });
    return { passes, titles, printed, ends, error: undefined };
  } catch (error) {
    if (!(error instanceof WarmError)) throw error;
    return { passes: error.passes, titles, printed, ends, error };
  }
}
