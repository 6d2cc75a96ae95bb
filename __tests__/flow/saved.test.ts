import { expect, test } from 'vitest';
import type { SetState } from '../../src/config/state.ts';
import { savedEntries } from '../../src/flow/saved.ts';
import type { SaveReport } from '../../src/report/report.ts';
import { helperKeys, moduleKeys, setKeys } from '../../src/store/key.ts';
import { superseded } from '../../src/store/superseded.ts';

const parts = { os: 'linux', arch: 'x64', goVersion: 'go1.26.8', shape: '0123456789abcdef', run: '2.1' };
const keys = setKeys({ ...parts, name: 'default', content: 'c2' });
const modules = moduleKeys({ ...parts, sums: 's2' });
const helpers = helperKeys({ ...parts, content: 'h2' });
const ref = 'refs/heads/main';
const state: SetState = {
  ...({
    schema: 1,
    kind: 'set',
    report: '/r',
    work: '/w',
    gocache: '/g',
    mark: 1,
    keys,
    restore: 'miss',
  } as const),
  ...({ seenKey: null, warm: 'warmed', onMiss: 'notice', trace: false, supersede: true, ref } as const),
  ...{ maxSize: null, commit: 'c0ffee', summary: 'true', name: 'default' },
  policy: { allowed: true },
  modules: { key: modules.save, primary: modules.primary, seenKey: null, goModCache: '/m' },
  helpers: {
    key: helpers.save,
    primary: helpers.primary,
    prefix: helpers.prefix,
    seenKey: null,
    stored: false,
  },
  isShared: true,
  keepExecutables: false,
};
const save = (outcome: SaveReport['outcome'], key: string | null): SaveReport => ({
  ...{ outcome, key, reason: null, bytes: 1, base: null, seconds: 1 },
});

test('what was saved, with what it replaces', () => {
  const set = { key: keys.save, prefix: keys.prefix, ref, withBase: false };
  const mods = { key: modules.save, prefix: `${modules.primary}-`, ref };
  const both = { set: save('saved', keys.save), helpers: null, modules: save('saved', modules.save) };
  expect(savedEntries(state, both)).toEqual([set, mods]);
  expect(savedEntries(state, { ...both, modules: null })).toEqual([set]);
  const withBase = { ...both.set, base: { key: 'b', bytes: 1, reason: 'there was none' } };
  expect(savedEntries(state, { ...both, set: withBase })).toEqual([{ ...set, withBase: true }, mods]);
  const programs = { key: helpers.save, prefix: helpers.prefix, ref };
  expect(savedEntries(state, { ...both, helpers: save('saved', helpers.save) })).toEqual([
    set,
    programs,
    mods,
  ]);
  expect(savedEntries(state, { ...both, helpers: save('skipped', null), modules: null })).toEqual([set]);
  expect(savedEntries(state, { ...both, modules: save('skipped', modules.save) })).toEqual([set]);
  expect(savedEntries(state, { ...both, set: save('skipped', null) })).toEqual([mods]);
  expect(savedEntries(state, { ...both, set: save('failed', null), modules: null })).toEqual([]);
});

test('the module cache of another go.sum stays, and so do the sets', () => {
  const [saved] = savedEntries(state, {
    ...{ set: save('failed', null), helpers: null, modules: save('saved', modules.save) },
  });
  if (saved === undefined) throw new Error('nothing was saved');
  const listed = [
    modules.save,
    moduleKeys({ ...parts, sums: 's2', run: '1.1' }).save,
    moduleKeys({ ...parts, sums: 's1', run: '1.1' }).save,
    moduleKeys({ ...parts, os: 'macos', sums: 's2', run: '1.1' }).save,
    setKeys({ ...parts, name: 'default', content: 'c1', run: '1.1' }).save,
  ].map((key, at) => ({ id: at, key, ref, version: 'v', createdAt: 100 - at, bytes: 1 }));
  expect(superseded(listed, saved)?.map(({ id }) => id)).toEqual([1]);
});

test('helpers replace those of the same shape alone', () => {
  const [saved] = savedEntries(state, {
    ...{ set: save('failed', null), helpers: save('saved', helpers.save), modules: null },
  });
  if (saved === undefined) throw new Error('nothing was saved');
  const listed = [
    helpers.save,
    helperKeys({ ...parts, content: 'h1', run: '1.1' }).save,
    helperKeys({ ...parts, shape: 'fedcba9876543210', content: 'h1', run: '1.1' }).save,
    setKeys({ ...parts, name: 'default', content: 'c1', run: '1.1' }).save,
    modules.save,
  ].map((key, at) => ({ id: at, key, ref, version: 'v', createdAt: 100 - at, bytes: 1 }));
  expect(superseded(listed, saved)?.map(({ id }) => id)).toEqual([1]);
});
