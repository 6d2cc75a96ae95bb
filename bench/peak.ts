import { appendFileSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { isMainThread } from 'node:worker_threads';

/**
 * The largest resident memory of each Node process of a job, its worker threads within it. A process that is started with
 * `peakVariables` loads this module first, and notes its own when it ends.
 */
const variable = 'BENCH_PEAKS';

/** Variables for the steps of a job. @param file gets a line for each process */
export function peakVariables(file: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${import.meta.url}`, [variable]: file };
}

/** The largest of each program, in bytes, by the name of its file. */
export function readPeaks(file: string): Map<string, number> {
  const peaks = new Map<string, number>();
  for (const line of readFileSync(file, 'utf8').trimEnd().split('\n')) {
    const [program = '', bytes] = line.split('\t');
    peaks.set(program, Math.max(peaks.get(program) ?? 0, Number(bytes)));
  }
  return peaks;
}

const file = process.env[variable];
if (file !== undefined && isMainThread) {
  process.once('exit', () => {
    appendFileSync(file, `${basename(process.argv[1] ?? '')}\t${process.resourceUsage().maxRSS * 1024}\n`);
  });
}
