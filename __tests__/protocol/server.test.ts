import { randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restoreCache, saveCache } from '@actions/cache';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type CacheServer, startCacheServer } from '../../local/server/server.ts';
import { runtimeToken, type Scope, scopesOf } from '../../local/server/tokens.ts';
// The toolkit takes these two paths for `*.blob.core.windows.net` only, so they are called as it would.
import {
  downloadCacheHttpClientConcurrent,
  downloadCacheStorageSDK,
} from '../../node_modules/@actions/cache/lib/internal/downloadUtils.js';

const service = 'twirp/github.actions.results.api.v1.CacheService';
const main = scopesOf({ ref: 'refs/heads/main' });
const feature = scopesOf({ ref: 'refs/heads/feature' });
const downloadOptions = { timeoutInMs: 30_000, downloadConcurrency: 4, segmentTimeoutInMs: 60_000 };

let root: string;
let data: string;
let server: CacheServer;
let clock: number;
let output: string;

beforeEach(async () => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'cache-server-')));
  data = join(root, 'work', 'data');
  for (const directory of ['work', 'temp']) mkdirSync(join(root, directory));
  clock = Date.now();
  server = await start();
  output = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    output += String(chunk);
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await server.close();
  rmSync(root, { recursive: true, force: true });
});

describe('the real @actions/cache', () => {
  test('saves and restores', async () => {
    expect(await save('k-1', 'hello')).toBeGreaterThan(0);
    expect(await restore('k-1')).toEqual({ hit: 'k-1', text: 'hello' });
    expect(await restore('other')).toEqual({ hit: undefined, text: undefined });
    expect(server.entries()).toMatchObject([{ key: 'k-1', scope: 'refs/heads/main' }]);
  });

  test('finds the exact key first, then a prefix, the newest first, the primary key as a prefix, too', async () => {
    for (const key of ['k-1', 'k-2', 'k-3-long']) {
      clock += 1000;
      await save(key, key);
    }
    expect((await restore('k-1')).hit).toBe('k-1');
    expect((await restore('k-3')).hit).toBe('k-3-long');
    expect((await restore('none', ['k-2-', 'k-'])).hit).toBe('k-3-long');
    expect((await restore('k-1', [], { lookupOnly: true })).hit).toBe('k-1');
  });

  test('does not save a key twice', async () => {
    await save('k', 'first');
    expect(await save('k', 'second')).toBe(-1);
    expect(output).toContain('another job may be creating this cache');
    expect((await restore('k')).text).toBe('first');
  });

  test('an evicted entry is gone, the others stay', async () => {
    await save('k-1', 'one');
    await save('k-2', 'two');
    const [first] = server.entries();
    await server.evict(first?.id ?? 0);
    expect(server.entries().map(({ key }) => key)).toEqual(['k-2']);
    expect(await restore('k-1')).toEqual({ hit: undefined, text: undefined });
    await expect(server.evict(first?.id ?? 0)).rejects.toThrow(/no entry 1/);
  });

  test('keeps refs apart: a branch sees the default branch, and nobody a sibling', async () => {
    await save('from-main', 'm');
    await save('from-feature', 'f', feature);
    const sibling = scopesOf({ ref: 'refs/heads/sibling' });
    expect((await restore('from-main', [], {}, feature)).hit).toBe('from-main');
    expect((await restore('from-feature', [], {}, feature)).hit).toBe('from-feature');
    expect((await restore('from-feature', [], {}, sibling)).hit).toBeUndefined();
    expect((await restore('from-feature')).hit).toBeUndefined();
    // An own prefix match goes before an exact one of the default branch.
    await save('from', 'm2');
    expect((await restore('from', [], {}, feature)).hit).toBe('from-feature');
    const pull = scopesOf({ ref: 'refs/pull/7/merge', baseRef: 'refs/heads/feature' });
    expect((await restore('from-feature', [], {}, pull)).hit).toBe('from-feature');
  });

  test('a read-only token restores and is denied to save, with a warning', async () => {
    await save('k', 'x');
    const readOnly = scopesOf({ ref: 'refs/heads/main', readOnly: true });
    expect(await save('k2', 'y', readOnly)).toBe(-1);
    expect(output).toMatch(/::warning::Failed to save:.*cache write denied:/);
    expect((await restore('k', [], {}, readOnly)).text).toBe('x');
    expect((await restore('k', [], {}, [{ ref: 'refs/heads/main', permission: 2 }])).hit).toBeUndefined();
    expect(output).toMatch(/::warning::Failed to restore:.*cache read denied:/);
  });

  test('another path is another version', async () => {
    await save('k', 'x');
    expect(await restoreCache([join(root, 'work', 'elsewhere')], 'k')).toBeUndefined();
  });

  test('uploads more than 128 MiB in blocks, and every download path brings the same bytes', async () => {
    const bytes = randomBytes(140_000_000);
    await save('big', bytes);
    const puts = server.requests.filter((request) => request.method === 'PUT');
    expect(puts.map((request) => request.comp).sort()).toEqual(['block', 'block', 'block', 'blocklist']);
    expect((await restore('big')).hit).toBe('big');
    expect(readFileSync(join(data, 'file')).equals(bytes)).toBe(true);
    const stored = server.entries()[0]?.bytes;
    expect(server.requests.at(-1)).toMatchObject({ method: 'GET', status: 200, bytesDown: stored });

    const plain = Buffer.from(await (await fetch(await downloadUrl('big'))).arrayBuffer());
    for (const download of [downloadCacheStorageSDK, downloadCacheHttpClientConcurrent]) {
      const before = server.requests.length;
      await download(await downloadUrl('big'), join(root, 'copy'), downloadOptions);
      expect(readFileSync(join(root, 'copy')).equals(plain)).toBe(true);
      expect(
        server.requests.slice(before).filter((request) => request.status === 206).length,
      ).toBeGreaterThan(30);
    }
  });

  test('tries again after one 500, and after an answer that is not JSON', async () => {
    await save('k', 'x');
    server.fault({ match: { path: /GetCacheEntryDownloadURL/ }, action: { kind: 'status', status: 500 } });
    expect((await restore('k')).hit).toBe('k');
    server.fault({ match: { method: 'POST' }, action: { kind: 'status', status: 200, body: '<html>' } });
    expect((await restore('k')).hit).toBe('k');
    expect(server.requests.map((request) => request.status)).toContain(500);
  });

  test('a download that is cut off is a miss with a warning', async () => {
    await save('k', randomBytes(3_000_000));
    server.fault({
      match: { method: 'GET' },
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'reset', afterBytes: 1_000_000 },
    });
    expect((await restore('k')).hit).toBeUndefined();
    expect(output).toContain('::warning::Failed to restore:');
    expect(server.requests.at(-1)).toMatchObject({ method: 'GET', bytesDown: 1_000_000 });
  });

  test('an upload that is cut off is sent again by the SDK', async () => {
    server.fault({ match: { method: 'PUT' }, action: { kind: 'reset', afterBytes: 100_000 } });
    expect(await save('k', randomBytes(1_000_000))).toBeGreaterThan(0);
    const puts = server.requests.filter((request) => request.method === 'PUT');
    expect(puts.map((request) => request.status)).toEqual([null, 201]);
  });

  test('a corrupt archive is a miss with a warning', async () => {
    await save('k', randomBytes(200_000));
    await server.corrupt('k', (bytes) => bytes.fill(0, 1000, 50_000));
    expect((await restore('k')).hit).toBeUndefined();
    expect(output).toContain('::warning::Failed to restore:');
  });
});

describe('the service', () => {
  test('evicts the least recently used entry when the quota is full', async () => {
    await restart({ quotaBytes: 350_000 });
    for (const key of ['a', 'b', 'c']) {
      clock += 1000;
      await save(key, randomBytes(100_000));
    }
    clock += 1000;
    await restore('a', [], { lookupOnly: true });
    clock += 1000;
    await save('d', randomBytes(100_000));
    expect(server.entries().map((entry) => entry.key)).toEqual(['a', 'c', 'd']);
    expect((await restore('b')).hit).toBeUndefined();
  });

  test('an entry shows only when it is finalized with its true size; its key is taken meanwhile, for a day', async () => {
    const entry = { key: 'k', version: 'v' };
    const created = await call('CreateCacheEntry', entry);
    expect((await call('CreateCacheEntry', entry)).status).toBe(409);
    await fetch(String(created.body['signed_upload_url']), putOf('12345'));
    expect((await call('GetCacheEntryDownloadURL', entry)).body).toEqual({ ok: false });
    expect((await call('FinalizeCacheEntryUpload', { ...entry, size_bytes: '6' })).body).toEqual({
      ok: false,
      message: 'cache entry has 5 bytes, not 6',
    });
    clock += 24 * 3600 * 1000;
    const again = await call('CreateCacheEntry', entry);
    await fetch(String(again.body['signed_upload_url']), putOf('123'));
    const done = await call('FinalizeCacheEntryUpload', { ...entry, size_bytes: '3' });
    expect(done.body).toEqual({ ok: true, entry_id: '2' });
    // Neither a late upload to the first URL nor one to the finalized entry's gets through.
    for (const { body } of [created, again]) {
      expect((await fetch(String(body['signed_upload_url']), putOf('zzz'))).status).not.toBe(201);
    }
    expect(await (await fetch(await downloadUrl('k', 'v'))).text()).toBe('123');
  });

  test('another server over the same directory has the entries', async () => {
    await save('k', 'kept');
    await restart();
    expect((await restore('k')).text).toBe('kept');
    await server.clear();
    expect(server.entries()).toEqual([]);
  });

  test.each([
    ['no token', ''],
    ['no JWT', 'Bearer x.y'],
    ['another key', `Bearer ${runtimeToken({ scopes: main, secret: 'other' })}`],
  ])('401 for %s', async (_, authorization) => {
    const url = `${server.url}${service}/CreateCacheEntry`;
    const answer = await fetch(url, { method: 'POST', headers: { authorization }, body: '{}' });
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ code: 'unauthenticated' });
  });

  test('401 for a token that is over, 400 for nonsense, 404 for an unknown call', async () => {
    const old = runtimeToken({ scopes: main, secret: server.secret, now: clock - 7 * 3600 * 1000 });
    expect((await call('CreateCacheEntry', { key: 'k', version: 'v' }, old)).status).toBe(401);
    expect((await call('CreateCacheEntry', { key: 'a,b', version: 'v' })).status).toBe(400);
    expect((await call('CreateCacheEntry', [])).status).toBe(400);
    expect((await call('NoSuchCall', {})).status).toBe(404);
  });

  test('a signed URL is good for its own access, its own blob and an hour', async () => {
    await save('k', 'x');
    const url = await downloadUrl('k');
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(url, putOf('x'))).status).toBe(403);
    expect((await fetch(url.replace(/sig=./, 'sig=~'))).status).toBe(403);
    expect((await fetch(url.replace('actions-cache/1', 'actions-cache/2'))).status).toBe(403);
    clock += 3600 * 1000;
    expect((await fetch(url)).headers.get('x-ms-error-code')).toBe('AuthenticationFailed');
  });

  test.each([
    ['bytes=0-0', 206, '0', 'bytes 0-0/10'],
    ['bytes=3-5', 206, '345', 'bytes 3-5/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-2', 206, '89', 'bytes 8-9/10'],
    ['bytes=8-99', 206, '89', 'bytes 8-9/10'],
    ['bytes=10-', 416, undefined, 'bytes */10'],
    ['words=1-2', 200, '0123456789', null],
  ])('range %s', async (range, status, text, contentRange) => {
    const url = await stored('0123456789');
    for (const name of ['range', 'x-ms-range']) {
      const answer = await fetch(url, { headers: { [name]: range } });
      expect([answer.status, answer.headers.get('content-range')]).toEqual([status, contentRange]);
      if (text !== undefined) expect(await answer.text()).toBe(text);
    }
    const head = await fetch(url, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe('10');
    const etag = head.headers.get('etag') ?? '';
    expect((await fetch(url, { headers: { 'if-match': etag } })).status).toBe(200);
    expect((await fetch(url, { headers: { 'if-match': '"other"' } })).status).toBe(412);
  });
});

describe('faults', () => {
  test('a delay holds the answer back, a stall keeps it', async () => {
    const url = await stored('0123456789');
    server.fault({ match: { method: 'GET' }, action: { kind: 'delay', ms: 300 } });
    const begun = performance.now();
    expect(await (await fetch(url)).text()).toBe('0123456789');
    expect(performance.now() - begun).toBeGreaterThan(290);
    server.fault({ match: { method: 'GET' }, action: { kind: 'stall', afterBytes: 4 } });
    const stalled = await fetch(url, { signal: AbortSignal.timeout(300) });
    await expect(stalled.text()).rejects.toThrow(/timeout/);
    expect(server.requests.at(-1)).toMatchObject({ status: 200, bytesDown: 4 });
  });

  test('a lost answer: the key is taken, and the caller does not know', async () => {
    server.fault({
      match: (request) => request.path.endsWith('CreateCacheEntry'),
      action: { kind: 'reset', afterBytes: 0, side: 'answer' },
    });
    await expect(call('CreateCacheEntry', { key: 'k', version: 'v' })).rejects.toThrow();
    expect(server.requests.at(-1)).toMatchObject({ status: null, bytesDown: 0 });
    expect((await call('CreateCacheEntry', { key: 'k', version: 'v' })).status).toBe(409);
  });

  test('gathered requests wait for each other, or until the fault is taken back', async () => {
    const url = await stored('0123456789');
    const gather = (): (() => void) =>
      server.fault({ match: { method: 'GET' }, times: 2, action: { kind: 'gather' } });
    const ended: number[] = [];
    const read = async (at: number) => {
      await (await fetch(url)).text();
      ended.push(at);
    };
    gather();
    const first = read(1);
    await vi.waitFor(() => expect(server.requests.at(-1)?.method).toBe('GET'));
    expect(ended).toEqual([]);
    await Promise.all([first, read(2)]);
    expect(ended.toSorted()).toEqual([1, 2]);
    const undo = gather();
    const alone = read(3);
    undo();
    await alone;
    await read(4);
    expect(ended).toHaveLength(4);
  });

  test('an upload stalls until the client gives up; a fault can be taken back', async () => {
    const created = await call('CreateCacheEntry', { key: 'k', version: 'v' });
    const url = String(created.body['signed_upload_url']);
    const undo = server.fault({
      match: { path: /sp=w/ },
      times: Number.POSITIVE_INFINITY,
      action: { kind: 'stall', afterBytes: 1 },
    });
    await expect(fetch(url, { ...putOf('123'), signal: AbortSignal.timeout(300) })).rejects.toThrow(
      /timeout/,
    );
    undo();
    expect((await fetch(url, putOf('123'))).status).toBe(201);
  });
});

async function start(options: { readonly quotaBytes?: number } = {}): Promise<CacheServer> {
  return startCacheServer({ directory: join(root, 'store'), now: () => clock, ...options });
}

async function restart(options: { readonly quotaBytes?: number } = {}): Promise<void> {
  await server.close();
  server = await start(options);
}

function useToolkit(scopes: readonly Scope[]): void {
  const places = {
    GITHUB_WORKSPACE: join(root, 'work'),
    RUNNER_TEMP: join(root, 'temp'),
    ACTIONS_CACHE_MODE: '',
  };
  for (const [name, value] of Object.entries({ ...server.environment({ scopes }), ...places })) {
    vi.stubEnv(name, value);
  }
}

async function save(key: string, content: string | Buffer, scopes = main): Promise<number> {
  useToolkit(scopes);
  mkdirSync(data, { recursive: true });
  writeFileSync(join(data, 'file'), content);
  return saveCache([data], key);
}

async function restore(
  key: string,
  restoreKeys: string[] = [],
  options: { readonly lookupOnly?: boolean } = {},
  scopes: readonly Scope[] = main,
): Promise<{ hit: string | undefined; text: string | undefined }> {
  useToolkit(scopes);
  rmSync(data, { recursive: true, force: true });
  const hit = await restoreCache([data], key, restoreKeys, { ...options });
  const file = join(data, 'file');
  return { hit, text: existsSync(file) && key !== 'big' ? readFileSync(file, 'utf8') : undefined };
}

async function call(
  name: string,
  fields: object,
  token = server.environment()['ACTIONS_RUNTIME_TOKEN'] ?? '',
): Promise<{ readonly status: number; readonly body: Record<string, unknown> }> {
  const answer = await fetch(`${server.url}${service}/${name}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });
  return { status: answer.status, body: Object(await answer.json()) };
}

function putOf(body: string): RequestInit {
  return { method: 'PUT', headers: { 'x-ms-blob-type': 'BlockBlob' }, body };
}

async function downloadUrl(key: string, version?: string): Promise<string> {
  const known = server.entries().find((entry) => entry.key === key)?.version;
  const { body } = await call('GetCacheEntryDownloadURL', { key, version: version ?? known });
  return String(body['signed_download_url']);
}

/** The download URL of an entry `k` of this text. */
async function stored(text: string): Promise<string> {
  const created = await call('CreateCacheEntry', { key: 'k', version: 'v' });
  await fetch(String(created.body['signed_upload_url']), putOf(text));
  await call('FinalizeCacheEntryUpload', { key: 'k', version: 'v', size_bytes: String(text.length) });
  return downloadUrl('k', 'v');
}
