import { execFileSync, spawnSync } from 'node:child_process';
import { hash, randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PackFile } from '../src/pack/pack-file.ts';
import { type PackRule, readPack } from '../src/pack/read.ts';
import { writePack } from '../src/pack/write.ts';

const pairs = 5;
const objects = 4000;
const hashed: readonly PackRule[] = [{ name: /^[0-9a-f]{2}\/(?<sha256>[0-9a-f]{64})-d$/, executable: false }];
const unhashed: readonly PackRule[] = [{ name: /^[0-9a-f]{2}\/[0-9a-f]{64}-d$/, executable: false }];

/** Two ways to do a thing; they are run in turn. */
interface Contest {
  readonly ours: () => Promise<unknown>;
  readonly theirs: () => unknown;
}

/**
 * Seconds for writing and reading a set as a pack, beside one `tar` with `zstd` of the same set in the same run; and for
 * reading it with every object hashed, beside reading it with none.
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
    for (const [what, contest] of Object.entries(contests)) {
      console.log(
        row(
          what,
          (await pairsOf(contest)).map(([a, b]) => [a.seconds, b.seconds]),
        ),
      );
    }
    console.log('\n| | with | without | ratio | ratios |\n|:--|--:|--:|--:|:--|');
    const checked = await pairsOf({
      ours: () => read(root, hashed),
      theirs: () => read(root, unhashed),
    });
    console.log(
      row(
        'read, hashing every object',
        checked.map(([a, b]) => [a.seconds, b.seconds]),
      ),
    );
    console.log(
      row(
        'the same, CPU seconds',
        checked.map(([a, b]) => [a.cpuSeconds, b.cpuSeconds]),
      ),
    );
    console.log(
      `\nStored: ${megabytes(sizeOf(packIn(root)))} MB as a pack, ${megabytes(statSync(join(root, 'tar.zst')).size)} MB as a tar.`,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function contestsIn(root: string, files: readonly PackFile[]): Record<string, Contest> {
  const [pack, archive, set] = [packIn(root), join(root, 'tar.zst'), join(root, 'set')];
  const write = async (): Promise<void> => {
    rmSync(pack, { recursive: true, force: true });
    await writePack({ directory: pack, files });
  };
  const untar = (): void => tar(['-xf', archive, '-C', fresh(root, 'read'), '-I', 'unzstd --long=30']);
  const archived = (): void => tar(['-cf', archive, '-C', set, '-I', 'zstd -T0 --long=30', '.']);
  return {
    write: { ours: write, theirs: archived },
    read: { ours: () => read(root, hashed), theirs: untar },
  };
}

function packIn(root: string): string {
  return join(root, 'pack');
}

function read(root: string, rules: readonly PackRule[]): Promise<unknown> {
  return readPack({ directory: packIn(root), target: fresh(root, 'read'), rules });
}

interface Cost {
  readonly seconds: number;
  /** Of all threads of this process: what other load on the machine changes least. */
  readonly cpuSeconds: number;
}

/** The costs of each pair: ours, theirs. */
async function pairsOf({ ours, theirs }: Contest): Promise<[Cost, Cost][]> {
  const costs: [Cost, Cost][] = [];
  for (let pair = 0; pair < pairs; pair++) costs.push([await costOf(ours), await costOf(theirs)]);
  return costs;
}

function row(what: string, numbers: readonly (readonly [number, number])[]): string {
  const ratios = numbers.map(([ours, theirs]) => ours / theirs);
  const columns = [numbers.map(([ours]) => ours), numbers.map(([, theirs]) => theirs), ratios];
  const all = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
  return `| ${[what, ...columns.map((values) => median(values).toFixed(2)), all].join(' | ')} |`;
}

async function costOf(act: () => unknown): Promise<Cost> {
  const [start, before] = [performance.now(), process.cpuUsage()];
  await act();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: (user + system) / 1e6 };
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
