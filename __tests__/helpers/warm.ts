import type { Survey } from '../../src/flow/survey.ts';
import { type PassReport, WarmError, warm } from '../../src/go/passes.ts';
import { commandLimit } from '../../src/go/split.ts';
import { goRunner } from './module.ts';

/** What a warm did: its commands, the titles of its log groups, and how it failed, if it did. */
export interface Warmed {
  readonly passes: readonly PassReport[];
  readonly titles: readonly string[];
  readonly error: WarmError | undefined;
}

/** Warms what a survey has found by real go commands. */
export async function warmSurveyed(
  surveyed: Pick<Survey, 'cover' | 'plain'>,
  options: {
    readonly workspace: string;
    readonly gocache: string;
    readonly flags?: readonly string[];
    readonly limit?: number;
  },
): Promise<Warmed> {
  const { workspace, gocache, flags = [], limit = commandLimit(process.platform) } = options;
  const titles: string[] = [];
  const run = goRunner(gocache);
  const group = <T>(title: string, body: () => Promise<T>): Promise<T> => {
    titles.push(title);
    return body();
  };
  try {
    const passes = await warm(surveyed.cover, surveyed.plain, { run, flags, limit, workspace, group });
    return { passes, titles, error: undefined };
  } catch (error) {
    if (!(error instanceof WarmError)) throw error;
    return { passes: error.passes, titles, error };
  }
}
