import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { median } from './median.ts';
import { type Command, cpuSecondsOf, Lab } from './warm-lab.ts';

const module = 'github.com/go-task/task/v3';
const version = 'v3.51.1';
const server = 'github.com/bradfitz/go-tool-cache/cmd/go-cacher@v0.0.0-20260722201841-0bb331e19f64';
const command = ['test', '-run=^$', './...'];
const pairs = 5;

/** What one go command takes. */
interface Seconds {
  readonly wall: number;
  /** User and system, of all processes. */
  readonly cpu: number;
}

/**
 * One go command by the two ways in which it can keep its build cache on a local disk: a directory GOCACHE, and a
 * GOCACHEPROG server. First from nothing, then again and again with nothing changed, the two in turn.
 */
export async function run(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'bench-cacheprog-'));
  const lab = new Lab(module, version);
  try {
    const stored = join(home, 'stored');
    const program = install(home, stored);
    const gocache = lab.gocache();
    const directory = () => measured(lab, gocache, ['go', ...command]);
    const aside = lab.gocache(); // Go wants a GOCACHE beside a server, too: for fuzzing.
    const served = async () => {
      const seconds = await measured(lab, aside, [`GOCACHEPROG=${program.path}`, 'go', ...command]);
      return { ...seconds, cpu: seconds.cpu + program.cpu() };
    };
    console.log(`${module}@${version}, \`go ${command.join(' ')}\`; the server is ${server}.`);
    console.log('| | GOCACHE | GOCACHEPROG | ratio | ratios |\n|:--|--:|--:|--:|:--|');
    print('from nothing', [[await directory(), await served()]]);
    // The first command after it finds results of tests, and stores what it notes of files.
    await directory();
    await served();
    print(`nothing changed, median of ${pairs} pairs`, await inTurn(directory, served));
    const [own, theirs] = [gocache, stored].map((path) => bytesIn(path) / 1e6);
    console.log(
      `\nOn the disk: GOCACHE ${own?.toFixed(1)} MB, the server's directory ${theirs?.toFixed(1)} MB.`,
    );
  } finally {
    lab.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/**
 * The server behind a script that writes the CPU times of it to a file when it has ended: the go command waits for the
 * script's output to end, but for no process (cmd/go/internal/cache/prog.go).
 */
function install(home: string, stored: string): { readonly path: string; readonly cpu: () => number } {
  execFileSync('go', ['install', server], { env: { ...process.env, GOBIN: home }, stdio: 'inherit' });
  mkdirSync(stored);
  const [path, times] = [join(home, 'timed.sh'), join(home, 'times')];
  writeFileSync(path, `#!/bin/sh\n'${home}/go-cacher' --cache-dir='${stored}'\ntimes >'${times}'\n`);
  chmodSync(path, 0o755);
  return { path, cpu: () => cpuSecondsOf(readFileSync(times, 'utf8')) };
}

async function measured(lab: Lab, gocache: string, line: Command): Promise<Seconds> {
  const started = performance.now();
  const cpu = await lab.cpu(gocache, [line]);
  return { wall: (performance.now() - started) / 1000, cpu };
}

/** The server goes first in every second pair. */
async function inTurn(
  directory: () => Promise<Seconds>,
  served: () => Promise<Seconds>,
): Promise<(readonly [Seconds, Seconds])[]> {
  const done: (readonly [Seconds, Seconds])[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const first = pair % 2 === 0 ? await directory() : undefined;
    const second = await served();
    done.push([first ?? (await directory()), second]);
  }
  return done;
}

function print(what: string, at: readonly (readonly [Seconds, Seconds])[]): void {
  for (const unit of ['wall', 'cpu'] as const) {
    const ratios = at.map(([own, theirs]) => theirs[unit] / own[unit]);
    const own = median(at.map(([seconds]) => seconds[unit]));
    const theirs = median(at.map(([, seconds]) => seconds[unit]));
    const listed = ratios.map((ratio) => ratio.toFixed(2)).join(', ');
    const cells = [own.toFixed(2), theirs.toFixed(2), median(ratios).toFixed(2), listed];
    console.log(`| ${[`${what}, ${unit} s`, ...cells].join(' | ')} |`);
  }
}

function bytesIn(directory: string): number {
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  return files.reduce((sum, file) => {
    const stats = lstatSync(join(directory, file));
    return stats.isFile() ? sum + stats.size : sum;
  }, 0);
}
