import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Compiled, compiledOf } from '../../src/gocache/compiled.ts';
import { outputNameOf } from '../../src/gocache/layout.ts';
import { scan } from '../../src/gocache/scan.ts';
import { createModule, type GoModule } from './go.ts';

const testOf = (name: string): string => `package ${name}\nimport "testing"\nfunc TestIt(t *testing.T) {}\n`;
const files: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/m\n\ngo 1.24\n',
  'a.v2/a.go': 'package a\nimport "example.com/m/lib"\nfunc One() int { return lib.Two() - 1 }\n',
  'a.v2/tagged.go': '//go:build tagged\n\npackage a\nfunc Tagged() int { return 1 }\n',
  'a.v2/a_test.go': testOf('a'),
  'a.v2/x_test.go':
    'package a_test\nimport ("testing"; a "example.com/m/a.v2"; "example.com/m/user")\n' +
    'func TestX(t *testing.T) { a.One(); user.Use() }\n',
  'lib/lib.go': 'package lib\nfunc Two() int { return 2 }\n',
  'user/user.go': 'package user\nimport a "example.com/m/a.v2"\nfunc Use() int { return a.One() }\n',
  'bare/bare.go': 'package bare\ntype T struct{ N int }\n',
  'only/only_test.go': testOf('only'),
  'outer/outer_test.go': testOf('outer_test'),
  'asm/asm.go': 'package asm\nfunc Add(a, b int) int\nfunc Two() int { return Add(1, 1) }\n',
  'asm/asm.s': '#include "textflag.h"\nTEXT ·Add(SB), NOSPLIT, $0-24\n\tCALL ·Two(SB)\n\tRET\n',
  'cgo/cgo.go':
    'package cgo\n// static int two(void) { return 2; }\nimport "C"\nfunc Two() int { return int(C.two()) }\n',
  'cmd/tool/main.go': 'package main\nimport "example.com/m/lib"\nfunc main() { println(lib.Two()) }\n',
};

let go: GoModule;
let hasC: boolean;
beforeAll(() => {
  go = createModule(files);
  const [cgo, cc] = execFileSync('go', ['env', 'CGO_ENABLED', 'CC'], { encoding: 'utf8' }).split('\n');
  hasC = cgo === '1' && compiles(cc ?? '');
});
afterAll(() => rmSync(go.root, { recursive: true, force: true }));

function compiles(cc: string): boolean {
  try {
    execFileSync(cc.split(' ')[0] ?? '', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false; // There is no such program.
  }
}

let count = 0;
/** What a command compiles that the warm GOCACHE lacks, by import path; main packages by `main`. */
function compile(...words: string[]): Map<string, Compiled> {
  const gocache = go.gocache(`gocache-${++count}`, inject('warmGocache'));
  const before = new Set(scan(gocache).map(({ name }) => name));
  go.go(gocache, ...words);
  const made = scan(gocache).filter(({ name, kind }) => kind === 'output' && !before.has(name));
  const found = made.flatMap(({ name }) => compiledOf(gocache, name) ?? []);
  return new Map(found.map((one) => [one.importPath ?? 'main', one]));
}

/** The module's own, without the standard library. */
const own = (all: ReadonlyMap<string, Compiled>): string[] =>
  [...all].flatMap(([name, { standard }]) => (standard ? [] : [name])).sort();

const slashed = (...path: string[]): string => join(go.directory, ...path).replaceAll('\\', '/');

describe('a plain test', () => {
  let all: Map<string, Compiled>;
  beforeAll(() => {
    all = compile('test', './a.v2', './bare', './only', './outer');
  });

  test('names its packages as Go does, but for what is compiled again for a test', () => {
    expect(own(all)).toEqual([
      'example.com/m/a.v2 [example.com/m/a.v2.test]',
      'example.com/m/a.v2.test',
      'example.com/m/a.v2_test [example.com/m/a.v2.test]',
      'example.com/m/bare',
      'example.com/m/lib',
      'example.com/m/only [example.com/m/only.test]',
      'example.com/m/only.test',
      'example.com/m/outer.test',
      'example.com/m/outer_test [example.com/m/outer.test]',
      'example.com/m/user',
    ]);
  });

  test('tells all that there is to a package', () => {
    const version = execFileSync('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH'], { encoding: 'utf8' });
    const [goVersion, os, arch] = version.split('\n');
    expect(all.get('example.com/m/a.v2 [example.com/m/a.v2.test]')).toEqual({
      importPath: 'example.com/m/a.v2 [example.com/m/a.v2.test]',
      goVersion,
      target: `${os}/${arch}`,
      standard: false,
      testMain: false,
      flags: [],
      race: false,
      covered: false,
      coverMode: undefined,
      coverpkg: undefined,
      directory: slashed('a.v2'),
      files: ['a.go', 'a_test.go'],
    });
  });

  test('and to a test main', () => {
    expect(all.get('example.com/m/a.v2.test')).toMatchObject({
      testMain: true,
      flags: ['-dwarf=false'],
      covered: false,
      coverMode: undefined,
      coverpkg: undefined,
      directory: undefined,
      files: [],
    });
  });
});

test.each(['set', 'count', 'atomic'] as const)('-covermode=%s', (coverMode) => {
  const all = compile('test', `-covermode=${coverMode}`, './a.v2', './lib', './bare');
  const covered = { covered: true, coverMode };
  expect(all.get('example.com/m/a.v2 [example.com/m/a.v2.test]')).toMatchObject({
    ...covered,
    directory: slashed('a.v2'),
    files: ['a.go', 'a_test.go'],
  });
  expect(all.get('example.com/m/lib')).toMatchObject(covered);
  expect(all.get('example.com/m/a.v2.test')).toMatchObject({ ...covered, coverpkg: undefined });
  // Counters that came with an inlined function do not count.
  expect(all.get('example.com/m/user')).toMatchObject({ covered: false, coverMode: undefined });
  expect(all.get('example.com/m/a.v2_test [example.com/m/a.v2.test]')).toMatchObject({ covered: false });
  // Nothing is counted in a package without functions.
  const mode = coverMode === 'atomic' ? coverMode : undefined;
  expect(all.get('example.com/m/bare')).toMatchObject({ covered: true, coverMode: mode });
});

test('-coverpkg is in the test main, as written', () => {
  const all = compile('test', '-coverpkg=./lib,example.com/m/user', './a.v2');
  expect(all.get('example.com/m/a.v2.test')).toMatchObject({
    coverMode: 'set',
    coverpkg: './lib, example.com/m/user',
  });
  expect(all.get('example.com/m/a.v2 [example.com/m/a.v2.test]')).toMatchObject({ covered: false });
  expect(all.get('example.com/m/lib')).toMatchObject({ covered: true });
});

test('a binary that is kept has a test main with DWARF', () => {
  const all = compile('test', '-c', '-o', join(go.root, 'kept'), './only');
  expect(all.get('example.com/m/only.test')?.flags).toEqual([]);
});

test('-trimpath', () => {
  const all = compile('list', '-export', '-trimpath', './cmd/tool', './a.v2');
  expect(all.get('example.com/m/a.v2')?.directory).toBe('example.com/m/a.v2');
  expect(all.get('example.com/m/cmd/tool')?.directory).toBe('example.com/m/cmd/tool');
  expect(all.get('runtime')).toMatchObject({ standard: true, directory: 'runtime' });
});

test('a main package is told by its directory', () => {
  const all = compile('build', '-o', join(go.root, 'tool'), './cmd/tool');
  expect(all.get('main')).toMatchObject({
    importPath: undefined,
    testMain: false,
    directory: slashed('cmd', 'tool'),
    files: ['main.go'],
  });
  const covered = compile('build', '-cover', '-o', join(go.root, 'tool'), './cmd/tool');
  expect(covered.get('main')).toMatchObject({ covered: true, coverMode: 'set' });
});

test('assembly, compiler flags, tags', () => {
  const all = compile('build', '-gcflags=example.com/m/asm=-N -l', '-tags=tagged', './asm', './a.v2');
  expect(all.get('example.com/m/asm')).toMatchObject({ flags: ['-N', '-l'], files: ['asm.go', 'asm.s'] });
  expect(all.get('example.com/m/a.v2')).toMatchObject({ flags: [], files: ['a.go', 'tagged.go'] });
});

test('another target', () => {
  const others = { GOOS: 'linux', GOARCH: 'arm64', CGO_ENABLED: '0' };
  const previous = { ...process.env };
  Object.assign(process.env, others);
  try {
    // Without an import: not even the runtime is compiled.
    expect(compile('build', './lib').get('example.com/m/lib')).toMatchObject({ target: 'linux/arm64' });
  } finally {
    for (const name of Object.keys(others)) {
      if (previous[name] === undefined) delete process.env[name];
      else process.env[name] = previous[name];
    }
  }
});

test('cgo: its sources, not what is generated of them', ({ skip }) => {
  skip(!hasC, 'cgo is off or there is no C compiler');
  const one = { directory: slashed('cgo'), files: ['cgo.go'] };
  expect(compile('build', './cgo').get('example.com/m/cgo')).toMatchObject(one);
  for (const coverMode of ['set', 'count', 'atomic']) {
    const all = compile('test', `-covermode=${coverMode}`, './cgo');
    expect(all.get('example.com/m/cgo')).toMatchObject({ ...one, covered: true, coverMode });
  }
});

test('-race', ({ skip }) => {
  skip(!hasC, 'cgo is off or there is no C compiler');
  const all = compile('test', '-race', '-cover', './only', './lib');
  expect([...all.values()].filter(({ race }) => !race).map(({ importPath }) => importPath)).toEqual([]);
  expect(all.get('example.com/m/lib')).toMatchObject({ flags: ['-race'], coverMode: 'atomic' });
  expect(all.get('example.com/m/only.test')).toMatchObject({ race: true, coverMode: 'atomic' });
  expect(all.get('strconv')).toMatchObject({ race: true, standard: true });
});

test('the standard library, all of it', () => {
  const gocache = inject('warmGocache');
  const all = scan(gocache).flatMap(({ kind, name }) =>
    kind === 'output' ? (compiledOf(gocache, name) ?? []) : [],
  );
  const standard = all.filter((one) => one.standard);
  expect(standard.length).toBeGreaterThan(50);
  const wrong = standard.filter(
    ({ importPath, directory, files: names }) =>
      // Generic functions leave no position.
      (directory !== `$GOROOT/src/${importPath}` && directory !== undefined) || names === undefined,
  );
  expect(wrong).toEqual([]);
  expect(standard.find(({ importPath }) => importPath === 'runtime')?.directory).toBe('$GOROOT/src/runtime');
});

describe('what is no whole archive is not told', () => {
  const name = outputNameOf('a'.repeat(64));
  let gocache: string;
  let archive: Buffer;
  beforeAll(() => {
    gocache = go.gocache('faults', inject('warmGocache'));
    go.go(gocache, 'build', './lib');
    const lib = scan(gocache).find(
      (one) => one.kind === 'output' && compiledOf(gocache, one.name)?.importPath === 'example.com/m/lib',
    );
    archive = readFileSync(join(gocache, lib?.name ?? ''));
    mkdirSync(dirname(join(gocache, name)), { recursive: true });
  });

  const magic = '\0go120ld';
  test.each([
    ['empty', () => Buffer.alloc(0)],
    ['a text', () => Buffer.from('!<arch>\nis how it begins')],
    ['half', () => archive.subarray(0, archive.length / 2)],
    ['cut in the header', () => archive.subarray(0, archive.indexOf(magic) + 20)],
    ['cut at its end', () => archive.subarray(0, archive.length - 40)],
    ['of another form', () => Buffer.from(archive.toString('latin1').replace(magic, '\0go199ld'), 'latin1')],
  ])('%s', (_, content) => {
    writeFileSync(join(gocache, name), content());
    expect(compiledOf(gocache, name)).toBeUndefined();
  });

  test('gone', () => {
    expect(compiledOf(gocache, outputNameOf('b'.repeat(64)))).toBeUndefined();
  });

  test('but an archive alone tells itself', () => {
    const alone = go.gocache('alone');
    mkdirSync(dirname(join(alone, name)));
    writeFileSync(join(alone, name), archive);
    expect(compiledOf(alone, name)).toMatchObject({
      importPath: 'example.com/m/lib',
      directory: slashed('lib'),
      files: undefined,
    });
    truncateSync(join(alone, name), 0);
    expect(compiledOf(alone, name)).toBeUndefined();
  });
});
