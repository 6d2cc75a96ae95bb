import { cpSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Fault, FaultAction, FaultRequest } from '../../local/server/faults.ts';
import { type CacheServer, startCacheServer } from '../../local/server/server.ts';
import type { RestoreReport, SaveReport } from '../../src/report/report.ts';
import { type JobOptions, Scenario, visible } from './scenario.ts';

/**
 * What the cache service can do wrong. An earlier commit has stored a set; the job of the next one meets the fault in
 * all its steps. The toolkit tries some requests again for half a minute, so the rows run side by side.
 */

interface Row {
  readonly what: string;
  readonly faults?: readonly Fault[];
  readonly cache?: (server: CacheServer) => Record<string, string>;
  readonly with?: JobOptions['with'];
  readonly restore: readonly [RestoreReport['outcome'], says?: RegExp];
  readonly save: readonly [SaveReport['outcome'], reason?: RegExp];
  /** Requests at most, where it is not ten. */
  readonly asked?: number;
}

const calls = { path: /^\/twirp/ };
const lookup = { path: /GetCacheEntryDownloadURL/ };
const reserve = { path: /CreateCacheEntry/ };
// Not of the list of entries, which is another service's.
const download = ({ method, path }: FaultRequest) => method === 'GET' && !path.startsWith('/repos/');
const upload = { method: 'PUT' };

const answer = (
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): FaultAction => ({
  ...{ kind: 'status', status, body, headers },
});
const html = (status: number) => answer(status, '<html>Sorry</html>', { 'content-type': 'text/html' });
const refusal = (status: number) => answer(status, '{"code":"unknown","msg":"no"}');
const cut: FaultAction = { kind: 'reset', afterBytes: 200_000 };
// What is uploaded here is a top, which is small.
const cutEarly: FaultAction = { kind: 'reset', afterBytes: 1000 };
const always = (match: Fault['match'], action: FaultAction): Fault => ({ match, action, times: Infinity });
const mode = (name: string) => (server: CacheServer) => ({
  ...server.environment(),
  ACTIONS_CACHE_MODE: name,
});
const token = (permission: 1 | 2) => (server: CacheServer) =>
  server.environment({ scopes: [{ ref: 'refs/heads/main', permission }] });
const key = String.raw`gobuild-test-2-\S+-default-\S+`;

// The slowest first, so that no other waits for them.
const rows: readonly Row[] = [
  {
    what: 'answers 500 for ever',
    faults: [always(calls, refusal(500))],
    restore: ['failed', /: Failed to make request after 5 attempts: Failed request: \(500\) .*: no /],
    save: ['failed', /: Failed to make request after 5 attempts: Failed request: \(500\) .*: no$/],
  },
  {
    what: 'answers 502 with a page',
    faults: [always(calls, html(502))],
    restore: ['failed', /after 5 attempts: .* is not valid JSON \(HTTP 502\) /],
    save: ['failed', /after 5 attempts: .* is not valid JSON \(HTTP 502\)$/],
  },
  {
    what: 'answers 200 with a page',
    faults: [always(calls, html(200))],
    restore: ['failed', /after 5 attempts: .* is not valid JSON \(HTTP 200\) /],
    save: ['failed', /after 5 attempts: .* is not valid JSON \(HTTP 200\)$/],
  },
  {
    what: 'cuts every upload',
    faults: [always(upload, cutEarly)],
    restore: ['partial'],
    save: ['failed', /ECONNRESET|aborted|socket/],
  },
  {
    what: 'cuts an upload once',
    faults: [{ match: upload, action: cutEarly }],
    restore: ['partial'],
    save: ['saved'],
  },
  {
    what: 'refuses every upload without a word',
    faults: [always(upload, answer(403, ''))],
    restore: ['partial'],
    save: ['failed', /^the service refuses the upload, and the toolkit gives no reason$/],
  },
  {
    what: 'answers 500 once to each request',
    faults: [lookup, reserve, { path: /Finalize/ }].map((match) => ({ match, action: refusal(500) })),
    restore: ['partial'],
    save: ['saved'],
    asked: 8 + 3,
  },
  {
    what: 'is none',
    cache: () => ({}),
    restore: ['failed', /: the runner offers this job no cache service /],
    save: ['failed', /^the runner offers this job no cache service$/],
  },
  {
    what: 'is where nobody listens',
    cache: (server) => ({ ...server.environment(), ACTIONS_RESULTS_URL: 'http://127.0.0.1:9/' }),
    restore: ['failed', /: Failed to GetCacheEntryDownloadURL: Unable to make request: ECONNREFUSED /],
    save: ['failed', /^Failed to CreateCacheEntry: Unable to make request: ECONNREFUSED /],
  },
  ...[401, 403, 404].map(
    (status): Row => ({
      what: `answers ${status}`,
      faults: [always(calls, refusal(status))],
      restore: ['failed', new RegExp(`: Failed request: \\(${status}\\) [A-Za-z ]+: no `)],
      save: ['failed', new RegExp(`: Failed request: \\(${status}\\) [A-Za-z ]+: no$`)],
    }),
  ),
  {
    what: 'answers 409',
    faults: [always(calls, refusal(409))],
    restore: ['failed', /: Failed request: \(409\) Conflict: no /],
    save: ['skipped', /^another job has just stored the same key$/],
  },
  {
    what: 'answers 429 and asks to wait for an hour',
    faults: [
      always(calls, answer(429, '{"code":"resource_exhausted","msg":"slow"}', { 'retry-after': '3600' })),
    ],
    restore: ['failed', /: Rate limited: Failed request: \(429\) Too Many Requests: slow /],
    save: ['failed', /: Rate limited: Failed request: \(429\) Too Many Requests: slow$/],
  },
  {
    what: 'answers JSON of another shape',
    faults: [always(calls, answer(200, '{"ok":"yes","matched_key":3}'))],
    restore: ['failed', /: Cannot parse JSON .*GetCacheEntryDownloadURLResponse#ok \(HTTP 200\) /],
    save: ['failed', /^Cannot parse JSON .*CreateCacheEntryResponse#ok \(HTTP 200\)$/],
  },
  {
    what: 'answers JSON that says nothing',
    faults: [always(calls, answer(200, '{}'))],
    restore: ['miss'],
    save: ['failed', /^the service refuses to reserve an entry, and gives no reason$/],
  },
  {
    what: 'names an entry and no URL',
    faults: [
      always(lookup, answer(200, '{"ok":true,"matched_key":"some-key"}')),
      always(reserve, answer(200, '{"ok":true}')),
    ],
    restore: ['failed', /: the download of some-key failed: Invalid URL /],
    save: ['failed', /can only be used when a signed URL is provided\.$/],
  },
  {
    what: 'cuts the download',
    faults: [always(download, cut)],
    restore: ['failed', new RegExp(`: the download of ${key} failed: aborted `)],
    save: ['saved'],
  },
  {
    what: 'lets the download stall',
    faults: [always(download, { kind: 'stall', afterBytes: 200_000 })],
    with: { 'restore-timeout': '2' },
    restore: ['failed', /: it took over 2 s, the restore-timeout /],
    save: ['saved'],
  },
  {
    what: 'has evicted the entry when it is downloaded',
    faults: [always(download, answer(404, '<Error><Code>BlobNotFound</Code></Error>'))],
    // The toolkit takes the answer itself for the archive.
    restore: ['failed', new RegExp(`: the download of ${key}, 40 B, cannot be unpacked: .*tar' failed`)],
    save: ['saved'],
  },
  {
    what: 'is off by ACTIONS_CACHE_MODE: none',
    cache: mode('none'),
    restore: ['disabled', /: the effective cache-mode 'none' does not permit reads\.$/],
    save: ['skipped', /^the effective cache-mode 'none' does not permit writes\.$/],
  },
  {
    what: 'may only be read by ACTIONS_CACHE_MODE: read',
    cache: mode('read'),
    restore: ['partial'],
    save: ['skipped', /^the effective cache-mode 'read' does not permit writes\.$/],
  },
  {
    what: 'may be read and written by ACTIONS_CACHE_MODE: write',
    cache: mode('write'),
    restore: ['partial'],
    save: ['saved'],
  },
  {
    what: 'may only be written by ACTIONS_CACHE_MODE: write-only',
    cache: mode('write-only'),
    restore: ['disabled', /: the effective cache-mode 'write-only' does not permit reads\.$/],
    save: ['saved'],
  },
  {
    what: 'gives a token that may only read',
    cache: token(1),
    restore: ['partial'],
    save: ['skipped', /^cache write denied: the token has no writable scope$/],
  },
  {
    what: 'gives a token that may only write',
    cache: token(2),
    restore: ['failed', /: Failed request: \(403\) Forbidden: cache read denied: /],
    save: ['saved'],
  },
];

let seeded: Scenario;
/** What is stored before. */
let earlier: readonly string[];

beforeAll(async () => {
  const clean: (() => Promise<void>)[] = [];
  seeded = await Scenario.start({ finished: (remove) => clean.push(remove) });
  const first = seeded.job();
  await first.main();
  await first.tests();
  expect((await first.post()).report.save.outcome).toBe('saved');
  earlier = seeded.server.entries().map(({ key }) => key);
  expect(earlier).toHaveLength(2);
  seeded.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' });
  return async () => {
    for (const remove of clean) await remove();
  };
});

describe.concurrent('the job is green, and the report says why, with a service that', () => {
  test.for(rows)('$what', async (row, { expect, onTestFinished }) => {
    const directory = join(seeded.home, `entries of ${rows.indexOf(row)}`);
    cpSync(join(seeded.home, 'entries'), directory, { recursive: true });
    const server = await startCacheServer({ directory });
    onTestFinished(() => server.close());
    for (const fault of row.faults ?? []) server.fault(fault);

    const job = seeded.job({ cache: row.cache?.(server) ?? server, with: row.with ?? {} });
    const main = await job.main();
    const [outcome, says] = row.restore;
    expect(main.exitCode).toBe(0);
    expect(job.report().restore.outcome).toBe(outcome);
    if (outcome === 'failed') {
      const message = expect.stringMatching(/^The set was not restored, the job goes on without: /);
      expect(main.annotations).toMatchObject([{ level: 'warning', message }]);
      expect(main.annotations[0]?.message).toMatch(says ?? /./);
    } else {
      expect(main.annotations).toEqual([]);
      const line = visible(main).find((one) => /^(Restored|No set )/.test(one));
      expect(line).toMatch(says ?? /./);
    }
    if (outcome !== 'partial') {
      expect(job.report().restore).toMatchObject({ matchedKey: null, objects: 0, bytes: 0 });
    }
    expect(await job.tests()).toEqual([]);

    const { report, ...post } = await job.post();
    const [saved, reason] = row.save;
    expect(post.exitCode).toBe(0);
    expect(report.save.outcome).toBe(saved);
    expect(report.save.reason ?? '').toMatch(reason ?? /^$/);
    const line = `The set could not be saved: ${report.save.reason}`;
    expect(post.annotations.map(({ message }) => message)).toEqual(saved === 'failed' ? [line] : []);
    const added = server.entries().filter(({ key }) => !earlier.includes(key));
    const { save } = report;
    const made = saved === 'saved' ? [save.base?.key, save.key].filter((key) => key !== undefined) : [];
    expect(added.map((entry) => entry.key)).toEqual(made);
    // A service that is down is waited for once in each step, with the toolkit's five tries.
    const asked = server.requests.filter((one) => one.method === 'POST').length;
    expect(asked).toBeLessThanOrEqual(row.asked ?? 10);

    const work = join(main.outputs['report'] ?? '', '..');
    expect(readdirSync(work).filter((name) => name.includes('transfer'))).toEqual([]);
  });
});
