import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { passLists } from '../../src/go/lists.ts';
import type { GoPackage } from '../../src/go/packages.ts';
import { expandPatterns } from '../../src/go/workspace.ts';
import { makeTree } from '../helpers/module.ts';

describe('passLists', () => {
  /** A package that `./...` matches, with a test, unless overridden. */
  const listed = (ImportPath: string, overrides: Partial<GoPackage> = {}): GoPackage => ({
    ImportPath,
    Match: ['./...'],
    GoFiles: ['x.go'],
    TestGoFiles: ['x_test.go'],
    ...overrides,
  });
  const lists = (packages: readonly GoPackage[]) => {
    const { cover, plain } = passLists(
      { directory: '/m', packages, empty: new Map() },
      ['./...', './extra'],
      ['./tests/...'],
    );
    const shown = (list: typeof cover): string[] =>
      list.packages.map((one) => (one.hasTests ? one.importPath : `${one.importPath} (no tests)`));
    return { cover: shown(cover), plain: shown(plain) };
  };

  test.each<readonly [string, readonly GoPackage[], { cover: string[]; plain: string[] }]>([
    ['nothing', [], { cover: [], plain: [] }],
    [
      'sorted by import path',
      [listed('b'), listed('a-b'), listed('a/b'), listed('a')],
      { cover: ['a', 'a-b', 'a/b', 'b'], plain: [] },
    ],
    ['duplicates fold', [listed('a'), listed('a')], { cover: ['a'], plain: [] }],
    [
      'what is plain is not measured',
      [listed('a'), listed('t', { Match: ['./...', './tests/...'] })],
      { cover: ['a'], plain: ['t'] },
    ],
    ['plain alone', [listed('t', { Match: ['./tests/...'] })], { cover: [], plain: ['t'] }],
    ['any pattern of a list counts', [listed('e', { Match: ['./extra'] })], { cover: ['e'], plain: [] }],
    [
      'a dependency is not listed',
      [{ ImportPath: 'fmt', Standard: true, GoFiles: ['x.go'] }],
      { cover: [], plain: [] },
    ],
    [
      'variants for tests are not listed',
      [listed('a'), listed('a [a.test]', { ForTest: 'a' }), listed('a_test [a.test]', { ForTest: 'a' })],
      { cover: ['a'], plain: [] },
    ],
    [
      'without tests',
      [listed('a', { TestGoFiles: [] }), { ImportPath: 'b', Match: ['./...'] }],
      { cover: ['a (no tests)', 'b (no tests)'], plain: [] },
    ],
    [
      'external tests are tests',
      [listed('a', { TestGoFiles: [], XTestGoFiles: ['x_test.go'] })],
      { cover: ['a'], plain: [] },
    ],
  ])('%s', (_, packages, expected) => {
    expect(lists(packages)).toEqual(expected);
  });
});

describe('expandPatterns', () => {
  const { root } = makeTree({ 'module/go.mod': '', 'work/x': '' }, afterAll);
  const [module, work] = [join(root, 'module'), join(root, 'work')];
  const below = ['b', 'a', 'deep/c'].map((name) => join(work, name));
  test.each([
    ['a module', ['./...', './x'], module, [join(module, 'a')], ['./...', './x']],
    ['a workspace', ['./...'], work, below, ['./a/...', './b/...', './deep/c/...']],
    [
      'a workspace: other patterns',
      ['./x', './...', 'all'],
      work,
      below,
      ['./x', './a/...', './b/...', './deep/c/...', 'all'],
    ],
    ['a workspace: modules beside it', ['./...'], work, [module, join(work, 'a')], ['./a/...']],
    ['a workspace: itself', ['./...'], work, [work, join(work, 'a')], ['./a/...']],
    ['neither', ['./...'], work, [], ['./...']],
  ])('%s', (_, patterns, directory, modules, expected) => {
    expect(expandPatterns(patterns, directory, modules)).toEqual(expected);
  });
});
