import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { type CacheServer, startCacheServer } from '../../local/server/server.ts';
import type { Gauge } from '../../src/progress.ts';
import { CacheStore } from '../../src/store/cache.ts';
import { TransferProgress } from '../../src/store/transfer-progress.ts';
import { ended, isThere } from '../helpers/processes.ts';

let home: string;
let server: CacheServer;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'gobuild-test-store-'));
  server = await startCacheServer({ directory: join(home, 'entries') });
  onTestFinished(async () => {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  });
});

const environment = () => ({ ...process.env, ...server.environment() });

async function saveSomething(key = 'some-key'): Promise<void> {
  const store = new CacheStore(join(home, 'save'), environment());
  const directory = store.prepare();
  mkdirSync(directory.pack);
  writeFileSync(join(directory.pack, 'manifest.json'), '{}');
  expect(await store.save(directory, key)).toMatchObject({ kind: 'saved' });
}

/** The processes that this one, or another, has started to talk to the service. */
function children(parent = process.pid): number[] {
  if (process.platform === 'win32') return []; // It has no ps: there only the result and the time are looked at.
  const listed = execFileSync('ps', ['-eo', 'ppid=,pid=,args='], { encoding: 'utf8' });
  const told = listed.split('\n').map((line) => line.trim().split(/ +/));
  return told.flatMap(([ppid, pid = '', ...args]) =>
    ppid === `${parent}` && args.join(' ').includes('store/child.ts') ? [Number(pid)] : [],
  );
}

/** The requests that the server has met of one kind. */
const asked = (path: RegExp) => server.requests.filter((request) => path.test(request.path)).length;

test('a download that stalls is given up at the deadline; its process is ended, and no later restore waits', async () => {
  await saveSomething();
  server.fault({ match: { method: 'GET' }, times: Infinity, action: { kind: 'stall', afterBytes: 10 } });
  const before = children();
  const store = new CacheStore(join(home, 'restore'), environment(), 2);
  const started = performance.now();
  expect(await store.restore(['some-key'])).toEqual({
    kind: 'failed',
    reason: 'it took over 2 s, the restore-timeout',
  });
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(children().filter((pid) => !before.includes(pid))).toEqual([]);
  expect(readdirSync(join(home, 'restore'))).toEqual([]);
  const again = performance.now();
  expect(await store.restore(['other-key'])).toMatchObject({ kind: 'failed' });
  expect(performance.now() - again).toBeLessThan(500);
});

test.skipIf(process.platform === 'win32')(
  'the process that talks to the service ends with its killed parent',
  async () => {
    await saveSomething();
    server.fault({ match: { method: 'GET' }, times: Infinity, action: { kind: 'stall', afterBytes: 10 } });
    const program =
      `import { CacheStore } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/store/cache.ts'))};` +
      `await new CacheStore(${JSON.stringify(join(home, 'killed'))}, process.env).restore(['some-key']);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { env: environment() });
    const downloads = () => server.requests.filter(({ method }) => method === 'GET').length;
    for (let tries = 0; downloads() === 0 && tries < 100; tries += 1) await sleep(100);
    const [child = Number.NaN, ...others] = children(parent.pid);
    expect([isThere(child), others]).toEqual([true, []]);
    parent.kill('SIGKILL');
    expect(await ended(child)).toBe(true);
  },
);

test.skipIf(process.platform === 'win32')(
  'a process is there before it is asked, serves again after a look-up, and holds nobody up when it has nothing to do',
  async () => {
    await saveSomething();
    const program =
      `import { CacheStore } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/store/cache.ts'))};` +
      `const store = new CacheStore(${JSON.stringify(join(home, 'served'))}, process.env);` +
      `store.start(2);` +
      `const tell = async (asked) => console.log(JSON.stringify(await asked));` +
      `await tell(store.lookup(['none']).then((found) => found ?? 'none'));` +
      `await tell(store.lookup(['some']));` +
      `await tell(store.restore(['some-key']).then(({ kind, key, directory }) => { store.discard(directory); return [kind, key]; }));` +
      `await tell(Promise.all(['some-key', 'other'].map((key) => store.find([key]))).then((all) => all.map(({ kind }) => kind)));`;
    const [noting, started] = [join(home, 'noting.mjs'), join(home, 'started')];
    const note = `appendFileSync(${JSON.stringify(started)}, process.pid + ' ' + process.argv[1] + '\\n');`;
    writeFileSync(noting, `import { appendFileSync } from 'node:fs';\n${note}\n`);
    const env = { ...environment(), NODE_OPTIONS: `--import=${pathToFileURL(noting)}` };
    const parent = spawn(process.execPath, ['--input-type=module', '-e', program], { env });
    let told = '';
    parent.stdout.on('data', (chunk) => {
      told += chunk;
    });
    expect(await new Promise((done) => parent.once('exit', done))).toBe(0);
    expect(told.split('\n').filter((line) => !line.startsWith('::add-mask::'))).toEqual([
      ...['"none"', '"some-key"', '["hit","some-key"]', '["found","miss"]', ''],
    ]);
    const processes = readFileSync(started, 'utf8')
      .split('\n')
      .filter((line) => line.includes('store/child.ts'));
    // The one that has downloaded is not asked again: of two requests at once one is another's.
    expect(processes).toHaveLength(3);
    for (const line of processes) expect(await ended(Number.parseInt(line, 10)), line).toBe(true);
    expect(asked(/GetCacheEntryDownloadURL/)).toBe(5);
  },
);

test.each(['\u2028', '\u2029'])('a key with %j, at which a line ends for some', async (separator) => {
  await saveSomething(`some-key${separator}::error::x`);
  const store = new CacheStore(join(home, 'restore'), environment());
  const refused = { kind: 'failed', reason: "the entry's key has a control character or a line separator" };
  expect(await store.find(['some-key'])).toEqual(refused);
  expect(await store.restore(['some-key'])).toEqual(refused);
  expect(await store.find(['other'])).toEqual({ kind: 'miss' });
});

test('a temporary directory of the system that is not there', async () => {
  await saveSomething();
  const missing = join(home, 'missing');
  for (const name of ['TMPDIR', 'TMP', 'TEMP']) vi.stubEnv(name, missing);
  onTestFinished(() => void vi.unstubAllEnvs());
  const store = new CacheStore(join(home, 'restore'), environment());
  expect(await store.restore(['some-key'])).toMatchObject({ kind: 'hit' });
});

test('processes that cannot be started fail the transfers, and nothing else', async () => {
  const long = { ...environment(), LONG: 'x'.repeat(4_000_000) };
  const store = new CacheStore(join(home, 'restore'), long);
  store.start(2);
  expect(await store.find(['some-key'])).toMatchObject({
    kind: 'failed',
    reason: expect.stringMatching(/spawn/),
  });
  const directory = store.prepare();
  expect(await store.save(directory, 'some-key')).toMatchObject({ kind: 'failed' });
  store.end();
});

test.skipIf(process.platform === 'win32')(
  'without a file descriptor for a process a transfer fails at once, and holds nobody up',
  async () => {
    const program =
      `import { openSync } from 'node:fs';` +
      `import { CacheStore } from ${JSON.stringify(resolve(import.meta.dirname, '../../src/store/cache.ts'))};` +
      `const store = new CacheStore(${JSON.stringify(join(home, 'full'))}, process.env);` +
      `try { for (;;) openSync('/dev/null', 'r'); } catch {}` +
      `console.log(JSON.stringify(await store.find(['some-key'])));`;
    const node = [process.execPath, '--input-type=module', '-e', program];
    const options = { env: environment(), encoding: 'utf8', timeout: 20_000 } as const;
    const told = execFileSync('/bin/sh', ['-c', 'ulimit -n 100; exec "$@"', 'sh', ...node], options);
    expect(JSON.parse(told)).toEqual({ kind: 'failed', reason: expect.stringMatching(/^spawn .*EMFILE$/) });
  },
);

test.skipIf(process.platform === 'win32')(
  'a process that has ended is told, or replaced by another where it had nothing to do',
  async () => {
    await saveSomething();
    const store = new CacheStore(join(home, 'restore'), environment());
    const before = children();
    store.start(1);
    const [idle = Number.NaN] = children().filter((pid) => !before.includes(pid));
    process.kill(idle, 'SIGKILL');
    expect(await ended(idle)).toBe(true);
    await sleep(200); // This process hears of it a moment later.
    expect(await store.find(['some-key'])).toEqual({ kind: 'found', key: 'some-key' });

    server.fault({ match: { method: 'GET' }, action: { kind: 'stall', afterBytes: 10 } });
    const restoring = store.restore(['some-key']);
    for (let tries = 0; server.requests.every(({ method }) => method !== 'GET') && tries < 100; tries += 1)
      await sleep(50);
    for (const pid of children()) if (!before.includes(pid)) process.kill(pid, 'SIGKILL');
    expect(await restoring).toEqual({
      kind: 'failed',
      reason: 'the process that talks to the cache service ended without an answer',
    });
    const restored = await store.restore(['some-key']);
    expect(restored).toMatchObject({ kind: 'hit', key: 'some-key' });
  },
);

test("an entry's key prints no command: neither a mask that would hide the log, nor a line of its own", async () => {
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => printed.mockRestore());
  await saveSomething('some-key\n::add-mask::e');
  const store = new CacheStore(join(home, 'restore'), environment());
  expect(await store.restore(['some-key'])).toEqual({
    kind: 'failed',
    reason: "the entry's key has a control character or a line separator",
  });
  const masks = printed.mock.calls
    .map(([text]) => String(text))
    .filter((text) => text.includes('::add-mask::'));
  expect(masks.filter((text) => text.length < 32)).toEqual([]);
});

test('a download tells its bytes as they come, an upload what has gone of how much', async () => {
  const store = new CacheStore(join(home, 'save'), environment());
  const directory = store.prepare();
  mkdirSync(directory.pack);
  writeFileSync(join(directory.pack, 'manifest.json'), '{}');
  writeFileSync(join(directory.pack, 'part-1.tar.zst'), randomBytes(300_000));
  const upload = gaugeOf();
  expect(await store.save(directory, 'some-key', upload.watch)).toMatchObject({ kind: 'saved' });
  const [entry] = server.entries();
  expect(upload.read()).toEqual({ done: entry?.bytes, total: entry?.bytes });

  const pause = { kind: 'pause', bytes: 100_000, ms: 1000, times: 2 } as const;
  server.fault({ match: { method: 'GET' }, action: pause });
  const download = gaugeOf();
  const seen = new Set<number>();
  const timer = setInterval(() => seen.add(download.read()?.done ?? -1), 20);
  const restored = await store.restore(['some-key'], { watch: download.watch });
  clearInterval(timer);
  expect(restored).toMatchObject({ kind: 'hit' });
  for (const bytes of [100_000, 200_000]) expect(seen).toContain(bytes);
});

/** In the words that the toolkit itself prints where the archive is in GitHub's storage, which is not to be had here. */
test("a download from GitHub's storage tells its bytes by the toolkit's lines", async () => {
  const internals = resolve(import.meta.dirname, '../../node_modules/@actions/cache/lib/internal');
  const { DownloadProgress } = await import(join(internals, 'downloadUtils.js'));
  const printed = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  onTestFinished(() => printed.mockRestore());
  const toolkit = new DownloadProgress(60_100_000);
  toolkit.setReceivedBytes(31_200_000);
  toolkit.display();
  const progress = new TransferProgress();
  expect(progress.read()).toBeUndefined();
  for (const [text] of printed.mock.calls) progress.learn(String(text).trimEnd());
  expect(progress.read()).toEqual({ done: 31_200_000, total: 60_100_000 });
});

function gaugeOf() {
  let gauge: Gauge = () => undefined;
  const watch = (given: Gauge) => {
    gauge = given;
  };
  return { watch, read: () => gauge() };
}

test('a look-up that stalls is given up at its deadline, and nothing more is asked', {
  timeout: 300_000,
}, async () => {
  server.fault({
    match: { path: /GetCacheEntryDownloadURL/ },
    times: Infinity,
    action: { kind: 'stall', afterBytes: 0, side: 'answer' },
  });
  const store = new CacheStore(join(home, 'lookup'), environment());
  await expect(store.lookup(['some-key'])).rejects.toThrow(
    'the cache service has not answered in time before',
  );
  const asked = server.requests.length;
  await expect(store.lookup(['other-key'])).rejects.toThrow(
    'the cache service has not answered in time before',
  );
  expect(server.requests.length).toBe(asked);
});
