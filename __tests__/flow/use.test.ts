import { symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { readSnapshot, writeSnapshot } from '../../src/flow/snapshot.ts';
import { chooseGocache, claim } from '../../src/flow/use.ts';
import { makeTree, temporaryDirectory } from '../helpers/module.ts';
import { bindMount } from '../helpers/mount.ts';
import { makeContext, makeInputs } from '../helpers/survey.ts';

const workspace = resolve('/repo');
const use = { work: resolve('/temp/gobuild-test/a'), report: resolve('/temp/gobuild-test/a/report.json') };
const machine = resolve('/home/me/.cache/go-build');

describe('chooseGocache', () => {
  const path = (text: string) => ({ kind: 'path', path: text }) as const;
  test.each([
    ['its own', { kind: 'own' } as const, join(use.work, 'gocache'), false],
    ["the machine's", { kind: 'inherit' } as const, machine, true],
    ["the machine's, by its path", path(machine), machine, true],
    ['another', path(resolve('/mnt/go cache')), resolve('/mnt/go cache'), false],
    ['one below the workspace', path('out/cache'), join(workspace, 'out', 'cache'), false],
    ['one below the home directory', path('~/cache'), join(homedir(), 'cache'), false],
    ['the home directory of nobody', path('~x/cache'), join(workspace, '~x', 'cache'), false],
  ])('%s', (_, gocache, expected, shared) => {
    expect(chooseGocache(gocache, use, workspace, machine)).toEqual({ path: expected, shared });
  });

  test.for(['a link', 'a mount'])("the machine's, by another path: %s", (by, { skip }) => {
    const { path: at } = makeTree({ 'cache/README': '', 'other/README': '', 'third/README': '' });
    if (by === 'a link') symlinkSync(at('cache'), at('other/link'), 'junction');
    else bindMount(at('cache'), at('other'), skip);
    const named = by === 'a link' ? at('other/link') : at('other');
    expect(chooseGocache(path(named), use, workspace, at('cache'))).toEqual({ path: named, shared: true });
    expect(chooseGocache(path(named), use, workspace, at('third'))).toMatchObject({ shared: false });
  });

  test.each(['off', ''])('nothing to inherit: %j', (inherited) => {
    expect(() => chooseGocache({ kind: 'inherit' }, use, workspace, inherited)).toThrow(
      new UserError('input gocache: "inherit": go env GOCACHE names no directory: leave the input empty'),
    );
  });
});

test.each([
  ['the same', 'lint unit', 'unit'],
  ['one that differs in case', 'UNIT', 'unit'],
  ['the default', 'default', ''],
])('a second use of one name is refused: %s', (_, used, name) => {
  const context = makeContext({ temp: temporaryDirectory() });
  const message = `input name: "${name || 'default'}" is used a second time in this job: give each use of this action a name of its own`;
  expect(() => claim(makeInputs({ name }), context, { GOBUILD_TEST_USED: used })).toThrow(
    new UserError(message),
  );
});

test('the snapshot that post reads is the one that main wrote', () => {
  const work = temporaryDirectory();
  const snapshot = {
    ...{ others: new Set(['aa/x-a']), restored: new Set(['b']) },
    ...{ known: new Set<string>(), helped: new Set(['c']) },
    live: new Set(['b', 'c']),
  };
  writeSnapshot(work, snapshot);
  expect(readSnapshot(work)).toEqual(snapshot);
  expect(() => readSnapshot(makeTree({}).root)).toThrow(/ENOENT/);
});
