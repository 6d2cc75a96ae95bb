import { execFileSync } from 'node:child_process';
import { realpathSync, rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { explainMissed, type MissedPackage, type WarmedShape } from '../../src/go/missed.ts';
import { type Compiled, compiledOf } from '../../src/gocache/compiled.ts';
import { scan } from '../../src/gocache/scan.ts';
import { smallModule } from '../bundle/small-module.ts';
import { createModule, type GoModule } from '../gocache/go.ts';

const p = 'example.com/m/p';
const q = 'example.com/m/q';

/** `p [p.test]`, compiled as the warm compiles it. */
const missed = (changed: Partial<MissedPackage> = {}): MissedPackage => ({
  importPath: `${p} [${p}.test]`,
  goVersion: 'go1.26.8',
  target: 'linux/amd64',
  standard: false,
  testMain: false,
  flags: [],
  race: false,
  covered: true,
  coverMode: 'set',
  coverpkg: undefined,
  directory: '/w/p',
  files: ['p.go', 'p_test.go'],
  ...changed,
});

/** `p.test`. */
const main = (changed: Partial<MissedPackage> = {}): MissedPackage =>
  missed({
    importPath: `${p}.test`,
    testMain: true,
    flags: ['-dwarf=false'],
    directory: undefined,
    ...changed,
  });

/** A package of the module cache. */
const dependency = (changed: Partial<MissedPackage> = {}): MissedPackage =>
  plain({ importPath: 'x.org/d', directory: '/home/go/pkg/mod/x.org/d@v1.2.3', ...changed });

const plain = (changed: Partial<MissedPackage> = {}): MissedPackage =>
  missed({ covered: false, coverMode: undefined, ...changed });

const warmed = (changed: Partial<WarmedShape> = {}): WarmedShape => ({
  goVersion: 'go1.26.8',
  target: 'linux/amd64',
  race: false,
  trimpath: false,
  flags: [],
  coverMode: 'set',
  coverShape: 'self',
  measured: [p, q],
  plain: ['example.com/m/tests'],
  directories: ['/w'],
  goModCache: '/home/go/pkg/mod',
  files: new Map([[p, ['p.go', 'p_test.go', 'x_test.go']]]),
  ...changed,
});

describe('one reason', () => {
  test.each<[string, readonly MissedPackage[], Partial<WarmedShape>, RegExp]>([
    [
      'another Go',
      [missed({ goVersion: 'go1.25.1' })],
      {},
      /with go1\.25\.1 and the warm with go1\.26\.8: set up/,
    ],
    ['another target', [missed({ target: 'linux/arm64' })], {}, /for linux\/arm64 .* in test-commands/],
    ['-race', [missed({ race: true, coverMode: 'atomic' })], {}, /with -race .*: add -race to build-flags/],
    [
      '-race of a command',
      [missed({ race: true })],
      { coverShape: 'commands' },
      /name that command in test-commands/,
    ],
    ['no -race', [missed()], { race: true }, /without -race .*: take -race out of build-flags/],
    ['-trimpath', [missed({ directory: p })], {}, /: add -trimpath to build-flags/],
    [
      '-trimpath, in the standard library',
      [plain({ importPath: 'fmt', standard: true, directory: 'fmt' })],
      {},
      /: add -trimpath to build-flags/,
    ],
    ['no -trimpath', [missed()], { trimpath: true }, /: take -trimpath out of build-flags/],
    [
      'another checkout',
      [missed({ directory: '/v/p' })],
      {},
      /compiles in \/v\/p, outside of \/w, .*-trimpath/,
    ],
    // Not that the directory is another one.
    [
      'the same drive',
      [missed({ directory: 'C:/w/p' })],
      { directories: ['C:\\w'] },
      /otherwise than by go test/,
    ],
    ['another drive', [missed({ directory: 'D:/w/p' })], { directories: ['C:\\w'] }, /compiles in D:\/w\/p/],
    [
      'another GOMODCACHE',
      [dependency({ directory: '/c/x.org/d@v1.2.3' })],
      {},
      /another GOMODCACHE than \/home\/go\/pkg\/mod, as in \/c\/x\.org/,
    ],
    [
      'another module',
      [plain({ importPath: 'example.com/t', directory: '/v/tools' })],
      {},
      /in \/v\/tools, which .*: add its module to working-directory/,
    ],
    [
      '-gcflags',
      [missed({ flags: ['-N', '-l'] })],
      {},
      /with -N -l .*: add the job's -gcflags to build-flags/,
    ],
    ['-asan', [missed({ flags: ['-asan'] })], {}, /: add -asan to build-flags/],
    [
      '-tags',
      [missed({ files: ['p.go', 'p_db.go'] })],
      {},
      /p_db\.go of example\.com\/m\/p.*: add the job's -tags/,
    ],
    ['-covermode', [missed({ coverMode: 'atomic' })], {}, /: add -covermode=atomic to build-flags/],
    ['a kept binary', [main({ flags: [] })], {}, /keeps test binaries .* of example\.com\/m\/p,/],
    [
      'what is not measured',
      [missed(), main()],
      { coverMode: undefined, measured: [] },
      /into cover-packages/,
    ],
    ['what is plain', [missed(), main()], { measured: [q], plain: [p] }, /: put it into cover-packages/],
    ['each by itself', [missed(), main({ coverpkg: p })], {}, /: set cover-shape: each/],
    [
      'each by itself, by relative paths',
      [
        ...[missed(), main({ coverpkg: './p' })],
        ...[missed({ importPath: q }), main({ importPath: `${q}.test`, coverpkg: './q/' })],
      ],
      {},
      /: set cover-shape: each/,
    ],
    ['-coverpkg', [missed(), main({ coverpkg: './p, ./q' })], {}, /: put \.\/p,\.\/q into coverpkg/],
    ['-coverpkg=./...', [missed(), main({ coverpkg: './...' })], {}, /: put \.\/\.\.\. into coverpkg/],
    [
      'several -coverpkg',
      [main({ coverpkg: './q' }), main({ importPath: `${q}.test`, coverpkg: './p' })],
      {},
      /more than one -coverpkg/,
    ],
    ['no -coverpkg', [missed(), main()], { coverShape: 'each' }, /: set cover-shape: self/],
    [
      'the same -coverpkg',
      [missed(), main({ coverpkg: './..., x.org/d' })],
      { coverShape: 'coverpkg', flags: ['-coverpkg=./...,x.org/d'] },
      /another list/,
    ],
    ['no -coverpkg either', [missed(), main()], { coverShape: 'coverpkg' }, /: leave coverpkg empty/],
    [
      'no -cover',
      [plain(), main({ covered: false, coverMode: undefined })],
      {},
      /^The job tests without -cover .*, as go test .* into test-commands/,
    ],
    [
      'a list without a package that has no tests',
      [missed(), main(), plain({ importPath: q })],
      {},
      /another list .*, without example\.com\/m\/q, .*: put its list into cover-packages/,
    ],
    ['a longer list', [missed(), main()], { measured: [q] }, /another list .*, with example\.com\/m\/p: put/],
    ['the same, again', [missed(), main()], {}, /another list .*, or a step has changed files since, as in/],
    ['go build', [plain({ importPath: p })], {}, /builds example\.com\/m\/p otherwise .* in test-commands/],
    [
      'go build of a command',
      [plain({ importPath: undefined, directory: '/w/cmd' })],
      {},
      /builds \/w\/cmd other/,
    ],
    [
      'what is not listed',
      [plain({ importPath: 'example.com/m/r', directory: '/w/r' })],
      {},
      /m\/r, which is not/,
    ],
  ])('%s', (_, those, shape, sentence) => {
    const [first, ...others] = explainMissed(those, warmed(shape));
    expect(first).toMatch(sentence);
    expect(first).toMatch(/^The job [^\n]*[^.]\.$/);
    expect(others).toEqual([]);
  });
});

test.each<[string, readonly MissedPackage[], Partial<WarmedShape>]>([
  ['nothing', [], {}],
  ['a dependency', [dependency()], {}],
  ['the standard library', [plain({ importPath: 'fmt', standard: true, directory: '$GOROOT/src/fmt' })], {}],
  ['a tool of another module', [dependency({ importPath: undefined })], {}],
])('no reason: %s', (_, those, shape) => {
  expect(explainMissed(those, warmed(shape))).toEqual([]);
});

test('three reasons, first the one that explains most', () => {
  const those = [
    missed({ goVersion: 'go1.25.1' }),
    ...[missed({ race: true }), missed({ race: true }), missed({ race: true })],
    ...[missed({ flags: ['-N'] }), missed({ flags: ['-N'] })],
    missed({ coverMode: 'count' }),
  ];
  expect(explainMissed(those, warmed())).toEqual([
    expect.stringContaining('-race'),
    expect.stringContaining('-N'),
    expect.stringContaining('go1.25.1'),
  ]);
});

test('where an archive shows a reason, what may follow from it is not guessed at', () => {
  const importer = [missed({ importPath: q }), main({ importPath: `${q}.test` })];
  expect(explainMissed(importer, warmed())).toEqual([expect.stringContaining('another list')]);
  const tagged = missed({ files: ['p.go', 'p_db.go'] });
  expect(explainMissed([...importer, tagged], warmed())).toEqual([expect.stringContaining('p_db.go')]);
  const each = [missed({ importPath: q }), main({ importPath: `${q}.test`, coverpkg: q })];
  expect(explainMissed([...each, tagged], warmed())).toEqual([
    expect.stringContaining('p_db.go'),
    expect.stringContaining('cover-shape: each'),
  ]);
});

test('a test main counts for the directory of its package', () => {
  const those = [missed({ directory: '/v/p' }), main()];
  expect(explainMissed(those, warmed())).toEqual([expect.stringContaining('/v/p')]);
});

describe('real commands after a real warm', () => {
  const path = (...names: string[]): string[] => names.map((name) => `example.com/small/${name}`);
  const measured = path('cmd/tool', 'core', 'leaf', 'plainlib');
  const smoke = path('tests/smoke');
  const files = smallModule({ 'leaf/tagged.go': '//go:build tagged\n\npackage leaf\n' });
  let go: GoModule;
  let shape: WarmedShape;
  let gocache: string;

  beforeAll(() => {
    go = createModule(files);
    gocache = go.gocache('warmed', inject('warmGocache'));
    go.go(gocache, 'test', '-run=^$', '-cover', ...measured);
    go.go(gocache, 'test', '-run=^$', ...smoke);
    const words = execFileSync('go', ['env', 'GOVERSION', 'GOOS', 'GOARCH', 'GOMODCACHE'], {
      encoding: 'utf8',
    });
    const [goVersion = '', os, arch, goModCache = ''] = words.split('\n');
    shape = warmed({
      ...{ goVersion, target: `${os}/${arch}`, goModCache, measured, plain: smoke },
      directories: [realpathSync(go.directory)],
      files: new Map([[path('leaf')[0] ?? '', ['leaf.go', 'leaf_test.go']]]),
    });
  });
  afterAll(() => rmSync(go.root, { recursive: true, force: true }));

  let count = 0;
  function explained(commands: readonly (readonly string[])[], module = go): string[] {
    const own = go.gocache(`job-${++count}`, gocache);
    const before = new Set(scan(own).map(({ name }) => name));
    for (const words of commands) module.go(own, ...words);
    const made = scan(own).filter(({ name, kind }) => kind === 'output' && !before.has(name));
    const compiled: Compiled[] = made.flatMap(({ name }) => compiledOf(own, name) ?? []);
    return explainMissed(compiled, shape);
  }

  test.each<[string, readonly (readonly string[])[], readonly RegExp[]]>([
    [
      'the same',
      [
        ['test', '-cover', ...measured],
        ['test', ...smoke],
      ],
      [],
    ],
    [
      '-covermode',
      [['test', '-covermode=atomic', ...measured]],
      [/: add -covermode=atomic to build-flags\.$/],
    ],
    [
      'each package by itself',
      path('core', 'leaf').map((one) => ['test', `-coverpkg=${one}`, one]),
      [/: set cover-shape: each\.$/],
    ],
    [
      '-coverpkg',
      [['test', '-coverpkg=./core,./leaf', './core']],
      [/: put \.\/core,\.\/leaf into coverpkg\.$/],
    ],
    [
      'another list',
      [['test', '-cover', './core']],
      [/another list .*, as in example\.com\/small\/core: put its list into cover-packages\.$/],
    ],
    ['no -cover', [['test', './leaf']], [/tests without -cover .*, as go test .* into test-commands/]],
    ['go build', [['build', '-o', '../tool', './cmd/tool']], [/^The job builds .*cmd\/tool otherwise/]],
    [
      '-c',
      [['test', '-cover', '-c', '-o', '../test', './leaf']],
      [/^The job keeps test binaries .* of .*leaf,/],
    ],
    [
      '-tags',
      [['test', '-cover', '-tags=tagged', './leaf']],
      [/compiles tagged\.go of .*leaf.*: add the job's -tags/],
    ],
    [
      '-gcflags',
      [['test', '-cover', '-gcflags=-N -l', './leaf']],
      [/: add the job's -gcflags to build-flags\.$/],
    ],
  ])('%s', (_, commands, sentences) => {
    expect(explained(commands)).toEqual(sentences.map((sentence) => expect.stringMatching(sentence)));
  });

  test('another checkout', () => {
    const other = createModule(files);
    const [sentence, ...others] = explained([['test', '-cover', ...measured]], other);
    expect(sentence).toMatch(/^The job compiles in .*\/module\/\w+.*, outside of .*: check out in one place/);
    expect(others).toEqual([]);
    rmSync(other.root, { recursive: true, force: true });
  });
});
