import { costOfFiles } from './cost.ts';
import { inOrder, type Listed } from './listing.ts';

// Below this a part's thread costs more (20 to 40 ms to start, where it does not run yet) than it saves.
const SMALLEST_PART = 8 * 1024 * 1024;

/**
 * The files in the order in which they are packed, in at most `most` runs of about the same cost; none for no files.
 * They are ordered by size, then name: variants of one object (plain and instrumented, before and after an edit) differ
 * little in size, so that they stand close together, where the compressor finds the one in the other (figures: zstd.ts).
 */
export function partition<T extends Listed>(files: readonly T[], most: number): T[][] {
  return runsOf(inOrder(files), most, ({ bytes }) => bytes);
}

/** The items in their order, in at most `most` runs of about the same cost. `bytesOf`: what one keeps a thread busy with. */
export function runsOf<T>(items: readonly T[], most: number, bytesOf: (item: T) => number): T[][] {
  const costs = items.map((item) => costOfFiles(1, bytesOf(item)));
  const total = costs.reduce((sum, cost) => sum + cost, 0);
  const count = Math.max(1, Math.min(Math.floor(most), Math.floor(total / SMALLEST_PART)));
  const runs: T[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const [index, item] of items.entries()) {
    const cost = costs[index] ?? 0;
    // An item belongs where its middle lies.
    runs[Math.floor(((before + cost / 2) / total) * count)]?.push(item);
    before += cost;
  }
  return runs.filter((run) => run.length > 0);
}
