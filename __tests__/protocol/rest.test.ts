import { beforeEach, describe, expect, test } from 'vitest';
import type { ApiAccess } from '../../local/server/rest-routes.ts';
import type { CacheServer } from '../../local/server/server.ts';
import { keysOf, storeEntry, temporaryServer } from '../helpers/entries.ts';

let server: CacheServer;
let clock: number;

beforeEach(async () => {
  clock = Date.UTC(2026, 0, 1);
  server = await temporaryServer({ now: () => clock });
});

async function call(
  path: string,
  { method = 'GET', access = 'write' as ApiAccess, scheme = 'Bearer' } = {},
): Promise<{
  readonly status: number;
  readonly link: string | null;
  readonly body: Record<string, unknown>;
}> {
  const authorization = `${scheme} ${server.apiToken(access)}`;
  const answer = await fetch(`${server.url}repos/example/project/actions/${path}`, {
    method,
    headers: { authorization },
  });
  const text = await answer.text();
  return {
    status: answer.status,
    link: answer.headers.get('link'),
    body: Object(text === '' ? {} : JSON.parse(text)),
  };
}

async function store(...keys: readonly string[]): Promise<void> {
  for (const key of keys) {
    clock += 1000;
    await storeEntry(server, { key });
  }
}

/** The keys of a list's answer. */
function listed({ body }: { readonly body: Record<string, unknown> }): unknown[] {
  const caches = body['actions_caches'];
  return Array.isArray(caches) ? caches.map((cache: unknown) => Object(cache).key) : [];
}

describe('the list', () => {
  test('has every field that GitHub documents', async () => {
    await storeEntry(server, { key: 'k-1', ref: 'refs/heads/topic', version: 'w', bytes: 7 });
    expect((await call('caches')).body).toEqual({
      total_count: 1,
      actions_caches: [
        {
          ...{ id: 1, ref: 'refs/heads/topic', key: 'k-1', version: 'w', size_in_bytes: 7 },
          last_accessed_at: '2026-01-01T00:00:00.000Z',
          created_at: '2026-01-01T00:00:00.000Z',
        },
      ],
    });
  });

  test('is filtered by the beginning of the key and by the whole ref', async () => {
    await store('a-1', 'a-2', 'b-a-1');
    await storeEntry(server, { key: 'a-3', ref: 'refs/heads/main2' });
    expect(listed(await call('caches?key=a-'))).toEqual(['a-3', 'a-2', 'a-1']);
    expect(listed(await call('caches?key=a-&ref=refs/heads/main'))).toEqual(['a-2', 'a-1']);
    expect(listed(await call('caches?ref=refs%2Fheads%2Fmain2'))).toEqual(['a-3']);
    expect((await call('caches?ref=refs/heads')).body).toMatchObject({ total_count: 0 });
  });

  test('is not filtered under such a fault', async () => {
    await storeEntry(server, { key: 'a-1' });
    await storeEntry(server, { key: 'b-1', ref: 'refs/heads/topic' });
    server.fault({ match: { path: /caches/ }, action: { kind: 'unfiltered' } });
    expect(listed(await call('caches?key=a-&ref=refs/heads/main'))).toEqual(['b-1', 'a-1']);
    expect(listed(await call('caches?key=a-&ref=refs/heads/main'))).toEqual(['a-1']);
  });

  test('is sorted as asked, by last use where nothing is said', async () => {
    await store('a', 'b');
    await storeEntry(server, { key: 'large', bytes: 9 });
    expect(listed(await call('caches?sort=created_at&direction=asc'))).toEqual(['a', 'b', 'large']);
    expect(listed(await call('caches?sort=size_in_bytes'))[0]).toBe('large');
    expect(listed(await call('caches'))).toEqual(['large', 'b', 'a']);
    expect((await call('caches?sort=name')).status).toBe(422);
  });

  test('comes in pages, each with links to the others', async () => {
    await store('a', 'b', 'c', 'd', 'e');
    const first = await call('caches?per_page=2&sort=created_at&key=');
    expect([listed(first), first.body['total_count']]).toEqual([['e', 'd'], 5]);
    const url = (page: number) =>
      `${server.url}repos/example/project/actions/caches?per_page=2&sort=created_at&key=&page=${page}`;
    expect(first.link).toBe(`<${url(2)}>; rel="next", <${url(3)}>; rel="last"`);
    const last = await call('caches?per_page=2&sort=created_at&key=&page=3');
    expect(listed(last)).toEqual(['a']);
    expect(last.link).toBe(`<${url(2)}>; rel="prev", <${url(1)}>; rel="first"`);
    expect(listed(await call('caches?per_page=2&page=4'))).toEqual([]);
    expect((await call('caches?per_page=5')).link).toBeNull();
  });

  test('does not show what is only reserved', async () => {
    const { ACTIONS_RUNTIME_TOKEN: token } = server.environment();
    await fetch(`${server.url}twirp/github.actions.results.api.v1.CacheService/CreateCacheEntry`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
      body: JSON.stringify({ key: 'k', version: 'v' }),
    });
    expect((await call('caches')).body).toMatchObject({ total_count: 0 });
  });
});

describe('deleting', () => {
  test('by id: the entry and its bytes are gone', async () => {
    await store('a', 'b');
    const url = server.requests.find(({ method }) => method === 'PUT')?.path ?? '';
    expect((await call('caches/1', { method: 'DELETE' })).status).toBe(204);
    expect(keysOf(server)).toEqual(['b']);
    expect((await fetch(`${server.url}${url.slice(1)}`)).ok).toBe(false);
    expect((await call('caches/1', { method: 'DELETE' })).status).toBe(404);
  });

  test('by the whole key, of one ref or of all', async () => {
    await store('a', 'a-1');
    await storeEntry(server, { key: 'a', ref: 'refs/heads/topic' });
    const deleted = await call('caches?key=a&ref=refs/heads/topic', { method: 'DELETE' });
    expect([deleted.status, deleted.body['total_count']]).toEqual([200, 1]);
    expect(keysOf(server)).toEqual(['a', 'a-1']);
    expect((await call('caches?key=a', { method: 'DELETE' })).status).toBe(200);
    expect(keysOf(server)).toEqual(['a-1']);
    expect((await call('caches?key=a', { method: 'DELETE' })).status).toBe(404);
    expect((await call('caches', { method: 'DELETE' })).status).toBe(422);
  });
});

test('usage and limit', async () => {
  await storeEntry(server, { key: 'a', bytes: 5 });
  await storeEntry(server, { key: 'b', bytes: 6, ref: 'refs/heads/topic' });
  expect((await call('cache/usage')).body).toEqual({
    full_name: 'example/project',
    active_caches_size_in_bytes: 11,
    active_caches_count: 2,
  });
  expect((await call('cache/storage-limit', { access: 'admin' })).body).toEqual({ max_cache_size_gb: 10 });
});

describe('who may do what', () => {
  const table: readonly (readonly [ApiAccess, string, string, number])[] = [
    ['none', 'GET', 'caches', 403],
    ['none', 'DELETE', 'caches/1', 403],
    ['none', 'GET', 'cache/usage', 403],
    ['read', 'GET', 'caches', 200],
    ['read', 'GET', 'cache/usage', 200],
    ['read', 'DELETE', 'caches/1', 403],
    ['read', 'DELETE', 'caches?key=a', 403],
    ['read', 'GET', 'cache/storage-limit', 403],
    ['write', 'DELETE', 'caches/1', 204],
    ['write', 'GET', 'cache/storage-limit', 403],
    ['admin', 'GET', 'cache/storage-limit', 200],
    ['write', 'POST', 'caches', 404],
    ['write', 'GET', 'caches/1', 404],
    ['write', 'GET', 'artifacts', 404],
  ];
  test.each(table)('%s: %s %s is %i', async (access, method, path, status) => {
    await store('a');
    expect((await call(path, { method, access })).status).toBe(status);
  });

  test('a token comes as GitHub takes it, and another server has others', async () => {
    expect((await call('caches', { scheme: 'token' })).status).toBe(200);
    expect((await call('caches', { scheme: 'Basic' })).status).toBe(401);
    const other = await temporaryServer();
    const headers = { authorization: `Bearer ${other.apiToken('write')}` };
    expect((await fetch(`${server.url}repos/example/project/actions/caches`, { headers })).status).toBe(401);
  });

  test('another repository is not there', async () => {
    const headers = { authorization: `Bearer ${server.apiToken('write')}` };
    for (const name of ['example/other', 'example/project2'])
      expect((await fetch(`${server.url}repos/${name}/actions/caches`, { headers })).status).toBe(404);
    expect((await fetch(`${server.url}repos/Example/Project/actions/caches`, { headers })).status).toBe(200);
  });
});

test('faults meet these paths, too', async () => {
  const headers = { 'retry-after': '7' };
  server.fault({
    match: { method: 'GET', path: /actions\/caches\?key=a/ },
    action: { kind: 'status', status: 429, headers },
  });
  expect((await call('caches?key=b')).status).toBe(200);
  expect((await call('caches?key=a')).status).toBe(429);
  expect((await call('caches?key=a')).status).toBe(200);
});
