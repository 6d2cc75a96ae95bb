import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { classesOf } from '../../src/gocache/kinship.ts';
import { scan } from '../../src/gocache/scan.ts';
import type { Report } from '../../src/report/report.ts';
import { entryBytes } from '../../src/store/budget.ts';
import { baseKeyOf } from '../../src/store/key.ts';
import { storeEntry } from '../helpers/entries.ts';
import { repack } from '../helpers/repack.ts';
import { addLarge, commit } from './layered.ts';
import { type JobOptions, Scenario, visible, wholeJob } from './scenario.ts';

/** A whole job whose token may list and delete, with a limit in bytes. */
const job = (scenario: Scenario, maxSize: number | '', options: JobOptions = {}) =>
  wholeJob(scenario, {
    token: scenario.server.apiToken('write'),
    ...options,
    with: { 'max-size': maxSize === '' ? '' : `${Math.floor(maxSize)}B`, ...options.with },
  });

/** What a set that was saved takes, with the base that it lies on. */
const setBytes = (scenario: Scenario, { save: { key } }: Report): number =>
  scenario.bytesOf(key) + scenario.bytesOf(baseKeyOf(key ?? '') ?? null);

/** The same with a `go run`, which leaves an executable in GOCACHE. */
async function jobWithRun(scenario: Scenario, maxSize: number | '') {
  const limit = maxSize === '' ? '' : `${Math.floor(maxSize)}B`;
  const given = { 'max-size': limit, 'keep-executables': 'true' };
  const one = scenario.job({ token: scenario.server.apiToken('write'), with: given });
  await one.main();
  await one.tests();
  expect((await one.go('run', './cmd/tool')).exitCode).toBe(0);
  return { ...(await one.post()), gocache: one.gocache };
}

test('each save is in the history, with figures that are true; the next run reads it from the set', async () => {
  const scenario = await Scenario.start();
  const first = await job(scenario, '', { cold: true, sha: 'c1'.repeat(20) });
  commit(scenario, 3);
  // What Go itself says that this commit compiles.
  const other = scenario.job({ cold: true, with: { warm: 'never', save: 'never' } });
  await other.main();
  const compiled = await other.tests();
  const second = await job(scenario, '', { cold: true, sha: 'c2'.repeat(20) });
  const exact = await job(scenario, '', { cold: true });

  const baseBytes = scenario.bytesOf(first.report.save.base?.key ?? null);
  const [newest, oldest] = second.report.history;
  expect(second.report.history).toHaveLength(2);
  expect(first.report.history).toEqual([oldest]);
  // Nothing was saved: the history is that of the set.
  expect(exact.report).toMatchObject({ restore: { outcome: 'exact' }, history: second.report.history });
  for (const [{ report }, record] of [
    [first, oldest],
    [second, newest],
  ] as const) {
    expect(record).toMatchObject({
      rawBytes: report.sweep.keptBytes,
      restoreSeconds: report.restore.seconds,
      warmSeconds: report.warm.seconds,
      coldWarmSeconds: first.report.warm.seconds,
    });
    const stored = baseBytes + (report.save.bytes ?? 0) - (report.save.base === null ? 0 : baseBytes);
    // The toolkit's zstd may find a little more.
    expect(stored).toBeGreaterThan(0.99 * (record?.storedBytes ?? 0));
    expect(stored).toBeLessThanOrEqual(entryBytes(record?.storedBytes ?? 0) + entryBytes(0));
    expect(record?.saveSeconds).toBeLessThan(report.save.seconds);
  }
  expect([oldest?.commit, newest?.commit]).toEqual(['c1'.repeat(20), 'c2'.repeat(20)]);
  expect((newest?.time ?? '') > (oldest?.time ?? '')).toBe(true);
  expect(compiled.length).toBeGreaterThan(0);
  expect(newest?.compiledPackages).toBe(compiled.length);
  expect(oldest?.compiledPackages).toBe(packagesIn(first.job.gocache));
});

test('a set that fits is saved whole, and says what it was estimated at', async () => {
  const scenario = await Scenario.start();
  const first = await job(scenario, 1e9);
  expect(first.report.budget).toEqual({
    ...{ limitBytes: 1e9, takenBytes: 0, estimatedBytes: null, fits: true },
    leftOut: { classes: [], objects: 0, bytes: 0 },
  });
  commit(scenario, 3);
  const { report } = await job(scenario, 1e9);
  // The set of before goes when this one is saved, and its base is this one's: neither takes anything.
  expect(report).toMatchObject({
    ...{ save: { outcome: 'saved', base: null }, budget: { takenBytes: 0, fits: true } },
  });
  const stored = setBytes(scenario, report);
  expect(report.budget?.estimatedBytes).toBeGreaterThan(stored * 0.8);
  expect(report.budget?.estimatedBytes).toBeLessThan(stored * 1.25);
});

test('over max-size, executables stay out; the next job makes them anew, and saves nothing for it', async () => {
  const scenario = await Scenario.start();
  const plain = (await job(scenario, '')).report.save.bytes ?? 0;
  commit(scenario, 3);
  const whole = setBytes(scenario, (await jobWithRun(scenario, '')).report);
  expect(whole).toBeGreaterThan(plain + 300_000);

  commit(scenario, 4);
  const limit = (plain + whole) / 2;
  const { report, log } = await jobWithRun(scenario, limit);
  expect(report.save.outcome).toBe('saved');
  expect(setBytes(scenario, report)).toBeLessThanOrEqual(limit);
  expect(report.budget).toMatchObject({ fits: true, leftOut: { classes: ['executable'] } });
  // What is left out costs no new base.
  expect(report.save.base).toBe(null);
  // The executable and its record.
  expect(report.budget?.leftOut.objects).toBe(2);
  expect(log).toMatch(/Left out to keep within max-size \(.*\): 2 objects \(.*\), of executable$/m);
  expect(report.history[0]?.rawBytes).toBe(report.sweep.keptBytes - (report.budget?.leftOut.bytes ?? 0));

  const next = await jobWithRun(scenario, limit);
  expect(next.report.restore.outcome).toBe('exact');
  expect(scan(next.gocache).filter(({ file }) => file === 'tool')).toHaveLength(1);
  expect(next.report.save).toMatchObject({
    outcome: 'skipped',
    reason: 'the restored set is exact, and nothing was compiled that it lacks',
  });
  expect(next.report.reuse?.compiled.objects).toBe(0);
});

test('what does not fit even so is not saved; a warning has the figures, and the older set stays', async () => {
  const scenario = await Scenario.start();
  const first = await job(scenario, '');
  const stored = first.report.save.bytes ?? 0;
  commit(scenario, 3);
  const tight = await job(scenario, stored * 0.9);
  expect(tight.report.save).toMatchObject({ outcome: 'skipped', bytes: null, key: null });
  expect(tight.report.save.reason).toMatch(/^max-size is [\d.]+ MB, the set takes [\d.]+ MB$/);
  expect(tight.report.budget).toMatchObject({
    ...{ takenBytes: 0, fits: false },
    leftOut: { classes: ['coverage-profile', 'test-result'] },
  });
  expect(tight.post.annotations).toMatchObject([
    { level: 'warning', message: `The set not saved: ${tight.report.save.reason}` },
  ]);
  expect(scenario.setKeys()).toEqual([first.report.save.key]);
  // What cannot fit is known before it is packed.
  const tiny = await job(scenario, 1000);
  expect(tiny.report.restore.outcome).toBe('partial');
  expect(tiny.report.save.reason).toMatch(/^max-size is 1\.0 kB, the set takes about [\d.]+ MB$/);
  expect(scenario.setKeys()).toEqual([first.report.save.key]);
});

test("this action's other entries of the ref count, nobody else's", async () => {
  const scenario = await Scenario.start();
  const { server } = scenario;
  const stored = (await job(scenario, '', { with: { save: 'always' } })).report.save.bytes ?? 0;
  const others = [
    { key: 'gobuild-test-2-modules-linux-go1.25.0-c-0.1', bytes: 600_000 },
    { key: 'setup-go-linux-x64-c', bytes: 5_000_000 },
    { key: 'gobuild-test-2-modules-linux-go1.25.0-c-0.1', bytes: 700_000, ref: 'refs/heads/topic' },
  ];
  for (const other of others) await storeEntry(server, other);
  commit(scenario, 3);
  const limit = Math.floor(stored + 400_000);
  const { report } = await job(scenario, limit);
  expect(report.budget).toMatchObject({ takenBytes: 600_000, fits: false });
  expect(report.save.reason).toMatch(
    /^max-size is [\d.]+ MB and other entries of this action on this ref take 600\.0 kB, the set takes [\d.]+ MB$/,
  );
  // Without the older set going, it counts as well.
  const kept = await job(scenario, stored, { with: { supersede: 'false' } });
  expect(kept.report.budget?.takenBytes).toBe(600_000 + stored);
  expect(kept.report.save.reason).toMatch(/^max-size is [\d.]+ MB and other entries .* take [\d.]+ MB$/);
});

test('where the entries cannot be listed a line says so, and the set alone counts', async () => {
  const scenario = await Scenario.start();
  await job(scenario, '');
  await storeEntry(scenario.server, { key: 'gobuild-test-2-modules-a-b-c-0.1', bytes: 600_000 });
  for (const [value, token] of ['', scenario.server.apiToken('none')].entries()) {
    commit(scenario, 3 + value);
    const { report, post } = await job(scenario, 1e9, { token });
    expect(report).toMatchObject({ save: { outcome: 'saved' }, budget: { takenBytes: null, fits: true } });
    const line =
      /^max-size counts no other entries of this action: (the post step was given no token|.*403.*)$/;
    expect(visible(post).filter((one) => line.test(one))).toHaveLength(1);
  }
});

test('where the token may not delete, what should be gone counts, and a warning says when it is too much', async () => {
  const scenario = await Scenario.start();
  const token = scenario.server.apiToken('read');
  const stored = (await job(scenario, '', { token })).report.save.bytes ?? 0;
  const limit = 1.8 * stored;
  // So much that it has a base of its own.
  addLarge(scenario, 'one', 4_000_000);
  // That this set will not go is not known yet.
  const second = await job(scenario, limit, { token });
  expect(second.report.budget).toMatchObject({ takenBytes: 0, fits: true });
  expect(second.post.annotations.map(({ message }) => message)).toEqual([
    expect.stringMatching(
      /^The entries of this action on this ref take [\d.]+ MB, more than max-size \([\d.]+ MB\): /,
    ),
  ]);
  commit(scenario, 4);
  const third = await job(scenario, limit, { token });
  const taken = second.report.quota.onRef.bytes;
  expect(third.report).toMatchObject({
    save: { outcome: 'skipped' },
    budget: { takenBytes: taken, fits: false },
  });
  expect(scenario.setKeys()).toHaveLength(2);
  // With the permission the older one goes first, and all is well again.
  const fourth = await job(scenario, limit);
  expect(fourth.report).toMatchObject({ save: { outcome: 'saved' }, budget: { takenBytes: 0, fits: true } });
  expect([scenario.setKeys(), scenario.baseKeys()]).toEqual([
    [fourth.report.save.key],
    [second.report.save.base?.key],
  ]);
});

test('the entries are asked for only where something is to be saved', async () => {
  const scenario = await Scenario.start();
  await job(scenario, '');
  const before = scenario.server.requests.length;
  const { report } = await job(scenario, 1e9, { cold: true });
  expect(report.save.outcome).toBe('skipped');
  const since = scenario.server.requests.slice(before).map(({ path }) => path);
  expect(since.filter((path) => path.startsWith('/repos/'))).toEqual([]);
});

test('a note that somebody has forged costs the history alone', async () => {
  const scenario = await Scenario.start();
  const first = await job(scenario, '');
  const forged = { history: [{ time: '::error::x', rawBytes: -1 }, 7], leftOut: ['archive', { a: 1 }] };
  const forge = (pack: string) => {
    const path = join(pack, 'manifest.json');
    const manifest = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify({ ...manifest, note: forged }));
  };
  await scenario.server.corrupt(first.report.save.key ?? '', (bytes) => repack(bytes, forge));
  const { report, compiled } = await job(scenario, '', { cold: true });
  expect(report).toMatchObject({ restore: { outcome: 'exact' }, history: [] });
  expect(compiled).toEqual([]);
});

/** The compiled packages of a GOCACHE: each has one record. */
function packagesIn(gocache: string): number {
  const objects = scan(gocache);
  const classes = classesOf(gocache, objects);
  return objects.filter(({ name, kind }) => kind === 'record' && classes.get(name) === 'archive').length;
}
