import { execFileSync, spawnSync } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackFile } from '../src/pack/pack-file.ts';
import { type PackRule, readPack } from '../src/pack/read.ts';
import { writePack } from '../src/pack/write.ts';

const pairs = 3;
const objects = 4000;
const hashed: readonly PackRule[] = [{ name: /^[0-9a-f]{2}\/(?<sha256>[0-9a-f]{64})-d$/, executable: false }];
const unhashed: readonly PackRule[] = [{ name: /^[0-9a-f]{2}\/[0-9a-f]{64}-d$/, executable: false }];

/** One of the two ways to do a thing; both are run in turn. */
interface Contest {
  readonly what: string;
  readonly ours: () => Promise<unknown>;
  readonly theirs: () => void;
}

/**
 * Seconds for writing and reading a set as a pack, beside one `tar` with `zstd` of the same set in the same run, and
 * what hashing every object costs.
 */
export async function run(): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'bench-pack-'));
  try {
    const files = synthesize(join(root, 'set'));
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    console.log(
      `${files.length} synthetic objects, ${megabytes(bytes)} MB; median of ${pairs} pairs, seconds.`,
    );
    const contests = contestsIn(root, files);
    if (spawnSync('zstd', ['--version']).status !== 0) {
      console.log('zstd is not installed: nothing to compare with.');
      return;
    }
    console.log('| | pack | tar, zstd | ratio | ratios |\n|:--|--:|--:|--:|:--|');
    for (const contest of contests) console.log(await rowOf(contest));
    console.log(
      `Stored: ${megabytes(sizeOf(join(root, 'pack')))} MB as a pack, ${megabytes(statSync(join(root, 'tar.zst')).size)} MB as a tar.`,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function contestsIn(root: string, files: readonly PackFile[]): Contest[] {
  const [pack, archive, set] = [join(root, 'pack'), join(root, 'tar.zst'), join(root, 'set')];
  const write = async (): Promise<void> => {
    rmSync(pack, { recursive: true, force: true });
    await writePack({ directory: pack, files });
  };
  const read = (rules: readonly PackRule[]) =>
    readPack({ directory: pack, target: fresh(root, 'read'), rules });
  const untar = (): void => tar(['-xf', archive, '-C', fresh(root, 'read'), '-I', 'unzstd --long=30']);
  return [
    {
      what: 'write',
      ours: write,
      theirs: () => tar(['-cf', archive, '-C', set, '-I', 'zstd -T0 --long=30', '.']),
    },
    { what: 'read', ours: () => read(hashed), theirs: untar },
    { what: 'read without hashing', ours: () => read(unhashed), theirs: untar },
  ];
}

async function rowOf(contest: Contest): Promise<string> {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    ours.push(await secondsOf(contest.ours));
    theirs.push(await secondsOf(contest.theirs));
  }
  const ratios = ours.map((seconds, pair) => seconds / (theirs[pair] ?? Number.NaN));
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  return `| ${[contest.what, ...[ours, theirs, ratios].map((values) => median(values).toFixed(2)), all].join(' | ')} |`;
}

async function secondsOf(act: () => unknown): Promise<number> {
  const start = performance.now();
  await act();
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Objects of the sizes that a build cache has (many small, few large), which compress about five to one. */
function synthesize(root: string): PackFile[] {
  const words = Array.from({ length: 2000 }, () => randomBytes(16));
  return Array.from({ length: objects }, (_, index): PackFile => {
    const size = Math.round(400 * 1.0022 ** index);
    const pieces = Array.from(
      { length: Math.ceil(size / 20) },
      () => words[Math.floor(Math.random() ** 2 * 2000)] ?? '',
    );
    const content = Buffer.concat([...pieces.map((piece) => Buffer.from(piece)), randomBytes(32)]);
    const sha256 = hash('sha256', content, 'hex');
    const name = `${sha256.slice(0, 2)}/${sha256}-d`;
    const path = join(root, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, content);
    return { name, path, bytes: content.length };
  });
}

function fresh(root: string, name: string): string {
  const path = join(root, name);
  rmSync(path, { recursive: true, force: true });
  mkdirSync(path);
  return path;
}

function tar(words: readonly string[]): void {
  execFileSync('tar', words, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function sizeOf(directory: string): number {
  return readdirSync(directory).reduce((sum, name) => sum + statSync(join(directory, name)).size, 0);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
