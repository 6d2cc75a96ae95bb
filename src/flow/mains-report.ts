import type { State } from '../config/state.ts';
import { readReport } from '../report/file.ts';
import { notYet, type Report } from '../report/report.ts';

/** What main wrote; where the job has removed it, as much of it as the state tells. */
export function mainsReport(state: State): Report {
  try {
    return readReport(state.report);
  } catch {
    const set = state.kind === 'set' ? state : undefined;
    const matched = set?.restore === 'exact' || set?.restore === 'partial';
    return {
      schema: 1,
      restore: {
        outcome: set?.restore ?? 'disabled',
        reason: matched || set?.restore === 'miss' ? null : 'the report of main is gone',
        primaryKey: set?.keys.primary ?? '',
        matchedKey: matched ? (set?.seenKey ?? null) : null,
        baseKey: null,
        seconds: 0,
        waitedSeconds: 0,
        objects: 0,
        bytes: 0,
      },
      ingredients: [],
      totalSeconds: 0,
      warm: { outcome: set?.warm ?? 'skipped', reason: 'the report of main is gone', seconds: 0, passes: [] },
      ...notYet,
    };
  }
}
