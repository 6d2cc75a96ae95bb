import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Layering, packSet } from '../../src/flow/pack-layers.ts';
import { baseKeyOf, setKeys } from '../../src/store/key.ts';
import { outputName, scratchDirectory, sources } from '../pack/builders.ts';

const parts = { os: 'linux', arch: 'x64', goVersion: 'go1.26.8', shape: '01', name: 'a' };
const keys = setKeys({ ...parts, content: 'c', run: '2.1' });
const layering: Layering = {
  ...{ base: 'gone', lostKey: undefined, dead: [], isShared: true, isSettled: true },
  keys: { prefix: keys.prefix, set: keys.save },
};

/** Packs the same files as a new base; its key, and what the top says of it. */
async function onNewBase(lostKey: string | undefined) {
  const root = scratchDirectory('layers');
  const directories = { top: join(root, 'top'), base: join(root, 'base') };
  const files = sources({ [outputName('one')]: 'one', [outputName('two')]: 'two' });
  const options = { files, directories, note: () => null, watch: () => undefined };
  const { key, base } = await packSet({ write: 'base', reason: 'r' }, { ...layering, lostKey }, options);
  const manifest = JSON.parse(readFileSync(join(directories.top, 'manifest.json'), 'utf8'));
  expect([baseKeyOf(key), manifest.base.key]).toEqual([base?.key, base?.key]);
  return { key: base?.key, identity: manifest.base.identity };
}

test('the same files are the same base, but where what is stored under its key could not be used', async () => {
  const first = await onNewBase(undefined);
  expect(await onNewBase(undefined)).toEqual(first);
  expect(await onNewBase(`${first.key}0`)).toEqual(first);
  const other = await onNewBase(first.key);
  expect(other.identity).toBe(first.identity);
  expect(other.key).not.toBe(first.key);
});
