import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { CacheServer } from '../../local/server/server.ts';
import { type Download, downloadSet } from '../../src/flow/download.ts';
import { beginRestore, restoreSet } from '../../src/flow/restore.ts';
import { type Console, stepConsole } from '../../src/report/console.ts';
import { CacheStore } from '../../src/store/cache.ts';
import { EntryList } from '../../src/store/entry-list.ts';
import { baseKey, setKeys, topKey } from '../../src/store/key.ts';
import { temporaryServer } from '../helpers/entries.ts';
import { temporaryDirectory } from '../helpers/module.ts';

/** What else may happen in the cache between two requests of a restore. */

const parts = { os: 'linux', arch: 'x64', goVersion: 'go1.26.8', shape: '0123456789abcdef', name: 'default' };
const keysOf = (content: string, run: string) => setKeys({ ...parts, content, run });
const { prefix } = keysOf('c', '1.1');
const [first, second] = ['1'.repeat(64), '2'.repeat(64)];
const baseOf = (identity: string) => baseKey({ prefix, identity });
const topOf = (content: string, run: string, identity: string) =>
  topKey(keysOf(content, run).save, { identity });
const console: Console = { ...stepConsole, progress: async (_, body) => await body(() => undefined) };

let server: CacheServer;
let home: string;
beforeEach(async () => {
  server = await temporaryServer();
  home = temporaryDirectory();
});

const environment = () => ({ ...process.env, ...server.environment() });
const storeOf = () => new CacheStore(join(home, 'work'), environment());

/** Saves a pack of nothing under each key, one after the other. */
async function save(...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    const store = new CacheStore(join(home, 'save'), environment());
    const directory = store.prepare();
    mkdirSync(directory.pack);
    writeFileSync(join(directory.pack, 'manifest.json'), '{}');
    expect(await store.save(directory, key)).toMatchObject({ kind: 'saved' });
  }
}

async function remove(...keys: readonly string[]): Promise<void> {
  const env = { ...environment(), GITHUB_REPOSITORY: 'example/project' };
  const list = new EntryList(env, server.apiToken('write'));
  for (const entry of await list.list()) if (keys.includes(entry.key)) await list.remove(entry);
}

/** A store with a job beside it that does something when the first look-up has been answered. */
class Beside extends CacheStore {
  act: (() => Promise<void>) | null = null;

  override async find(keys: readonly [string, ...string[]], signal?: AbortSignal) {
    const found = await super.find(keys, signal);
    const { act } = this;
    this.act = null;
    await act?.();
    return found;
  }
}

const told = (set: Download) =>
  set.kind === 'hit' ? [set.key, set.base?.key, set.base?.outcome.kind] : [set.kind];
const asked = () => server.requests.filter(({ path }) => path.includes('GetCacheEntryDownloadURL')).length;

test('both layers, by the key that a look-up gives', async () => {
  const top = topOf('c', '1.1', first);
  await save(baseOf(first), top);
  expect(told(await downloadSet({ store: storeOf(), console }, prefix))).toEqual([top, baseOf(first), 'hit']);
  expect(asked()).toBe(3);
});

test('nothing is asked twice where there is nothing', async () => {
  expect(await downloadSet({ store: storeOf(), console }, prefix)).toEqual({ kind: 'miss' });
  expect(asked()).toBe(1);
});

test.each([
  ['on the same base', first],
  ['on a new one', second],
])('a set that another job replaces after the look-up, %s: the newer one', async (_, identity) => {
  const [old, now] = [topOf('c', '1.1', first), topOf('d', '2.1', identity)];
  await save(baseOf(first), old);
  const store = new Beside(join(home, 'work'), environment());
  store.act = async () => {
    if (identity !== first) await save(baseOf(identity));
    await save(now);
    await remove(old, ...(identity === first ? [] : [baseOf(first)]));
  };
  expect(told(await downloadSet({ store, console }, prefix))).toEqual([now, baseOf(identity), 'hit']);
  // What was of no use is not left behind.
  expect(readdirSync(join(home, 'work'))).toHaveLength(2);
});

test('a base that is gone is told, and its top stays', async () => {
  const top = topOf('c', '1.1', first);
  await save(top);
  expect(told(await downloadSet({ store: storeOf(), console }, prefix))).toEqual([
    top,
    baseOf(first),
    'miss',
  ]);
});

test('what is given up during the look-up is not downloaded', async () => {
  await save(baseOf(first), topOf('c', '1.1', first));
  const store = new Beside(join(home, 'work'), environment());
  const early = beginRestore(parts, { store, console });
  const given = Promise.withResolvers<void>();
  store.act = async () => given.resolve();
  await given.promise;
  await early.abandon();
  expect(server.requests.filter(({ method }) => method === 'GET')).toEqual([]);
  expect(readdirSync(join(home, 'work'))).toEqual([]);
});

test('an exact set whose base is gone does not take the place of a newer whole one', async () => {
  const exact = topOf('c', '1.1', second);
  const newest = topOf('d', '2.1', first);
  await save(exact, baseOf(first), newest);
  const store = storeOf();
  const early = beginRestore(parts, { store, console });
  const work = temporaryDirectory();
  const options = { store, console, work, gocache: join(work, 'gocache'), maySave: true };
  const restored = await restoreSet(early, { ...options, keys: keysOf('c', '3.1') });
  // These packs hold nothing: what was tried is told by the reason.
  expect(restored.report.reason).toContain(newest);
  expect(restored.seenKey).toBe(exact);
});
