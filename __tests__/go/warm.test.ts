import { afterAll, describe, expect, test } from 'vitest';
import type { Diagnostic } from '../../src/go/diagnostics.ts';
import { warm } from '../../src/go/passes.ts';
import { compiledCount, prepareRecipe } from '../../src/go/recipe.ts';
import {
  type Files,
  goMod,
  makeTree,
  temporaryDirectory,
  tested,
  testOf,
  untested,
  warmedGocache,
} from '../helpers/module.ts';
import { type InputTexts, surveyOf } from '../helpers/survey.ts';
import { type Warmed, warmSurveyed } from '../helpers/warm.ts';

// One for all: each case compiles its own packages, since their directory is new.
const gocache = warmedGocache(afterAll);

/** A module in `mod/` of a workspace with a space in its path, warmed by real go commands. */
async function warmOf(files: Files, texts: InputTexts = {}): Promise<Warmed> {
  const inModule = Object.entries({ 'go.mod': goMod('example.com/m'), ...files });
  const tree = makeTree(
    Object.fromEntries(inModule.map(([name, text]) => [`mod/${name}`, text])),
    undefined,
    'work space',
  );
  const inputs = { 'working-directory': 'mod', ...texts };
  const surveyed = await surveyOf(tree.root, { gocache, inputs });
  return warmSurveyed(surveyed, { workspace: tree.root, gocache });
}

const simple: Files = {
  ...tested('a', ['example.com/m/b']),
  ...untested('b'),
  'tests/e2e/e2e_test.go': testOf('e2e').replace('Value()', ''),
};
const kinds = ({ passes }: Warmed) => passes.map((pass) => [pass.kind, pass.packages]);

describe('what compiles', () => {
  test('both passes, the cover pass first, each in a group of the log', async () => {
    const warmed = await warmOf(simple, { 'build-flags': '-covermode=atomic -tags=it' });
    expect(warmed.error).toBeUndefined();
    const cover = ['-cover', '-covermode=atomic', '-tags=it', 'example.com/m/a', 'example.com/m/b'];
    expect(warmed.passes).toEqual([
      {
        kind: 'cover',
        packages: 2,
        seconds: expect.any(Number),
        command: ['go', 'test', '-run=^$', ...cover],
      },
      {
        ...{ kind: 'plain', packages: 1, seconds: expect.any(Number) },
        command: ['go', 'test', '-run=^$', '-tags=it', 'example.com/m/tests/e2e'],
      },
    ]);
    for (const { seconds } of warmed.passes) expect(seconds).toBeGreaterThan(0.01);
    expect(warmed.titles).toEqual(['Warm, cover pass: 2 packages', 'Warm, plain pass: 1 package']);
  });

  test('it tells how far a pass has come: all its packages in the end, and what was compiled for them', async () => {
    const tree = makeTree({ 'go.mod': goMod('example.com/m'), ...simple });
    const directory = temporaryDirectory();
    const recipe = prepareRecipe({ link: false, platform: process.platform, directory });
    const surveyed = await surveyOf(tree.root, { gocache, recipe });
    const options = { workspace: tree.root, gocache, compiled: () => compiledCount(directory) };
    const { ends } = await warmSurveyed(surveyed, options);
    // Windows has no wrapper that could count.
    const counted = (count: unknown) => (recipe.wrapper === undefined ? undefined : count);
    const some = expect.stringMatching(/^[1-9]\d* compiled$/);
    expect(ends).toEqual([
      ['Warm, cover pass', { done: 2, total: 2, note: counted(some) }],
      ['Warm, plain pass', { done: 1, total: 1, note: counted(some) }],
    ]);
    const again = await warmSurveyed(surveyed, options);
    expect(again.ends.map(([, end]) => end?.note)).toEqual([counted('0 compiled'), counted('0 compiled')]);
  });

  test('embedded files, and a source that needs a build tag', async () => {
    const files: Files = {
      ...tested('a'),
      'a/embed.go': 'package a\n\nimport _ "embed"\n\n//go:embed data/*.txt\nvar _ string\n',
      'a/data/one.txt': '1',
      'b/b.go': '//go:build it\n\npackage b\n',
    };
    expect(kinds(await warmOf(files))).toEqual([['cover', 1]]);
    expect(kinds(await warmOf(files, { 'build-flags': '-tags=it' }))).toEqual([['cover', 2]]);
  });

  test('no test runs', async () => {
    const failing = { 'a/a.go': 'package a\n', 'a/a_test.go': testOf('a').replace('Value()', 't.Fatal()') };
    expect((await warmOf(failing)).error).toBeUndefined();
  });

  test('each module directory by commands of its own, cover lists before plain ones', async () => {
    const nested = {
      'sub/go.mod': goMod('example.com/sub'),
      'sub/s.go': 'package s\n',
      'sub/tests/t.go': 'package t\n',
    };
    const warmed = await warmOf({ ...simple, ...nested }, { 'working-directory': 'mod\nmod/sub' });
    expect(warmed.error).toBeUndefined();
    expect(kinds(warmed)).toEqual([
      ['cover', 2],
      ['cover', 1],
      ['plain', 1],
      ['plain', 1],
    ]);
  });

  test('the root of a workspace', async () => {
    const work = {
      'go.work': 'go 1.24\n\nuse ./sub\n',
      'sub/go.mod': goMod('example.com/sub'),
      'sub/s.go': 'package s\n',
    };
    const tree = makeTree(work);
    const surveyed = await surveyOf(tree.root, { gocache });
    const warmed = await warmSurveyed(surveyed, { workspace: tree.root, gocache });
    expect(kinds(warmed)).toEqual([['cover', 1]]);
    expect(warmed.error).toBeUndefined();
  });
});

test('without steps it resolves at once, without a command', async () => {
  const never = (): never => {
    throw new Error('a command was run');
  };
  const log = { group: never, print: never, progress: never };
  const options = { parallelism: 1, workspace: '/', run: never, log, compiled: never };
  expect(await warm([], options)).toEqual([]);
});

describe('what fails: the message names the pass and is one line; later commands are not run', () => {
  const at = (file: string, line: number, column: number | undefined, message: string): Diagnostic => ({
    ...{ file: `mod/${file}`, line, column, message },
  });
  const undefinedX = 'package a\n\nfunc Value() int { return x }\n';
  const main = (body: string): string =>
    `package a\n\nimport (\n\t"os"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) { ${body}; os.Exit(1) }\n`;
  const cycle = {
    'x/x.go': 'package x\n\nimport _ "example.com/m/y"\n',
    'y/y.go': 'package y\n\nimport _ "example.com/m/x"\n',
  };
  type Row = readonly [string, Files, InputTexts, 'cover' | 'plain', RegExp, readonly Diagnostic[]];
  const rows: readonly Row[] = [
    [
      'a source, in the cover pass',
      { ...simple, 'a/a.go': undefinedX },
      {},
      'cover',
      /^mod\/a\/a\.go:3: undefined: x$/,
      [at('a/a.go', 3, undefined, 'undefined: x')],
    ],
    [
      'a test, in the plain pass',
      { ...simple, 'tests/e2e/e2e_test.go': testOf('e2e') },
      {},
      'plain',
      /^mod\/tests\/e2e\/e2e_test\.go:5: undefined: Value$/,
      [at('tests/e2e/e2e_test.go', 5, 32, 'undefined: Value')],
    ],
    [
      'two at once',
      { 'a/a.go': `${undefinedX}\nfunc other() int { return y }\n` },
      {},
      'cover',
      /^mod\/a\/a\.go:3: undefined: x \(and 1 more\)$/,
      [at('a/a.go', 3, undefined, 'undefined: x'), at('a/a.go', 5, undefined, 'undefined: y')],
    ],
    [
      'a source that does not parse',
      { 'a/a.go': 'package a\nfunc {\n' },
      {},
      'cover',
      /^mod\/a\/a\.go:2: /,
      [at('a/a.go', 2, undefined, "expected 'IDENT', found '{'")],
    ],
    [
      'behind a build tag',
      { ...simple, 'a/it.go': '//go:build it\n\npackage a\n\nvar _ = x\n' },
      { 'build-flags': '-tags=it' },
      'cover',
      /^mod\/a\/it\.go:5: undefined: x$/,
      [at('a/it.go', 5, undefined, 'undefined: x')],
    ],
    [
      'an import that is missing',
      { 'a/a.go': 'package a\n\nimport _ "example.org/none"\n' },
      {},
      'cover',
      /^mod\/a\/a\.go:3: no required module provides package example\.org\/none/,
      [at('a/a.go', 3, undefined, expect.stringContaining('go get example.org/none'))],
    ],
    [
      'a pattern that embeds nothing',
      { 'a/a.go': 'package a\n\nimport _ "embed"\n\n//go:embed none\nvar _ string\n' },
      {},
      'cover',
      /^mod\/a\/a\.go:5: pattern none: no matching files found$/,
      [at('a/a.go', 5, undefined, 'pattern none: no matching files found')],
    ],
    [
      'what vet finds',
      {
        'a/a_test.go': 'package a\n\nimport "testing"\n\nfunc TestA(t *testing.T) { t.Logf("%d", "x") }\n',
        'a/a.go': 'package a\n',
      },
      {},
      'cover',
      /^mod\/a\/a_test\.go:5: \(\*testing\.common\)\.Logf format %d has arg "x" of wrong type string$/,
      [at('a/a_test.go', 5, undefined, expect.stringContaining('of wrong type string'))],
    ],
    [
      'an import cycle',
      cycle,
      {},
      'cover',
      /^imports example\.com\/m\/. from .\.go: import cycle not allowed$/,
      [],
    ],
    [
      'a TestMain that panics',
      { ...tested('a'), 'a/m_test.go': main('panic("no database")') },
      {},
      'cover',
      /^panic: no database/,
      [],
    ],
    [
      'a TestMain that fails',
      { ...tested('a'), 'a/m_test.go': main('println("sorry")') },
      {},
      'cover',
      /^the test binary of example\.com\/m\/a was started without a test, and its init or TestMain failed: sorry$/,
      [],
    ],
    [
      'a flag of go test that has no such value',
      tested('a'),
      { 'build-flags': '-vet=nonsense' },
      'cover',
      /^invalid value "nonsense" for flag -vet: /,
      [],
    ],
  ];
  test.each(rows)('%s', async (_, files, texts, pass, why, found) => {
    const { error, passes } = await warmOf(files, texts);
    const [, kind, message = ''] = /^the (cover|plain) pass failed: (.*)$/.exec(error?.message ?? '') ?? [];
    expect([kind, message]).toEqual([pass, expect.stringMatching(why)]);
    expect(error?.diagnostics).toEqual(found);
    expect(passes.map((one) => one.kind)).toEqual(pass === 'cover' ? ['cover'] : ['cover', 'plain']);
  });
});
