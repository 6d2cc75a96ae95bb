import { chart } from './markdown.ts';
import type { HistoryReport, SetReport } from './report.ts';

/** Mermaid charts (https://mermaid.js.org/syntax), each a pure function of a part of the report. */

const mega = (bytes: number): string => (bytes / 1e6).toFixed(1);

/** What the set is made of, by class; undefined where it is empty. */
export function classPie(set: SetReport): string | undefined {
  const classes = Object.entries(set.classes).map(([name, { bytes }]) => ({ name, bytes }));
  // A slice of nothing is no slice; Mermaid takes no zero.
  const large = classes.filter(({ bytes }) => bytes >= 50_000).sort((a, b) => b.bytes - a.bytes);
  if (large.length === 0) return undefined;
  const slices = large.map(({ name, bytes }) => `  "${name}" : ${mega(bytes)}`);
  return chart(['pie showData', '  title The set by class, MB', ...slices]);
}

const mostSaves = 20;

/** Clear on the light page and on the dark one; the first colour of Mermaid's own palette all but vanishes on the light. */
const lineColour = { themeVariables: { xyChart: { plotColorPalette: '#2f81f7' } } };

/** The stored size over the last saves, the oldest first; undefined where there are too few for a line. */
export function sizeLine(history: readonly HistoryReport[]): string | undefined {
  const saves = history.slice(0, mostSaves);
  if (saves.length < 2) return undefined;
  const top = 1.2 * Math.max(...saves.map(({ storedBytes }) => storedBytes), 100_000);
  // By the number in the table: twenty commits would lie over one another.
  const numbers = saves.map((_, at) => `"${at + 1}"`).toReversed();
  const sizes = saves.map(({ storedBytes }) => mega(storedBytes)).toReversed();
  return chart([
    `%%{init: ${JSON.stringify(lineColour)}}%%`,
    'xychart-beta',
    '  title "Stored bytes of the set over the last saves"',
    `  x-axis "save, 1 is the newest" [${numbers.join(', ')}]`,
    `  y-axis "MB" 0 --> ${mega(top)}`,
    `  line [${sizes.join(', ')}]`,
  ]);
}
