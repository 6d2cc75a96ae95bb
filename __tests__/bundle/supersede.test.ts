import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ApiAccess } from '../../local/server/rest-routes.ts';
import { storeEntry } from '../helpers/entries.ts';
import { type JobOptions, Scenario, visible, wholeJob } from './scenario.ts';

/** Another content of the small module. */
const commit = (scenario: Scenario, value: number): void =>
  scenario.write({ 'leaf/leaf.go': `package leaf\n\nfunc One() int { return ${value} - ${value - 1} }\n` });

/** A whole job whose token may do so much. */
const job = (scenario: Scenario, access: ApiAccess, options: JobOptions = {}) =>
  wholeJob(scenario, { token: scenario.server.apiToken(access), ...options });

const main = 'refs/heads/main';

/** The key of a set with another shape, name, content or run. */
function otherKey(key: string, change: { shape?: string; name?: string; rest?: string }): string {
  const fields = key.split('-');
  const { shape = fields[6] ?? '', name = fields[7] ?? '', rest = fields.slice(8).join('-') } = change;
  return [...fields.slice(0, 6), shape, name, rest].join('-');
}

/** Everything below a directory, as one text. */
function contentsOf(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true });
  const names = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  return names.map((name) => readFileSync(name, 'latin1')).join('\n');
}

test("after three commits one set is left, which the next run restores; nobody else's entry is touched", async () => {
  const scenario = await Scenario.start();
  const { server } = scenario;
  const first = await job(scenario, 'write');
  const key = first.report.save.key ?? '';
  expect(first.report.supersede).toEqual({ outcome: 'done', reason: null, deleted: [], bytes: 0 });
  const base = first.report.save.base?.key ?? '';
  const version = server.entries()[0]?.version ?? '';
  const others = [
    { key, version, ref: 'refs/heads/topic' },
    { key: otherKey(key, { shape: 'fedcba9876543210' }), version },
    { key: otherKey(key, { name: 'default2' }), version },
    { key: otherKey(key, { name: 'a' }), version },
    { key: otherKey(key, { rest: 'c-0.1' }), version: 'another' },
    { key: `setup-go-${key}`, version },
    { key: 'gobuild-test-2-modules-linux-go1.26.8-c-0.1', version },
    { key: base, version, ref: 'refs/heads/topic' },
    { key: base.replace('-default-', '-default2-'), version },
    { key: base.replace(/-[0-9a-f]{16}-default-/, '-fedcba9876543210-default-'), version },
    { key: `${base.slice(0, -16)}0123456789abcdef`, version: 'another' },
  ];
  for (const other of others) await storeEntry(server, other);

  const second = await job(scenario, 'write', { ref: 'refs/heads/topic', with: { save: 'never' } });
  expect(second.report.supersede).toMatchObject({ outcome: 'skipped', reason: 'nothing was saved' });
  const keys = [key];
  const bytesOf = new Map([[key, scenario.bytesOf(key)]]);
  for (const value of [3, 4]) {
    commit(scenario, value);
    const { report, post } = await job(scenario, 'write');
    const bytes = report.supersede.bytes;
    expect(report.restore).toMatchObject({ outcome: 'partial', matchedKey: keys.at(-1) });
    expect(report.supersede).toEqual({
      ...{ outcome: 'done', reason: null, bytes: expect.any(Number) },
      deleted: [{ key: keys.at(-1), bytes }],
    });
    expect(bytes).toBe(bytesOf.get(keys.at(-1) ?? ''));
    expect(visible(post).join('\n')).toMatch(/^Superseded 1 entry \([\d.]+ [kM]?B\)$/m);
    bytesOf.set(report.save.key ?? '', report.save.bytes ?? 0);
    keys.push(report.save.key ?? '');
  }
  const own = server.entries().filter((entry) => entry.scope === main && entry.version === version);
  expect(
    own.filter((entry) => entry.key.startsWith(otherKey(key, { rest: '' }))).map((entry) => entry.key),
  ).toEqual([keys.at(-1)]);
  const left = server
    .entries()
    .map((entry) => ({ key: entry.key, version: entry.version, ref: entry.scope }));
  expect(left).toEqual(expect.arrayContaining(others.map((other) => ({ ref: main, ...other }))));
  // What is left: a base and a top.
  expect(left).toEqual(expect.arrayContaining([{ key: base, version, ref: main }]));
  expect(left).toHaveLength(others.length + 2);

  const next = await job(scenario, 'write', { cold: true });
  expect(next.report.restore).toMatchObject({ outcome: 'exact', matchedKey: keys.at(-1) });
  expect(next.compiled).toEqual([]);
});

test('a set that no warm completed leaves the whole one, which its content still restores', async () => {
  const scenario = await Scenario.start();
  const whole = await job(scenario, 'write');
  for (const value of [3, 4]) {
    commit(scenario, value);
    const failing = scenario.job({ token: scenario.server.apiToken('write') });
    await failing.main();
    const { report } = await failing.post({ jobStatus: 'failure' });
    expect(report.save.key).toMatch(/-unwarmed-/);
    expect(report.supersede.outcome).toBe('done');
  }
  const left = scenario.setKeys();
  expect(left).toEqual([whole.report.save.key, expect.stringMatching(/-unwarmed-[0-9a-f]{16}-3\.1$/)]);
  const partial = await job(scenario, 'write', { cold: true });
  expect(partial.report.restore).toMatchObject({ outcome: 'partial', matchedKey: left[1] });
  expect(partial.report.supersede.deleted.map(({ key }) => key)).toEqual(left);
});

test('more than one page of older entries is deleted to the last', async () => {
  const scenario = await Scenario.start();
  const { server } = scenario;
  const { report } = await job(scenario, 'none');
  const version = server.entries()[0]?.version ?? '';
  for (let at = 0; at < 120; at += 1) {
    // On the same base.
    const rest = `c${at}-${report.save.base?.key.slice(-16)}-0.1`;
    await storeEntry(server, { key: otherKey(report.save.key ?? '', { rest }), version });
  }
  commit(scenario, 3);
  const after = await job(scenario, 'write');
  // The newest of them held nothing, so there is a new base: the old one goes when nothing lies on it any more.
  const deleted = after.report.supersede.deleted.map(({ key }) => key);
  expect(deleted).toHaveLength(122);
  expect(deleted.at(-1)).toBe(report.save.base?.key);
  expect([scenario.setKeys(), scenario.baseKeys()]).toEqual([
    [after.report.save.key],
    [after.report.save.base?.key],
  ]);
});

test.each([
  ['none', 'HTTP 403: Resource not accessible by integration'],
  ['read', 'HTTP 403: Resource not accessible by integration'],
] as const)('a token with the permission %s: one line names what to add', async (access, reason) => {
  const scenario = await Scenario.start();
  await job(scenario, access);
  commit(scenario, 3);
  const { report, post } = await job(scenario, access);
  expect(post.exitCode).toBe(0);
  expect(post.annotations).toEqual([]);
  expect(report.save.outcome).toBe('saved');
  expect(report.supersede).toMatchObject({
    outcome: 'denied',
    reason: expect.stringContaining(reason),
    deleted: [],
  });
  const naming = visible(post).filter((line) => line.includes('actions: write'));
  expect(naming).toEqual([expect.stringMatching(/permissions: \{ contents: read, actions: write \}$/)]);
  expect(report.quota.outcome).toBe(access === 'none' ? 'denied' : 'read');
  expect(scenario.setKeys()).toHaveLength(2);
});

test('a 404 for an entry that is there is a missing permission; for one that is gone it is nothing', async () => {
  const scenario = await Scenario.start();
  await job(scenario, 'write');
  commit(scenario, 3);
  const notFound = { kind: 'status', status: 404, body: '{"message":"Not Found"}' } as const;
  scenario.server.fault({ match: { method: 'DELETE' }, action: notFound });
  const hidden = await job(scenario, 'write');
  expect(hidden.report.supersede).toMatchObject({ outcome: 'denied', deleted: [] });

  commit(scenario, 4);
  // The work is done, and its answer is lost: the second try finds nothing to delete.
  scenario.server.fault({
    match: { method: 'DELETE' },
    action: { kind: 'reset', afterBytes: 0, side: 'answer' },
  });
  const gone = await job(scenario, 'write');
  expect(gone.report.supersede.outcome).toBe('done');
  expect(scenario.setKeys()).toEqual([gone.report.save.key]);
});

test('retry-after is waited for; one that is too long costs the superseding alone', async () => {
  const scenario = await Scenario.start();
  await job(scenario, 'write');
  const limited = (seconds: string) =>
    scenario.server.fault({
      match: { method: 'GET', path: /actions\/caches/ },
      action: { kind: 'status', status: 429, headers: { 'retry-after': seconds } },
    });
  commit(scenario, 3);
  limited('3600');
  const { report, post } = await job(scenario, 'write');
  expect([post.exitCode, post.annotations]).toEqual([0, []]);
  const reason = expect.stringMatching(/^the service asks to wait 3600 s \(HTTP 429: /);
  expect(report.supersede).toMatchObject({ outcome: 'failed', reason, deleted: [] });
  expect(report.quota).toMatchObject({ outcome: 'failed', reason });
  expect(scenario.setKeys()).toHaveLength(2);

  commit(scenario, 4);
  limited('1');
  const next = await job(scenario, 'write');
  expect(next.report.supersede.deleted).toHaveLength(2);
  expect(scenario.setKeys()).toEqual([next.report.save.key]);
});

test('a list that lags is asked again; one that never shows the saved entry deletes nothing', async () => {
  const scenario = await Scenario.start();
  await job(scenario, 'write');
  const empty = (times: number) =>
    scenario.server.fault({
      ...{ match: { method: 'GET', path: /actions\/caches\?.*key=(?!gobuild-test-2-base-)/ }, times },
      action: { kind: 'status', status: 200, body: '{"total_count":0,"actions_caches":[]}' },
    });
  commit(scenario, 3);
  empty(3);
  expect((await job(scenario, 'write')).report.supersede).toMatchObject({
    ...{ outcome: 'failed', reason: 'the list of entries does not show what was saved', deleted: [] },
  });
  commit(scenario, 4);
  empty(1);
  expect((await job(scenario, 'write')).report.supersede.deleted).toHaveLength(2);
});

test('supersede: false deletes nothing, and still measures', async () => {
  const scenario = await Scenario.start();
  await job(scenario, 'write');
  commit(scenario, 3);
  const { report, post } = await job(scenario, 'write', { with: { supersede: 'false' } });
  expect(report.supersede).toMatchObject({ outcome: 'skipped', reason: 'the input supersede is false' });
  expect(visible(post)).toContain('Older entries not deleted: the input supersede is false');
  expect(scenario.setKeys()).toHaveLength(2);
  const bytes = scenario.server.entries().reduce((sum, entry) => sum + entry.bytes, 0);
  expect(report.quota).toMatchObject({
    ...{ outcome: 'read', reason: null, entries: 3, bytes, own: { entries: 3, bytes } },
    ...{ limitBytes: 10e9, limitRead: false },
  });
  expect(visible(post).join('\n')).toMatch(
    /^The repository's cache holds [\d.]+ [kM]B in 3 entries, 0 % of the limit \(10\.0 GB, GitHub's default\); /m,
  );
});

test('within nested composites post gets no token: it says so, and asks nothing', async () => {
  const scenario = await Scenario.start();
  const nested = scenario.job({ token: scenario.server.apiToken('write') });
  await nested.main();
  await nested.tests();
  const post = await nested.post({ withInputs: false });
  expect(post.report.save.outcome).toBe('saved');
  expect(post.report.supersede).toMatchObject({
    outcome: 'skipped',
    reason: 'the post step was given no token',
  });
  expect(visible(post)).toContain('Older entries not deleted: the post step was given no token');
  expect(scenario.server.requests.filter(({ path }) => path.startsWith('/repos/'))).toEqual([]);
});

test('near the limit a warning names what takes most', async () => {
  const scenario = await Scenario.start();
  await storeEntry(scenario.server, { key: 'node-cache-linux-npm-3fa94b1', bytes: 1000 });
  scenario.server.fault({
    match: { method: 'GET', path: /storage-limit/ },
    action: { kind: 'status', status: 200, body: '{"max_cache_size_gb":0.001}' },
  });
  const { post, report } = await job(scenario, 'write');
  expect(report.quota).toMatchObject({ limitRead: true, limitBytes: 1e6 });
  const [prefix, other] = report.quota.largest.map((group) => group.prefix);
  expect([prefix, other]).toEqual([
    expect.stringMatching(/^gobuild-test-2-.*-default$/),
    'node-cache-linux-npm',
  ]);
  expect(post.annotations).toEqual([
    {
      level: 'warning',
      properties: {},
      message: expect.stringMatching(
        / % of the limit \(1\.0 MB\); GitHub removes .*, node-cache-linux-npm \(1\.0 kB/,
      ),
    },
  ]);
});

test('the token is masked, and in no file, no report and no state', async () => {
  const scenario = await Scenario.start();
  const token = scenario.server.apiToken('write');
  const { main: mainStep, post } = await job(scenario, 'write');
  expect(post.log).toContain(`::add-mask::${token}\n`);
  expect(mainStep.log + visible(post).join('\n')).not.toContain(token);
  expect(JSON.stringify(mainStep.state)).not.toContain(token);
  expect(contentsOf(scenario.home)).not.toContain(token);
});
