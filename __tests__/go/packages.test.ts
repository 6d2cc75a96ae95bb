import { afterAll, describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { type Files, goMod, makeTree, temporaryDirectory, tested, untested } from '../helpers/module.ts';
import { type Surveyed, surveyOf } from '../helpers/survey.ts';

const gocache = temporaryDirectory(afterAll, 'gocache');

/** A module with two measured packages, one of them without tests, and a plain one. */
const simple: Files = {
  'go.mod': goMod('example.com/m'),
  ...tested('a'),
  ...untested('b'),
  'tests/e2e/e2e_test.go': 'package e2e\n',
};

const shown = ({ cover, plain, notes }: Surveyed) => ({ cover, plain, notes });

describe('what is listed', () => {
  const missing = './tests/... matches nothing in .: there is no such directory';
  const nothing = (pattern: string): string => `${pattern} matches nothing in .: it holds no package`;
  const elsewhere = (pattern: string): string => `${nothing(pattern)} of this module`;
  const module = { 'go.mod': goMod('example.com/m') };
  type Row = readonly [string, Files, Record<string, string>, Partial<ReturnType<typeof shown>>];
  const rows: readonly Row[] = [
    [
      'cover less plain',
      simple,
      {},
      { cover: ['example.com/m/a', 'example.com/m/b'], plain: ['example.com/m/tests/e2e'], notes: [] },
    ],
    [
      'duplicates fold',
      simple,
      { 'plain-packages': './tests/e2e ./tests/... example.com/m/tests/e2e' },
      { plain: ['example.com/m/tests/e2e'], notes: [] },
    ],
    ['all is plain', simple, { 'plain-packages': './...' }, { cover: [], notes: [] }],
    [
      'empty inputs',
      simple,
      { 'cover-packages': '', 'plain-packages': '' },
      { cover: [], plain: [], notes: [] },
    ],
    [
      'a missing directory',
      { ...module, ...tested('a') },
      {},
      { cover: ['example.com/m/a'], plain: [], notes: [missing] },
    ],
    [
      'an empty directory',
      { ...simple, 'docs/x.md': '' },
      { 'cover-packages': './docs ./a' },
      { cover: ['example.com/m/a'], notes: [nothing('./docs')] },
    ],
    [
      'an empty directory, by ...',
      { ...simple, 'docs/x.md': '' },
      { 'cover-packages': './docs/...' },
      { cover: [], notes: [nothing('./docs/...')] },
    ],
    ['no module at all', module, {}, { cover: [], plain: [], notes: [missing, nothing('./...')] }],
    [
      'all files excluded',
      { ...simple, 'x/x.go': '//go:build never\n\npackage x\n' },
      { 'cover-packages': './x' },
      { cover: [], notes: [nothing('./x')] },
    ],
    [
      'by ..., that is no note',
      { ...module, ...tested('a'), 'x/x.go': '//go:build never\n\npackage x\n', 'tests/x': '' },
      { 'plain-packages': '' },
      { cover: ['example.com/m/a'], notes: [] },
    ],
    [
      'a build tag',
      { ...simple, 'x/x.go': '//go:build it\n\npackage x\n' },
      { 'cover-packages': './x', 'build-flags': '-tags=it -covermode=atomic -vet=off' },
      { cover: ['example.com/m/x'], notes: [] },
    ],
    [
      'tests that are a module of their own',
      { ...module, ...tested('a'), 'tests/go.mod': goMod('example.com/t'), 'tests/t.go': 'package t\n' },
      {},
      { cover: ['example.com/m/a'], plain: [], notes: [elsewhere('./tests/...')] },
    ],
    [
      'the same, without ...',
      { ...module, ...tested('a'), 'tests/go.mod': goMod('example.com/t'), 'tests/t.go': 'package t\n' },
      { 'plain-packages': './tests' },
      { plain: [], notes: [elsewhere('./tests')] },
    ],
    [
      'a package that does not compile',
      { ...simple, 'a/a.go': 'package a\nfunc {' },
      {},
      { cover: ['example.com/m/a', 'example.com/m/b'] },
    ],
    [
      'one of two packages in a directory',
      { ...simple, 'b/c.go': 'package c\n' },
      {},
      { cover: ['example.com/m/a', 'example.com/m/b'] },
    ],
    [
      'an import that is missing',
      { ...simple, 'b/c.go': 'package b\nimport _ "example.org/none"\n' },
      {},
      { cover: ['example.com/m/a', 'example.com/m/b'] },
    ],
  ];
  test.each(rows)('%s', async (_, files, inputs, expected) => {
    expect(shown(await surveyOf(makeTree(files).root, { gocache, inputs }))).toMatchObject(expected);
  });
});

describe('modules and workspaces', () => {
  const nested: Files = { ...simple, 'sub/go.mod': goMod('example.com/sub'), 'sub/s.go': 'package sub\n' };
  const workspace: Files = {
    'go.work': 'go 1.24\n\nuse (\n\t./one\n\t./two\n)\n',
    'one/go.mod': goMod('example.com/one'),
    'one/o.go': 'package one\n\nimport _ "example.com/two/t"\n',
    'two/go.mod': goMod('example.com/two'),
    'two/t/t.go': 'package t\n',
    'three/go.mod': goMod('example.com/three'),
    'three/t.go': 'package three\n',
  };
  test.each<readonly [string, Files, string, readonly string[]]>([
    ['a nested module is not of its parent', nested, '.', ['example.com/m/a', 'example.com/m/b']],
    ['a nested module by itself', nested, 'sub', ['example.com/sub']],
    ['several, in their order', nested, 'sub\n.', ['example.com/sub', 'example.com/m/a', 'example.com/m/b']],
    ['the root of a workspace', workspace, '.', ['example.com/one', 'example.com/two/t']],
    ['a module inside a workspace', workspace, 'one', ['example.com/one']],
    [
      'a root that is a module, too',
      { ...workspace, ...simple, 'go.work': 'go 1.24\n\nuse .\nuse ./one\n' },
      '.',
      ['example.com/m/a', 'example.com/m/b'],
    ],
  ])('%s', async (_, files, directories, cover) => {
    const { root } = makeTree(files, undefined, 'a [b] c');
    const inputs = { 'working-directory': directories };
    expect((await surveyOf(root, { gocache, inputs })).cover).toEqual(cover);
  });

  test.each<readonly [string, Files, string, RegExp]>([
    [
      'a go.work that is broken',
      { ...workspace, 'go.work': 'nonsense' },
      'one',
      /^go cannot read .*go\.work: .*nonsense/,
    ],
    [
      'a go.work without a module that is there',
      { ...workspace, 'go.work': 'go 1.24\nuse ./one\nuse ./gone\n' },
      '.',
      /^go cannot list the packages in .*gone/,
    ],
    [
      'a module that go.work leaves out',
      workspace,
      'three',
      /directory prefix \. does not contain modules listed in go\.work/,
    ],
    [
      'a go.mod that is broken',
      { ...simple, 'go.mod': 'module example.com/m\nbogus 1\n' },
      '.',
      /^go cannot list the packages in .*go\.mod:2: unknown directive: bogus/,
    ],
    [
      'a Go that is not there',
      { ...simple, 'go.mod': 'module example.com/m\n\ngo 1.999\n' },
      '.',
      /requires go >= 1\.999/,
    ],
  ])('%s fails with one line', async (_, files, directories, message) => {
    const inputs = { 'working-directory': directories, 'plain-packages': '' };
    const error = await surveyOf(makeTree(files).root, { gocache, inputs }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
    expect(String(error)).not.toContain('\n');
  });
});

describe('what Go refuses fails with one line', () => {
  const pattern = 'go refuses a pattern of cover-packages or plain-packages: ';
  const flag = 'go refuses a flag of build-flags or GOFLAGS: ';
  test.each<readonly [string, Record<string, string>, string]>([
    [
      'a malformed pattern',
      { 'cover-packages': './... bad^path' },
      `${pattern}malformed import path "bad^path"`,
    ],
    [
      'a package of no module',
      { 'plain-packages': 'example.org/none' },
      `${pattern}no required module provides package example.org/none`,
    ],
    [
      'a package with a version',
      { 'plain-packages': 'example.com/m/a@v1' },
      `${pattern}can only use path@version syntax`,
    ],
    [
      'a package that Go has not',
      { 'cover-packages': 'std/none' },
      `${pattern}package std/none is not in std`,
    ],
    [
      'a flag that Go does not know',
      { 'build-flags': '-no-such-flag' },
      `${flag}flag provided but not defined: -no-such-flag`,
    ],
    [
      'a value that is none',
      { 'build-flags': '-race=maybe' },
      `${flag}invalid boolean value "maybe" for -race`,
    ],
  ])('%s', async (_, inputs, message) => {
    const error = await surveyOf(makeTree(simple).root, { gocache, inputs }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toContain(`UserError: ${message}`);
    expect(String(error)).not.toContain('\n');
  });

  test('a flag of GOFLAGS', async () => {
    const survey = surveyOf(makeTree(simple).root, { gocache, env: { GOFLAGS: '-mod=nonsense' } });
    await expect(survey).rejects.toThrow(UserError);
  });
});
