import { setOutputs } from '../config/runner.ts';
import { countPackages, type Step } from '../go/steps.ts';
import { writeReport } from '../report/file.ts';
import { totalLine, warmLine } from '../report/lines.ts';
import {
  type HelpersReport,
  notYet,
  type Report,
  type RestoreReport,
  type WarmReport,
} from '../report/report.ts';
import type { Surroundings } from './prepare.ts';
import type { Use } from './use.ts';

export interface Done {
  readonly restore: RestoreReport;
  readonly ingredients: Report['ingredients'];
  readonly warm: WarmReport;
  readonly gocache: string;
  readonly steps: readonly Step[];
  readonly helpers: HelpersReport | null;
}

/** Main's end: the report, the outputs, and the two lines that are always there. */
export function tell(use: Use, done: Done, { console, elapsed }: Surroundings): void {
  const { restore, ingredients, warm, gocache, steps, helpers } = done;
  const totalSeconds = elapsed() / 1000;
  const report: Report = { schema: 1, restore, ingredients, totalSeconds, warm, ...notYet, helpers };
  writeReport(use.report, report);
  setOutputs({
    'cache-hit': String(restore.outcome === 'exact'),
    'cache-primary-key': restore.primaryKey,
    'cache-matched-key': restore.matchedKey ?? '',
    gocache,
    'warm-outcome': warm.outcome,
    'warm-duration': warm.seconds.toFixed(3),
    'cover-package-count': String(countPackages(steps, 'cover')),
    'plain-package-count': String(countPackages(steps, 'plain')),
    'helpers-dir': helpers?.directory ?? '',
    'helper-count': String(helpers?.programs.length ?? 0),
    report: use.report,
  });
  console.info(warmLine(warm));
  console.info(totalLine(report.totalSeconds));
}
