import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkOut, makeWritable } from '../local/checkout.ts';
import { LocalRunner } from '../local/runner.ts';
import { classesOf } from '../src/gocache/kinship.ts';
import { scan } from '../src/gocache/scan.ts';
import { median } from './median.ts';

const root = resolve(import.meta.dirname, '..');
const module = 'golang.org/x/tools';
const version = 'v0.38.0';
const helpers = ['stringer', 'goimports', 'deadcode', 'callgraph', 'goyacc'];
const rounds = 9;
const changes = 5;

interface Way {
  readonly workspace: string;
  readonly gocache: string;
  /** Calls a helper for its usage: what it does itself takes next to no time. */
  readonly call: (helper: string) => readonly string[];
}

/** Real programs of one module: by `go run`, and by this action's helpers. Each way has a GOCACHE of its own, empty at first. */
export async function run(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'bench-helpers-'));
  const workspace = join(home, 'workspace');
  try {
    checkOut(workspace, module, version);
    const goRun = byGoRun(home, workspace);
    const built = await byHelpers(home, workspace);
    console.log(`${helpers.length} programs of ${module} ${version}; MB of 1,000,000 bytes.`);
    console.log('| | GOCACHE | cached executables | executable bytes |\n|:--|--:|--:|--:|');
    for (const [name, { gocache }] of [
      ['after `go run`', goRun],
      ['after helpers', built],
    ] as const) {
      console.log(`| ${[name, ...sizes(gocache)].join(' | ')} |`);
    }
    repeated(goRun, built);
    changed(goRun, built, workspace);
  } finally {
    makeWritable(home);
    rmSync(home, { recursive: true, force: true });
  }
}

function byGoRun(home: string, workspace: string): Way {
  const gocache = join(home, 'go-run');
  const way: Way = {
    ...{ workspace, gocache },
    call: (helper) => ['go', 'run', '-buildvcs=false', `./cmd/${helper}`, '-h'],
  };
  for (const helper of helpers) call(way, helper);
  return way;
}

async function byHelpers(home: string, workspace: string): Promise<Way> {
  const temp = join(home, 'temp-helpers');
  const runner = new LocalRunner({ workspace, temp, action: root });
  const main = await runner.main({
    with: {
      ...{ 'module-cache': 'false', save: 'never', warm: 'never', 'plain-packages': '' },
      ...{ 'cover-packages': '', helpers: helpers.map((name) => `./cmd/${name}`).join('\n') },
    },
  });
  if (main.exitCode !== 0) throw new Error(main.log);
  const directory = main.outputs['helpers-dir'] ?? '';
  return {
    ...{ workspace, gocache: main.outputs['gocache'] ?? '' },
    call: (helper) => [join(directory, helper), '-h'],
  };
}

/** Seconds of one call. */
function call(way: Way, helper: string): number {
  const { seconds, log } = timed(way, way.call(helper));
  if (!/usage/i.test(log)) throw new Error(`${helper} did not run:\n${log}`);
  return seconds;
}

function timed({ workspace, gocache }: Way, [program = '', ...args]: readonly string[]) {
  const env = { ...process.env, GOCACHE: gocache };
  const started = performance.now();
  const { stdout, stderr, status } = spawnSync(program, args, { cwd: workspace, env, encoding: 'utf8' });
  const seconds = (performance.now() - started) / 1000;
  return { seconds, log: `${stdout}${stderr}`, status };
}

function sizes(gocache: string): string[] {
  const objects = scan(gocache);
  const classes = classesOf(gocache, objects);
  const linked = objects.filter(
    ({ name, kind }) => kind === 'executable' && classes.get(name) === 'executable',
  );
  const bytes = (of: typeof objects) => (of.reduce((sum, one) => sum + one.bytes, 0) / 1e6).toFixed(1);
  return [`${bytes(objects)} MB`, String(linked.length), `${bytes(linked)} MB`];
}

/** Calls in turn, so that whatever else the machine does hits both ways. */
function repeated(goRun: Way, built: Way): void {
  console.log(
    `\nA repeated call, milliseconds, median of ${rounds} pairs in turn; at least 9 times faster is wanted.`,
  );
  console.log('| | go run | helper | times faster |\n|:--|--:|--:|--:|');
  for (const helper of helpers) {
    const [slow, fast]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round += 1) {
      slow.push(call(goRun, helper));
      fast.push(call(built, helper));
    }
    const [a, b] = [median(slow), median(fast)];
    console.log(`| ${helper} | ${ms(a)} | ${ms(b)} | ${(a / b).toFixed(1)} |`);
  }
}

/** A change of each program's own source, then one call: `go build -o` onto the program and the program, beside go run. */
function changed(goRun: Way, built: Way, workspace: string): void {
  console.log(
    `\nAfter a change of the program's own source, milliseconds, median of ${changes} pairs in turn.`,
  );
  console.log('| | go run | go build and the helper | ratio |\n|:--|--:|--:|--:|');
  for (const helper of helpers) {
    const [slow, fast]: [number[], number[]] = [[], []];
    const file = join(workspace, 'cmd', helper, 'changed.go');
    for (let change = 0; change < changes; change += 1) {
      writeFileSync(
        file,
        `package main\n\nvar changed = "${helper} ${change}"\n\nfunc init() { _ = changed }\n`,
      );
      const rebuilt = () => build(built, helper) + call(built, helper);
      // Who goes first reads the sources for the other: so they take turns in that.
      if (change % 2 === 0) {
        slow.push(call(goRun, helper));
        fast.push(rebuilt());
      } else {
        fast.push(rebuilt());
        slow.push(call(goRun, helper));
      }
    }
    const [a, b] = [median(slow), median(fast)];
    console.log(`| ${helper} | ${ms(a)} | ${ms(b)} | ${(b / a).toFixed(2)} |`);
  }
}

/** Seconds of Go's own build onto the helper, as main does it. */
function build(way: Way, helper: string): number {
  const [target = ''] = way.call(helper);
  const done = timed(way, [
    'go',
    'build',
    '-buildvcs=false',
    '-ldflags=-s -w',
    '-o',
    target,
    `./cmd/${helper}`,
  ]);
  if (done.status !== 0) throw new Error(done.log);
  return done.seconds;
}

const ms = (seconds: number): string => (seconds * 1000).toFixed(1);
