import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startCacheServer } from '../../local/server/server.ts';
import { CacheStore } from '../../src/store/cache.ts';
import type { SaveOutcome } from '../../src/store/outcomes.ts';

async function makeStore(): Promise<CacheStore> {
  const home = mkdtempSync(join(tmpdir(), 'gobuild-test-limits-'));
  const server = await startCacheServer({ directory: join(home, 'entries') });
  onTestFinished(async () => {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  });
  return new CacheStore(join(home, 'work'), { ...process.env, ...server.environment() });
}

function saveUnder(store: CacheStore, key: string): Promise<SaveOutcome> {
  const directory = store.prepare();
  mkdirSync(directory.pack);
  writeFileSync(join(directory.pack, 'manifest.json'), '{}');
  return store.save(directory, key);
}

// The inputs leave no such key: key.test.ts has the longest one.
test('a key of over 512 characters is refused with a reason, and nothing is thrown', async () => {
  const store = await makeStore();
  const [longest, tooLong] = ['k'.repeat(512), 'k'.repeat(513)];
  expect(await saveUnder(store, longest)).toMatchObject({ kind: 'saved' });
  const reason = `Key Validation Error: ${tooLong} cannot be larger than 512 characters.`;
  expect(await saveUnder(store, tooLong)).toEqual({ kind: 'failed', reason });
  expect(await store.restore([tooLong])).toEqual({ kind: 'failed', reason });
  expect(await store.lookup([tooLong])).toBe(undefined);
  // And the store goes on to work.
  expect(await store.lookup([longest])).toBe(longest);
});
