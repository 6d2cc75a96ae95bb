import { hash } from 'node:crypto';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type Files,
  goMod,
  makeTree,
  type Tree,
  temporaryDirectory,
  tested,
  testOf,
} from '../helpers/module.ts';
import { surveyOf } from '../helpers/survey.ts';

const gocache = temporaryDirectory(afterAll, 'gocache');
const empty = 'h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=';

/** A repository with a module `mod` and what lies beside it; changes are made to it one after another. */
const files: Files = {
  'mod/go.mod': `${goMod('example.com/m')}
require example.com/beside v0.0.0
replace example.com/beside => ../beside
`,
  'mod/go.sum': '',
  'mod/a/a.go':
    'package a\n\nimport _ "embed"\nimport _ "example.com/beside"\n\n//go:embed data\nvar _ string\n',
  'mod/a/data': 'one',
  'mod/a/a_test.go': testOf('a').replace('Value()', ''),
  'mod/a/x_test.go': 'package a_test\n\nimport "embed"\n\n//go:embed testdata/*.json\nvar _ embed.FS\n',
  'mod/a/testdata/embedded.json': '1',
  'mod/a/testdata/read.txt': '1',
  'mod/a/tagged.go': '//go:build it\n\npackage a\n',
  'mod/a/README.md': 'one',
  'mod/cmd/tool/main.go': 'package main\n\nfunc main() {}\n',
  'mod/c/c.go': 'package c\n\n// #include "c.h"\nimport "C"\n',
  'mod/c/c.h': '// one\n',
  'mod/_ignored/x.go': 'package x\n',
  'mod/nested/go.mod': goMod('example.com/nested'),
  'mod/nested/n.go': 'package n\n',
  'mod/tests/e2e/e2e_test.go': 'package e2e\n',
  'beside/go.mod': goMod('example.com/beside'),
  'beside/b.go': 'package beside\n',
  'beside/b_test.go': 'package beside\n',
  'beside/unused/u.go': 'package unused\n',
  'docs/guide.md': 'one',
};

const inputs = { 'working-directory': 'mod' };
const contentOf = async (tree: Tree, more: Record<string, string> = {}, env = {}): Promise<string> =>
  (await surveyOf(tree.root, { gocache, inputs: { ...inputs, ...more }, env: { CGO_ENABLED: '1', ...env } }))
    .content;

describe('what counts, and what does not', () => {
  const tree = makeTree(files, afterAll);
  let before = '';
  beforeAll(async () => {
    before = await contentOf(tree);
  });

  test.each([
    ['nothing', 'docs/guide.md', 'one', false],
    ['a source', 'mod/a/a.go', `${files['mod/a/a.go']}// two\n`, true],
    ['a test', 'mod/a/a_test.go', `${files['mod/a/a_test.go']}// two\n`, true],
    ['an external test', 'mod/a/x_test.go', `${files['mod/a/x_test.go']}// two\n`, true],
    ['a plain test', 'mod/tests/e2e/e2e_test.go', 'package e2e // two\n', true],
    ['an embedded file', 'mod/a/data', 'two', true],
    ['a file that a test embeds', 'mod/a/testdata/embedded.json', '2', true],
    ['another file that a test embeds', 'mod/a/testdata/more.json', '2', true],
    ['a generated source', 'mod/a/generated.go', 'package a\n', true],
    ['a generated package', 'mod/gen/gen.go', 'package gen\n', true],
    ['a C header', 'mod/c/c.h', '// two\n', true],
    ['default.pgo beside a main package', 'mod/cmd/tool/default.pgo', 'p', true],
    ['a local replacement', 'beside/b.go', 'package beside // two\n', true],
    ["a local replacement's go.mod", 'beside/go.mod', `${goMod('example.com/beside')}// two\n`, true],
    // Also where nothing compiles it: it is named, and the key's rule is kept simple.
    ["a local replacement's test", 'beside/b_test.go', 'package beside // two\n', true],
    ['go.mod', 'mod/go.mod', `${files['mod/go.mod']}// two\n`, true],
    ['go.sum', 'mod/go.sum', `example.org/x v1.0.0/go.mod ${empty}\n`, true],
    ['a text outside the build', 'docs/guide.md', 'two', false],
    ['a text beside sources', 'mod/a/README.md', 'two', false],
    ['a new text beside sources', 'mod/a/NOTES', 'two', false],
    ['testdata that no test embeds', 'mod/a/testdata/read.txt', '2', false],
    ['default.pgo beside another package', 'mod/a/default.pgo', 'p', false],
    ['a source behind a tag', 'mod/a/tagged.go', '//go:build it\n\npackage a // two\n', false],
    ['a source for another system', 'mod/a/a_plan9.go', 'package a\n', false],
    ['an ignored directory', 'mod/_ignored/x.go', 'package x // two\n', false],
    ['a nested module', 'mod/nested/n.go', 'package n // two\n', false],
    [
      "a local replacement's package that nothing imports",
      'beside/unused/u.go',
      'package unused // two\n',
      false,
    ],
  ])('%s', async (_, file, text, counts) => {
    tree.write(file, text);
    try {
      const after = await contentOf(tree);
      if (counts) expect(after).not.toBe(before);
      else expect(after).toBe(before);
    } finally {
      const original = files[file];
      if (original === undefined) tree.remove(file);
      else tree.write(file, original);
    }
  });

  test('and all is as it was', async () => {
    expect(await contentOf(tree)).toBe(before);
  });
});

describe('what flags name', () => {
  const overlayOf = (name: string): string =>
    JSON.stringify({ Replace: { [name]: '../docs/overlay.go', 'a/gone.go': '' } });
  const special: Files = {
    ...files,
    'mod/overlay.json': overlayOf('a/added.go'),
    'docs/overlay.go': 'package a\n',
    'mod/alt.mod': files['mod/go.mod'] ?? '',
    'mod/alt.sum': '',
    'mod/cpu profile': 'p',
  };
  const overlay = { 'build-flags': '-overlay=overlay.json' };
  const tags = { 'build-flags': '-tags=it' };
  const table: readonly (readonly [
    string,
    Record<string, string>,
    Record<string, string>,
    string,
    string,
  ])[] = [
    ['a file behind -overlay', overlay, {}, 'docs/overlay.go', 'package a // two\n'],
    ['the overlay', overlay, {}, 'mod/overlay.json', overlayOf('a/other.go')],
    ['by GOFLAGS, too', {}, { GOFLAGS: '-overlay=overlay.json' }, 'docs/overlay.go', 'package a // two\n'],
    [
      '-modfile',
      { 'build-flags': '-modfile=alt.mod' },
      {},
      'mod/alt.mod',
      `${special['mod/alt.mod']}// two\n`,
    ],
    [
      'the sums of -modfile',
      { 'build-flags': '-modfile=alt.mod' },
      {},
      'mod/alt.sum',
      `example.org/x v1.0.0/go.mod ${empty}\n`,
    ],
    ['-pgo', { 'build-flags': "'-pgo=cpu profile'" }, {}, 'mod/cpu profile', 'q'],
    ['-tags', tags, {}, 'mod/a/tagged.go', '//go:build it\n\npackage a // two\n'],
  ];
  test.each(table)('%s', async (_, flags, env, file, text) => {
    const tree = makeTree(special);
    const before = await contentOf(tree, flags, env);
    const without = await contentOf(tree);
    tree.write(file, text);
    expect(await contentOf(tree, flags, env)).not.toBe(before);
    expect(await contentOf(tree)).toBe(without);
  });
});

describe('go.work and vendor', () => {
  const work: Files = {
    'go.work': 'go 1.24\n\nuse (\n\t./one\n\t./two\n)\n',
    'one/go.mod': goMod('example.com/one'),
    ...Object.fromEntries(
      Object.entries(tested('o', ['example.com/two/t'])).map(([k, v]) => [`one/${k}`, v]),
    ),
    'two/go.mod': goMod('example.com/two'),
    'two/t/t.go': 'package t\n\nfunc Value() int { return 1 }\n',
    'two/u/u.go': 'package u\n',
  };
  const vendored: Files = {
    'go.mod': `${goMod('example.com/v')}\nrequire example.org/dep v1.0.0\n`,
    'v.go': 'package v\n\nimport _ "example.org/dep"\n',
    'vendor/modules.txt': '# example.org/dep v1.0.0\n## explicit\nexample.org/dep\n',
    'vendor/example.org/dep/dep.go': 'package dep\n',
  };
  test.each<readonly [string, Files, string, string, string, boolean]>([
    [
      'an imported package of another module of the workspace',
      work,
      'one',
      'two/t/t.go',
      `${work['two/t/t.go']}// two\n`,
      true,
    ],
    ["that module's go.mod", work, 'one', 'two/go.mod', `${work['two/go.mod']}// two\n`, true],
    ['go.work', work, 'one', 'go.work', `${work['go.work']}// two\n`, true],
    ['go.work.sum', work, 'one', 'go.work.sum', `example.org/x v1.0.0/go.mod ${empty}\n`, true],
    [
      'a package of another module that is not imported',
      work,
      'one',
      'two/u/u.go',
      'package u // two\n',
      false,
    ],
    ['from the root all of them count', work, '.', 'two/u/u.go', 'package u // two\n', true],
    ['a vendored package', vendored, '.', 'vendor/example.org/dep/dep.go', 'package dep // two\n', true],
    ['vendor/modules.txt', vendored, '.', 'vendor/modules.txt', `${vendored['vendor/modules.txt']}\n`, true],
    ['a text below vendor', vendored, '.', 'vendor/example.org/dep/README', 'two', false],
  ])('%s', async (_, given, directory, file, text, counts) => {
    const tree = makeTree(given);
    const before = await contentOf(tree, { 'working-directory': directory });
    tree.write(file, text);
    const after = await contentOf(tree, { 'working-directory': directory });
    if (counts) expect(after).not.toBe(before);
    else expect(after).toBe(before);
  });
});

test('two checkouts at different paths have the same content', async () => {
  const [first, second] = [makeTree(files), makeTree(files, undefined, 'another [x] place')];
  expect(await contentOf(first)).toBe(await contentOf(second));
});

test('a workspace behind a link has the same content', async () => {
  const tree = makeTree(files);
  const link = join(temporaryDirectory(), 'link');
  symlinkSync(tree.root, link);
  const through = await surveyOf(link, { gocache, inputs, env: { CGO_ENABLED: '1' } });
  expect(through.content).toBe(await contentOf(tree));
});

test('the name of a file counts, not its text alone', async () => {
  const [first, second] = [
    makeTree({ ...files, 'mod/a/n.go': 'package a\n' }),
    makeTree({ ...files, 'mod/a/m.go': 'package a\n' }),
  ];
  expect(await contentOf(first)).not.toBe(await contentOf(second));
});

test('a module of GOMODCACHE counts by go.sum alone', async () => {
  const mod = 'module example.org/dep\n';
  const modHash = hash('sha256', `${hash('sha256', mod)}  go.mod\n`, 'base64');
  const download = 'modcache/cache/download/example.org/dep/@v/v1.0.0';
  const tree = makeTree({
    'mod/go.mod': `${goMod('example.com/m')}\nrequire example.org/dep v1.0.0\n`,
    'mod/go.sum': `example.org/dep v1.0.0 ${empty}\nexample.org/dep v1.0.0/go.mod h1:${modHash}\n`,
    'mod/m.go': 'package m\n\nimport _ "example.org/dep"\n',
    [`${download}.mod`]: mod,
    [`${download}.info`]: '{"Version":"v1.0.0"}',
    [`${download}.ziphash`]: empty,
    'modcache/example.org/dep@v1.0.0/go.mod': mod,
    'modcache/example.org/dep@v1.0.0/dep.go': 'package dep\n',
  });
  const env = { GOMODCACHE: tree.path('modcache') };
  const before = await surveyOf(tree.root, { gocache, inputs, env });
  expect(before.ingredients.at(-1)).toEqual(['content', `${before.content} (3 files)`]);
  tree.write('modcache/example.org/dep@v1.0.0/dep.go', 'package dep // two\n');
  expect(await contentOf(tree, {}, env)).toBe(before.content);
});
