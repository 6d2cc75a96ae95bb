import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { ApiAccess } from '../../local/server/rest-routes.ts';
import type { CacheServer } from '../../local/server/server.ts';
import { EntryList, ListError } from '../../src/store/entry-list.ts';
import { superseded } from '../../src/store/superseded.ts';
import { keysOf, storeEntry, temporaryServer } from '../helpers/entries.ts';

const ref = 'refs/heads/main';

function listOf(server: CacheServer, access: ApiAccess = 'write', limit?: number): EntryList {
  const env = { ...server.environment(), GITHUB_REPOSITORY: 'example/project' };
  return new EntryList(env, server.apiToken(access), limit);
}

const asked = (server: CacheServer, method: string): number =>
  server.requests.filter((request) => request.method === method && request.path.startsWith('/repos/')).length;

async function thrownBy(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

describe('the list', () => {
  test('is followed to its last page', async () => {
    const server = await temporaryServer();
    for (let at = 1; at <= 205; at += 1) await storeEntry(server, { key: `a-${at}` });
    await storeEntry(server, { key: 'b', version: 'w', bytes: 9, ref: 'refs/heads/topic' });
    const list = listOf(server, 'read');
    expect((await list.list({ prefix: 'a-', ref })).map(({ key }) => key).sort()).toEqual(
      Array.from({ length: 205 }, (_, at) => `a-${at + 1}`).sort(),
    );
    expect(asked(server, 'GET')).toBe(3);
    expect(await list.list()).toHaveLength(206);
    expect(await list.list({ prefix: 'b' })).toEqual([
      {
        ...{ id: 206, key: 'b', version: 'w', ref: 'refs/heads/topic', bytes: 9 },
        createdAt: server.entries().at(-1)?.createdAt,
      },
    ]);
  });

  test('of what is no list is empty, never taken for entries', async () => {
    const server = await temporaryServer();
    for (const body of ['{"total_count":1,"actions_caches":[{"id":1},{}]}', '[]']) {
      server.fault({ match: { path: /caches/ }, action: { kind: 'status', status: 200, body } });
      expect(await listOf(server).list()).toEqual([]);
    }
  });
});

test('an entry is deleted once', async () => {
  const server = await temporaryServer();
  await storeEntry(server, { key: 'a' });
  const list = listOf(server);
  const [entry] = await list.list();
  if (entry === undefined) throw new Error('nothing is listed');
  expect(await list.remove(entry)).toBe(true);
  expect(await list.remove(entry)).toBe(false);
  expect(keysOf(server)).toEqual([]);
});

test('the limit, where the token may read it', async () => {
  const server = await temporaryServer({ quotaBytes: 25e9 });
  expect(await listOf(server, 'admin').limit()).toBe(25e9);
  expect(await listOf(server, 'write').limit()).toBeUndefined();
});

describe('refusals', () => {
  test('without the permission nothing is tried twice', async () => {
    const server = await temporaryServer();
    expect(await thrownBy(listOf(server, 'none').list())).toMatchObject({
      ...{ name: 'ListError', kind: 'denied' },
      message: expect.stringMatching(/^HTTP 403: Resource not accessible by integration/),
    });
    expect(asked(server, 'GET')).toBe(1);
  });

  test('retry-after is waited for', async () => {
    const server = await temporaryServer();
    const headers = { 'retry-after': '1' };
    server.fault({ match: { path: /caches/ }, action: { kind: 'status', status: 429, headers } });
    const started = Date.now();
    expect(await listOf(server).list()).toEqual([]);
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
  });

  test('one that is too long ends it: nothing more is asked', async () => {
    const server = await temporaryServer();
    const headers = { 'retry-after': '3600' };
    server.fault({ match: { path: /caches/ }, action: { kind: 'status', status: 403, headers } });
    const list = listOf(server);
    expect(await thrownBy(list.list())).toMatchObject({
      kind: 'over',
      message: expect.stringMatching(/^the service asks to wait 3600 s \(HTTP 403: /),
    });
    await expect(list.limit()).rejects.toThrow(ListError);
    expect(asked(server, 'GET')).toBe(1);
  });

  test('two faults of the service are lived through, a page of HTML among them', async () => {
    const server = await temporaryServer();
    const html = { status: 502, headers: { 'content-type': 'text/html' }, body: '<p>Bad gateway' };
    server.fault({ match: { path: /caches/ }, action: { kind: 'status', ...html } });
    server.fault({ match: { path: /caches/ }, action: { kind: 'reset', afterBytes: 0 } });
    await storeEntry(server, { key: 'a' });
    expect(await listOf(server).list()).toHaveLength(1);
  });

  test('a service that says nothing is left when the time is over', async () => {
    const server = await temporaryServer();
    server.fault({ match: { path: /caches/ }, action: { kind: 'stall', afterBytes: 0 } });
    const list = listOf(server, 'write', 300);
    expect(await thrownBy(list.list())).toMatchObject({ kind: 'over', message: 'the time for it is over' });
    await expect(list.list()).rejects.toThrow('the time for it is over');
    expect(asked(server, 'GET')).toBe(1);
  });

  test('a service that is not there', async () => {
    const env = { GITHUB_API_URL: 'http://127.0.0.1:9', GITHUB_REPOSITORY: 'a/b' };
    await expect(new EntryList(env, 't', 500).list()).rejects.toMatchObject({ kind: 'over' });
  });
});

test('goes through the proxy that the runner names, but not to loopback', async () => {
  const server = await temporaryServer();
  const { hostname, port } = new URL(server.url);
  const wanted: string[] = [];
  const proxy = createServer((socket) => {
    socket.once('data', (head) => {
      wanted.push(String(head).split('\r\n')[0] ?? '');
      const upstream = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        socket.pipe(upstream).pipe(socket);
      });
    });
  }).listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  onTestFinished(() => {
    proxy.close();
    vi.unstubAllEnvs();
  });
  const address = proxy.address();
  vi.stubEnv('http_proxy', `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
  const env = { GITHUB_API_URL: 'http://api.example.test', GITHUB_REPOSITORY: 'example/project' };
  expect(await new EntryList(env, server.apiToken('read')).list()).toEqual([]);
  expect(wanted).toEqual(['CONNECT api.example.test:80 HTTP/1.1']);
  expect(await listOf(server).list()).toEqual([]);
  expect(wanted).toHaveLength(1);
});

/** Two jobs, step by step against the service: each saves, lists, deletes. */
describe('jobs that save at once', () => {
  const prefix = 'gobuild-test-2-linux-x64-go1.26.8-0123456789abcdef-default-';
  const step = async (server: CacheServer, key: string) => {
    const list = listOf(server);
    const saved = { key, prefix, ref };
    return {
      save: () => storeEntry(server, { key }),
      list: async () => superseded(await list.list(saved), saved) ?? [],
      remove: list.remove.bind(list),
    };
  };

  test.each([
    ['one after the other', 'AaaBbb'],
    ['both save, then both delete', 'ABabab'],
    ['both save, the second is done first', 'ABbbaa'],
    ['the first lists, the second saves', 'AaBabb'],
    ['the second lists before the first, both delete the same', 'ABbaba'],
  ])('%s: a set is there at every moment', async (_, order) => {
    let clock = Date.now();
    const server = await temporaryServer({ now: () => clock });
    await storeEntry(server, { key: `${prefix}c0-0.1` });
    const jobs = { a: await step(server, `${prefix}c1-1.1`), b: await step(server, `${prefix}c2-2.1`) };
    const found = new Map<string, Awaited<ReturnType<(typeof jobs)['a']['list']>>>();
    for (const letter of order) {
      clock += 1000;
      const name = letter.toLowerCase() === 'a' ? 'a' : 'b';
      const older = found.get(name);
      if (letter !== name) await jobs[name].save();
      else if (older === undefined) found.set(name, await jobs[name].list());
      else for (const entry of older) await jobs[name].remove(entry);
      expect(keysOf(server).length).toBeGreaterThan(0);
    }
    expect(keysOf(server)).toEqual([`${prefix}c2-2.1`]);
  });

  test('twelve at the same time: one is there at every moment, and the next save leaves itself alone', async () => {
    const server = await temporaryServer();
    const keys = Array.from({ length: 12 }, (_, at) => `${prefix}c${at}-${at}.1`);
    const left: number[] = [];
    await Promise.all(
      keys.map(async (key) => {
        const job = await step(server, key);
        await job.save();
        for (const entry of await job.list()) {
          await job.remove(entry);
          left.push(keysOf(server).length);
        }
      }),
    );
    expect(Math.min(12, ...left)).toBeGreaterThanOrEqual(1);
    expect(keysOf(server).length).toBeGreaterThanOrEqual(1);
    // What is left is of one moment, or was saved behind the others' lists: the next save takes it along.
    await sleep(2);
    const last = await step(server, `${prefix}c99-99.1`);
    await last.save();
    for (const entry of await last.list()) await last.remove(entry);
    expect(keysOf(server)).toEqual([`${prefix}c99-99.1`]);
  });
});
