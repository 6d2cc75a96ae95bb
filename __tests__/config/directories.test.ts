import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { moduleDirectories } from '../../src/config/directories.ts';
import { UserError } from '../../src/errors.ts';
import { goMod, makeTree, temporaryDirectory } from '../helpers/module.ts';

const files = {
  'go.mod': goMod('example.com/root'),
  'api/go.mod': goMod('example.com/api'),
  'api/v2/go.mod': goMod('example.com/api/v2'),
  'services/b/go.mod': goMod('example.com/b'),
  'services/a/go.mod': goMod('example.com/a'),
  'services/old/go.mod': goMod('example.com/old'),
  'services/README.md': 'not a directory',
  'two words/go.mod': goMod('example.com/words'),
  'work/go.work': 'go 1.24\n',
  'docs/guide.md': 'no module here',
  'odd [y]/go.mod': goMod('example.com/odd'),
};
const outside = makeTree({ 'go.mod': goMod('example.com/outside') }, afterAll);

// The glob library prints how it is used, for debugging.
beforeEach(() => void vi.spyOn(process.stdout, 'write').mockReturnValue(true));
afterEach(() => void vi.restoreAllMocks());

// The workspace's own path is no pattern, whatever is in it.
describe.each(['plain', 'with a space', 'with [x] in it', 'with ? and *'])('a workspace %s', (name) => {
  const { root } = makeTree(files, afterAll, name);
  symlinkSync(outside.root, join(root, 'link-out'));
  symlinkSync(join(root, 'api'), join(root, 'link-in'));

  test.each([
    ['the root', ['.'], ['.']],
    ['the root by an empty path', ['./'], ['.']],
    ['one by one, as ordered', ['services/b', 'api', '.'], ['services/b', 'api', '.']],
    ['a go.work without a go.mod', ['work'], ['work']],
    ['spaces', ['two words'], ['two words']],
    ['a glob, sorted, files left out', ['services/*'], ['services/a', 'services/b', 'services/old']],
    ['a glob less an exclude', ['services/*', '!services/old'], ['services/a', 'services/b']],
    ['an exclude that comes first', ['! services/{x,b}', '!services/b', 'services/[ab]'], ['services/a']],
    ['a deep glob', ['api/**'], ['api', 'api/v2']],
    ['a question mark', ['services/?'], ['services/a', 'services/b']],
    ['duplicates', ['api', './api/', 'services/../api', 'ap?'], ['api']],
    ['a directory that looks like a glob', ['odd [y]'], ['odd [y]']],
    ['an absolute path inside', [join(root, 'api')], ['api']],
    ['a link inside', ['link-in'], ['link-in']],
  ])('%s', async (_, patterns, expected) => {
    expect(await moduleDirectories(patterns, root)).toEqual(expected.map((path) => join(root, path)));
  });

  const missing =
    'there is no such directory in the workspace: check out the repository first, and name a directory relative to its root';
  const beyond = 'is outside the workspace: name a directory inside it';
  test.each([
    [['nowhere'], `"nowhere": ${missing}`],
    [['services/README.md'], `"services/README.md": ${missing}`],
    [['services/x*'], '"services/x*" matches no directory of the workspace'],
    [['services/R*'], '"services/R*" matches no directory of the workspace'],
    [['services/o*', '!services/old'], '"services/o*" matches no directory of the workspace'],
    [['docs'], '"docs": docs holds neither go.mod nor go.work: name the directory of a Go module'],
    [['do*'], '"do*": docs holds neither go.mod nor go.work: name the directory of a Go module'],
    [
      ['api', 'services'],
      '"services": services holds neither go.mod nor go.work: name the directory of a Go module',
    ],
    [['..'], `".." ${beyond}`],
    [['api/../..'], `"api/../.." ${beyond}`],
    [[outside.root], `"${outside.root}" ${beyond}`],
    [['link-out'], `"link-out" ${beyond}`],
    [['link-o*'], `"link-o*" ${beyond}`],
    [['!api'], 'it only excludes: name a directory of a Go module, too'],
  ])('%j is refused', async (patterns, message) => {
    const error = await moduleDirectories(patterns, root).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UserError);
    expect(String(error)).toMatch(/^UserError: input working-directory: /);
    expect(String(error)).toContain(message);
  });
});

test('a sibling whose name begins with that of the workspace is outside', async () => {
  const parent = temporaryDirectory();
  const tree = makeTree({ 'go.mod': goMod('example.com/m') });
  symlinkSync(tree.root, join(parent, 'repo-2'));
  await expect(moduleDirectories(['../repo-2'], join(parent, 'repo'))).rejects.toThrow();
  symlinkSync(tree.root, join(parent, 'repo'));
  expect(await moduleDirectories(['.'], join(parent, 'repo'))).toEqual([join(parent, 'repo')]);
});

test('a directory named ..x is inside', async () => {
  const { root } = makeTree({ '..x/go.mod': goMod('example.com/x') });
  expect(await moduleDirectories(['..x'], root)).toEqual([join(root, '..x')]);
});

test('a glob may lead out of the workspace and must not match there', async () => {
  const { path } = makeTree({
    'repo/go.mod': goMod('example.com/m'),
    'repo-2/go.mod': goMod('example.com/n'),
  });
  await expect(moduleDirectories(['../*'], path('repo'))).rejects.toThrow(
    new UserError('input working-directory: "../*" is outside the workspace: name a directory inside it'),
  );
});
