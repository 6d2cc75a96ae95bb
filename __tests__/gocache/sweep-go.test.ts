import { existsSync, mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backdate, markSecond } from '../../src/gocache/backdate.ts';
import { classesOf } from '../../src/gocache/kinship.ts';
import { type GocacheObject, scan } from '../../src/gocache/scan.ts';
import { type Partition, partition, readOutputOf, sweep } from '../../src/gocache/sweep.ts';
import { createModule, type GoModule, sources } from './go.ts';

const second = markSecond(Date.now());
// text has no tests: that makes Go link covdata.
const cover = ['test', '-cover', './core', './shop', './text'] as const;
let go: GoModule;
/** Holds the cover run, a plain run and both commands; each case works on a copy. */
let warmed: string;

beforeAll(() => {
  go = createModule(sources);
  warmed = go.gocache('warmed');
  go.go(warmed, ...cover);
  go.go(warmed, 'test', './core', './shop');
  go.go(warmed, 'run', './cmd/used');
  go.go(warmed, 'run', './cmd/cover');
});
afterAll(() => rmSync(go.root, { recursive: true, force: true }));

/** A copy of the warmed GOCACHE, every object marked. */
function marked(name: string): string {
  const gocache = go.gocache(name, warmed);
  expect(backdate(gocache, scan(gocache), second)).toBe(0);
  return gocache;
}

function parted(gocache: string): Partition {
  return partition(scan(gocache), { second, outputOf: readOutputOf(gocache) });
}

function bytesOf(objects: readonly GocacheObject[]): number {
  return objects.reduce((sum, object) => sum + object.bytes, 0);
}

function archives(gocache: string, objects: readonly GocacheObject[]): string[] {
  const classes = classesOf(gocache, objects);
  return objects
    .filter((one) => one.kind === 'output' && classes.get(one.name) === 'archive')
    .map(({ name }) => name);
}

const executables = (objects: readonly GocacheObject[]): string[] =>
  objects.flatMap(({ file }) => (file === undefined ? [] : [file])).sort();

describe('after a backdate', () => {
  test('nothing is live, whatever it is', () => {
    const gocache = marked('idle');
    expect(parted(gocache).live).toEqual([]);
    expect(executables(scan(gocache))).toEqual(['covdata', 'cover', 'used']);
  });

  test('the same tests, run, mark what they need: what stays compiles nothing', () => {
    const gocache = marked('run');
    go.go(gocache, ...cover, '-count=1');
    const { live, dead } = parted(gocache);
    expect(sweep(gocache, dead)).toEqual({ objects: dead.length, bytes: bytesOf(dead) });
    expect(scan(gocache).map(({ name }) => name)).toEqual(live.map(({ name }) => name));
    expect(executables(live)).toEqual(['covdata']);
    expect(archives(gocache, live).length).toBeLessThan(archives(warmed, scan(warmed)).length);
    expect(go.go(gocache, ...cover, '-count=1').compiled).toEqual([]);
    expect(go.go(gocache, ...cover, `-coverprofile=${devNull}`, '-count=1').compiled).toEqual([]);
    // The plain run was dropped: its packages are compiled anew.
    expect(go.go(gocache, 'test', './shop').compiled).toContain('example.com/m/shop');
  });

  test('a run that is (cached) marks every archive that a run needs', () => {
    const gocache = marked('cached');
    const { stdout } = go.go(gocache, ...cover);
    expect(stdout.match(/\(cached\)/g)).toHaveLength(2);
    const { live, dead } = parted(gocache);
    sweep(gocache, dead);
    expect(archives(gocache, live).length).toBeGreaterThan(0);
    expect(go.go(gocache, ...cover, '-count=1').compiled).toEqual([]);
    expect(go.go(gocache, ...cover).stdout.match(/\(cached\)/g)).toHaveLength(2);
  });

  test('an executable that was run stays, one that was not goes', () => {
    const gocache = marked('executables');
    go.go(gocache, 'run', './cmd/used');
    const { live, dead } = parted(gocache);
    expect(executables(live)).toEqual(['used']);
    expect(executables(dead)).toEqual(['covdata', 'cover']);
    sweep(gocache, dead);
    expect(executables(scan(gocache))).toEqual(['used']);
    expect(go.go(gocache, 'run', './cmd/used').compiled).toEqual([]);
  });

  test('a live record keeps an output that Go would have written again', () => {
    const gocache = marked('again');
    const outputOf = readOutputOf(gocache);
    const objects = scan(gocache);
    const known = new Set(archives(gocache, objects));
    const record = objects.find((one) => one.kind === 'record' && known.has(nameOfOutput(outputOf(one))));
    if (record === undefined) throw new Error('no record of an archive');
    const now = Date.now() / 1000;
    utimesSync(join(gocache, record.name), now, now);
    const output = nameOfOutput(outputOf(record));
    const names = parted(gocache).live.map(({ name }) => name);
    expect(names.toSorted()).toEqual([record.name, output].toSorted());
  });

  test('an output compiled again byte for byte keeps its mark, and is kept by its new record', () => {
    const gocache = marked('rebuilt');
    const outputOf = readOutputOf(gocache);
    for (const one of scan(gocache)) {
      if (one.kind === 'record') rmSync(join(gocache, one.name));
    }
    go.go(gocache, 'test', '-count=1', './core');
    const { live, dead } = parted(gocache);
    const needed = new Set(
      live.filter((one) => one.kind === 'record').map((one) => nameOfOutput(outputOf(one))),
    );
    expect(live.some((one) => Math.abs(one.mtimeMs - second * 1000) < 1)).toBe(true);
    for (const one of dead) expect(needed).not.toContain(one.name);
    sweep(gocache, dead);
    expect(go.go(gocache, 'test', '-count=1', './core').compiled).toEqual([]);
  });

  test('a malformed record neither stops the sweep nor keeps anything', () => {
    const gocache = marked('malformed');
    const record = scan(gocache).find(({ kind }) => kind === 'record');
    if (record === undefined) throw new Error('no record');
    writeFileSync(join(gocache, record.name), 'v1 nonsense\n');
    expect(parted(gocache).live.map(({ name }) => name)).toEqual([record.name]);
  });

  test('fuzz/, trim.txt and README are left alone', () => {
    const gocache = marked('fuzz');
    // As internal/fuzz lays its corpus; nothing in it is an object.
    const seed = join(gocache, 'fuzz', 'example.com', 'm', 'core', 'FuzzDouble', 'ab12');
    mkdirSync(dirname(seed), { recursive: true });
    writeFileSync(seed, 'go test fuzz v1\nint(1)\n');
    const trim = join(gocache, 'trim.txt');
    const before = { text: readFileSync(trim, 'utf8'), mtimeMs: statSync(trim).mtimeMs };
    backdate(gocache, scan(gocache), second);
    sweep(gocache, parted(gocache).dead);
    expect(scan(gocache)).toEqual([]);
    expect({ text: readFileSync(trim, 'utf8'), mtimeMs: statSync(trim).mtimeMs }).toEqual(before);
    expect(existsSync(join(gocache, 'README'))).toBe(true);
    expect(existsSync(seed)).toBe(true);
  });
});

test('after an edit and a sweep, the set is the size of a cold one', () => {
  const gocache = marked('edited');
  go.write('core/core.go', (sources['core/core.go'] ?? '').replace('2 * n', 'n + n'));
  const compiled = go.go(gocache, ...cover).compiled;
  expect(compiled).toContain('example.com/m/core');
  expect(compiled).not.toContain('fmt');
  sweep(gocache, parted(gocache).dead);
  const cold = go.gocache('cold');
  go.go(cold, ...cover);
  expect(bytesOf(scan(gocache)) / bytesOf(scan(cold))).toBeGreaterThan(0.98);
  expect(bytesOf(scan(gocache)) / bytesOf(scan(cold))).toBeLessThan(1.02);
});

function nameOfOutput(id: string | undefined): string {
  return id === undefined ? '' : `${id.slice(0, 2)}/${id}-d`;
}
