import { leftOutLine } from './lines.ts';
import { plain } from './markdown.ts';
import type { Report, RestoreReport } from './report.ts';
import {
  entriesPart,
  helpersPart,
  keyPart,
  reusePart,
  setPart,
  sizesPart,
  warmPart,
} from './summary-parts.ts';
import { verdict, worthLine, worthOf } from './verdict.ts';

/** GitHub takes 1 MiB of a step ("Workflow commands for GitHub Actions", job summaries); a little is left for others. */
const mostBytes = 1000 * 1024;

/**
 * The job summary in GitHub's Markdown: the verdict, then folded tables and charts. A part that does not fit any more is
 * left out.
 *
 * @param name of the use; `default` needs no mention
 */
export function summary(report: Report, name: string): string {
  const worth = worthOf(report);
  return fitting([
    `### Go build cache${name === 'default' ? '' : `: ${plain(name)}`}`,
    plain(verdict(report)),
    ...remarks(report).map((line) => `> ${plain(line)}`),
    ...(worth === undefined ? [] : [plain(worthLine(worth))]),
    ...warmPart(report),
    ...reusePart(report),
    ...setPart(report),
    ...helpersPart(report),
    ...sizesPart(report),
    ...entriesPart(report),
    ...keyPart(report),
  ]);
}

/** Whether something happened that one would want to read of: what `on-change` asks. */
export function isChange({ restore, warm, reuse, save, helpers }: Report): boolean {
  if (helpers !== null && (helpers.outcome === 'failed' || helpers.programs.some(({ built }) => built)))
    return true;
  const quiet = restore.outcome === 'exact' && warm.outcome !== 'failed' && save.outcome === 'skipped';
  return !quiet || (reuse?.compiled.objects ?? 0) > 0;
}

const notRestored: Readonly<Record<RestoreReport['outcome'], string>> = {
  ...{ exact: 'Restored', partial: 'Restored in part', miss: 'Not restored' },
  ...{ failed: 'Not restored', disabled: 'Not restored' },
};

/** What went otherwise than a user hopes, and why. */
function remarks({ restore, warm, save, budget, helpers }: Report): string[] {
  return [
    ...(restore.reason === null ? [] : [`${notRestored[restore.outcome]}: ${restore.reason}`]),
    ...(warm.reason === null ? [] : [`Warm ${warm.outcome}: ${warm.reason}`]),
    ...(save.reason === null ? [] : [`Not saved: ${save.reason}`]),
    ...(helpers === null || helpers.reason === null ? [] : [`Helpers not restored: ${helpers.reason}`]),
    ...(budget?.fits === true && budget.leftOut.objects > 0 ? [leftOutLine(budget)] : []),
  ];
}

function fitting(parts: readonly string[]): string {
  const kept: string[] = [];
  let left = mostBytes;
  for (const part of parts) {
    const bytes = Buffer.byteLength(part) + 2;
    if (bytes > left) continue;
    kept.push(part);
    left -= bytes;
  }
  return `${kept.join('\n\n')}\n`;
}
