import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backdate, markSecond } from '../src/gocache/backdate.ts';
import { outputNameOf, recordNameOf } from '../src/gocache/layout.ts';
import { scan } from '../src/gocache/scan.ts';
import { partition, readOutputOf, sweep } from '../src/gocache/sweep.ts';

const sizes = [10_000, 200_000];
const rounds = 3;

/** Seconds of each step, the median of three rounds. */
interface Row {
  readonly walk: number;
  readonly find: number | undefined;
  readonly scan: number;
  readonly backdate: number;
  readonly sweep: number;
}

/** Scan, backdate and sweep of synthetic sets, beside a walk of the same tree in the same run. */
export async function run(): Promise<void> {
  const rows = sizes.map(measure);
  console.log(
    `Seconds, median of ${rounds}; sweep = scan, partition, delete half the set (each live record is read).`,
  );
  console.log('| objects | walk | find | scan | scan/walk | backdate | sweep |');
  console.log('|--:|--:|--:|--:|--:|--:|--:|');
  rows.forEach((row, at) => {
    const ratio = (row.scan / row.walk).toFixed(2);
    const cells = [
      sizes[at],
      show(row.walk),
      show(row.find),
      show(row.scan),
      ratio,
      show(row.backdate),
      show(row.sweep),
    ];
    console.log(`| ${cells.join(' | ')} |`);
  });
  const [small, large] = rows;
  if (small === undefined || large === undefined) return;
  const growth = (step: 'walk' | 'scan' | 'backdate' | 'sweep'): string =>
    `${step} ${(large[step] / small[step]).toFixed(1)}x`;
  console.log(
    `\nGrowth for 20 times the objects: ${(['walk', 'scan', 'backdate', 'sweep'] as const).map(growth).join(', ')}`,
  );
}

function show(seconds: number | undefined): string {
  return seconds === undefined ? 'none here' : seconds.toFixed(3);
}

function measure(objects: number): Row {
  const root = mkdtempSync(join(tmpdir(), 'bench-gocache-'));
  try {
    const all = Array.from({ length: rounds }, () => round(root, objects));
    const found = all.flatMap(({ find }) => (find === undefined ? [] : [find]));
    return {
      walk: median(all.map((one) => one.walk)),
      find: found.length === rounds ? median(found) : undefined,
      scan: median(all.map((one) => one.scan)),
      backdate: median(all.map((one) => one.backdate)),
      sweep: median(all.map((one) => one.sweep)),
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function round(root: string, objects: number): Row {
  fill(root, objects);
  // The first walk after writing also pays for the file system's own work.
  walk(root);
  const second = markSecond(Date.now());
  // Walk and scan take turns, and the better of two counts: what else the machine does hits one of them.
  const walks = [timed(() => walk(root))];
  const scans = [timed(() => expectCount(scan(root).length, objects))];
  walks.push(timed(() => walk(root)));
  scans.push(timed(() => expectCount(scan(root).length, objects)));
  const find = timed(
    () => spawnSync('find', [root, '-printf', '%P %s %T@\n'], { stdio: 'ignore' }).status === 0,
  );
  const found = scan(root);
  const backdated = timed(() => expectCount(backdate(root, found, second), 0));
  use(root, objects);
  const swept = timed(() => {
    const { dead } = partition(scan(root), { second, outputOf: readOutputOf(root) });
    return expectCount(sweep(root, dead).objects, objects / 2);
  });
  return {
    walk: Math.min(...walks.map((one) => one.seconds)),
    find: find.value ? find.seconds : undefined,
    scan: Math.min(...scans.map((one) => one.seconds)),
    backdate: backdated.seconds,
    sweep: swept.seconds,
  };
}

function timed<T>(step: () => T): { readonly seconds: number; readonly value: T } {
  const start = process.hrtime.bigint();
  const value = step();
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, value };
}

function expectCount(count: number, expected: number): void {
  if (count !== expected) throw new Error(`expected ${expected} objects, found ${count}`);
}

/** What any walk in Node must do: list the directories and lstat each entry. */
function walk(directory: string): number {
  let count = 0;
  for (const name of readdirSync(directory)) {
    const path = `${directory}/${name}`;
    if (lstatSync(path).isDirectory()) count += walk(path);
    else count += 1;
  }
  return count;
}

/** Writes what is missing of a set: as many records as outputs, in pairs. Record and output follow from the number. */
function fill(root: string, objects: number): void {
  for (let at = 0; at < 256; at += 1) {
    mkdirSync(join(root, at.toString(16).padStart(2, '0')), { recursive: true });
  }
  const time = `${Date.now()}000000`.padStart(20);
  for (let at = 0; at < objects / 2; at += 1) {
    const pair = pairOf(at);
    writeFileSync(`${root}/${outputNameOf(pair.output)}`, pair.content);
    const size = `${pair.content.length}`.padStart(20);
    writeFileSync(
      `${root}/${recordNameOf(pair.record)}`,
      `v1 ${pair.record} ${pair.output} ${size} ${time}\n`,
    );
  }
}

/** Marks every second pair as Go does. */
function use(root: string, objects: number): void {
  const now = Date.now() / 1000;
  for (let at = 0; at < objects / 2; at += 2) {
    const pair = pairOf(at);
    utimesSync(`${root}/${outputNameOf(pair.output)}`, now, now);
    utimesSync(`${root}/${recordNameOf(pair.record)}`, now, now);
  }
}

function pairOf(at: number): { readonly content: string; readonly output: string; readonly record: string } {
  const content = `output ${at}\n`;
  return { content, output: sha256(content), record: sha256(`record ${at}`) };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
