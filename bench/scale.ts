import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { auditSet, storable } from '../src/flow/audit.ts';
import { readBase, writeBase } from '../src/flow/base.ts';
import { choicesOf } from '../src/flow/fit.ts';
import { type Look, look } from '../src/flow/look.ts';
import { firstPlan, keyOf, type Layering } from '../src/flow/pack-layers.ts';
import { toFiles } from '../src/flow/save.ts';
import { writeSnapshot } from '../src/flow/snapshot.ts';
import { backdate, markSecond } from '../src/gocache/backdate.ts';
import { scan } from '../src/gocache/scan.ts';
import { sweep } from '../src/gocache/sweep.ts';
import { nearest } from '../src/pack/pairing.ts';
import { identityOf, inOrder } from '../src/pack/write.ts';
import { setKeys } from '../src/store/key.ts';
import { median } from './median.ts';

const sizes = [10_000, 50_000, 200_000];
const rounds = 3;
/** Of ten objects the last is used by nobody. */
const isDead = (at: number): boolean => at % 10 === 9;

const phases = ['restore', 'sweep', 'save', 'pairing'] as const;
type Seconds = Record<(typeof phases)[number], number>;

/**
 * How the work that is done object by object grows with their number, apart from download, packing and unpacking:
 *
 * - `restore`: every object found and marked, the base's identity, what post is told.
 * - `sweep`: every object found again, who has used it, its class; a tenth deleted.
 * - `save`: what may be left out, the set by class, what is dead of the base, the key.
 * - `pairing`: to find for each changed output what it was before, all of them changed.
 */
export function tellScale(): void {
  console.log(`\nSynthetic objects, half records, half outputs; seconds, medians of ${rounds}.\n`);
  console.log(`| objects | ${phases.join(' | ')} | of one object, µs: ${phases.join(' | ')} |`);
  console.log(`|--:|${'--:|'.repeat(2 * phases.length)}`);
  const each = sizes.map((objects) => {
    const seconds = measure(objects);
    const cells = phases.map((phase) => seconds[phase].toFixed(3));
    const single = phases.map((phase) => ((seconds[phase] / objects) * 1e6).toFixed(1));
    console.log(`| ${[objects, ...cells, ...single].join(' | ')} |`);
    return { objects, seconds };
  });
  const [smallest, largest] = [each[0], each.at(-1)];
  if (smallest === undefined || largest === undefined) return;
  const growth = phases.map((phase) => {
    const factor = largest.seconds[phase] / largest.objects / (smallest.seconds[phase] / smallest.objects);
    return `${phase} ${factor.toFixed(2)}`;
  });
  console.log(
    `\nAn object of ${largest.objects} to one of ${smallest.objects}: ${growth.join(', ')}; linear is 1.00.`,
  );
}

function measure(objects: number): Seconds {
  const home = mkdtempSync(join(tmpdir(), 'bench-scale-'));
  try {
    const pairs = Array.from({ length: objects / 2 }, (_, at) => pairOf(at));
    const told = Array.from({ length: rounds }, () => round(home, pairs));
    const of = (phase: keyof Seconds): number => median(told.map((seconds) => seconds[phase]));
    return { restore: of('restore'), sweep: of('sweep'), save: of('save'), pairing: of('pairing') };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** A record and the output that it names, in Go's own forms. */
interface Pair {
  readonly record: { readonly name: string; readonly text: string };
  readonly output: { readonly name: string; readonly text: string };
}

function pairOf(at: number): Pair {
  const content = `the output ${at}\n`;
  const output = hash('sha256', content, 'hex');
  const action = hash('sha256', `the action ${at}`, 'hex');
  const [size, time] = [String(content.length).padStart(20), '1700000000000000000'.padStart(20)];
  return {
    record: { name: `${action.slice(0, 2)}/${action}-a`, text: `v1 ${action} ${output} ${size} ${time}\n` },
    output: { name: `${output.slice(0, 2)}/${output}-d`, text: content },
  };
}

const keys = setKeys({
  ...{
    os: 'linux',
    arch: 'x64',
    goVersion: 'go1.26.8',
    shape: 's',
    name: 'default',
    content: 'c',
    run: '1.1',
  },
});

/** One job over these objects; what the rounds before it have swept is there again. */
function round(home: string, pairs: readonly Pair[]): Seconds {
  const gocache = join(home, 'gocache');
  write(gocache, pairs);
  const mark = markSecond(Date.now());
  const restore = seconds(() => asMain(home, gocache, mark));
  const used = new Date();
  for (const [at, { record, output }] of pairs.entries()) {
    if (isDead(at)) continue;
    for (const { name } of [record, output]) utimesSync(join(gocache, name), used, used);
  }
  const state = {
    gocache,
    mark,
    work: home,
    restore: 'partial',
    maxSize: null,
    keepExecutables: false,
  } as const;
  let seen: Look | undefined;
  const swept = seconds(() => {
    seen = look(state, process.getuid?.());
    sweep(
      gocache,
      seen.own.filter((_, at) => seen?.uses[at] === 'none'),
    );
  });
  const found = seen;
  if (found === undefined) throw new Error('nothing was seen');
  const dead = found.uses.filter((use) => use === 'none').length;
  if (dead !== pairs.filter((_, at) => isDead(at)).length * 2) throw new Error(`${dead} objects are dead`);
  return {
    restore,
    sweep: swept,
    save: seconds(() => planSave(found, state)),
    pairing: seconds(() => pairAll(pairs.length)),
  };
}

function asMain(home: string, gocache: string, mark: number): void {
  const objects = scan(gocache);
  backdate(gocache, objects, mark);
  const files = inOrder(toFiles(objects, gocache));
  writeBase(home, { key: identityOf(files), storedBytes: 1, files, aside: [] });
  const names = new Set(objects.map(({ name }) => name));
  const none = new Set<string>();
  writeSnapshot(home, { others: none, restored: names, known: names, helped: none, live: none });
}

/** What post does with what it has seen before anything is packed. */
function planSave(
  seen: Look,
  state: { readonly gocache: string; readonly work: string; readonly keepExecutables: boolean },
): void {
  const { gocache, work, keepExecutables } = state;
  const kept = seen.own.filter((_, at) => seen.uses[at] !== 'none');
  auditSet({ gocache, keepExecutables }, seen, kept);
  const [{ objects }] = choicesOf(storable(kept, seen.classes, keepExecutables), seen.classes);
  const base = readBase(work) ?? 'none';
  const files = toFiles(objects, gocache);
  const layering: Layering = {
    ...{
      base,
      lostKey: undefined,
      dead: [],
      isShared: true,
      isSettled: true,
      keys: { prefix: keys.prefix, set: keys.save },
    },
  };
  keyOf(firstPlan(files, layering), files, layering);
}

/** As many outputs as the set has, each of them changed by a quarter. */
function pairAll(outputs: number): void {
  const sketched = (changed: boolean) =>
    Array.from({ length: outputs }, (_, item) => {
      const values = Array.from({ length: 32 }, (_, at) => {
        const old = changed && at < 8 ? item + outputs : item;
        return Math.imul(old * 32 + at + 1, 0x9e3779b1) >>> 0;
      });
      return { item, sketch: Uint32Array.from(values).sort(), bytes: 1000 };
    });
  const found = nearest(sketched(true), sketched(false));
  if (found.some((item, at) => item !== at)) throw new Error('an output was paired with another');
}

function write(gocache: string, pairs: readonly Pair[]): void {
  for (let at = 0; at < 256; at += 1) {
    mkdirSync(join(gocache, at.toString(16).padStart(2, '0')), { recursive: true });
  }
  for (const { record, output } of pairs) {
    for (const { name, text } of [record, output]) writeFileSync(join(gocache, name), text);
  }
}

function seconds(act: () => void): number {
  const started = performance.now();
  act();
  return (performance.now() - started) / 1000;
}
