import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { FaultRequest } from '../../local/server/faults.ts';
import { Scenario, visible, wholeJob } from './scenario.ts';

/** Steps that are killed, by `kill -9` or by the restore-timeout, and what they leave: processes, objects, entries. */

const changed = { 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' };

async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds() && tries < 2400; tries += 1) await sleep(25);
  expect(holds()).toBe(true);
}

/** The programs of processes that run in a directory, or were told of it. */
function processesIn(directory: string): string[] {
  const told = (read: () => string): string => {
    try {
      return read();
    } catch {
      return ''; // It has just ended.
    }
  };
  return readdirSync('/proc').flatMap((id) => {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) return [];
    const args = told(() => readFileSync(`/proc/${id}/cmdline`, 'utf8')).split('\0');
    const seen = told(() => readlinkSync(`/proc/${id}/cwd`)) + args.join(' ');
    return seen.includes(directory) ? [args.join(' ')] : [];
  });
}

async function savedOnce(): Promise<Scenario> {
  const scenario = await Scenario.start();
  expect((await wholeJob(scenario)).report.save.outcome).toBe('saved');
  return scenario;
}

/** A PATH on which what tar calls to decompress never ends. */
function hangingTar({ home }: Scenario): { PATH: string } {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  for (const name of ['unzstd', 'gzip']) {
    writeFileSync(join(bin, name), '#!/bin/sh\nsleep 600\n');
    chmodSync(join(bin, name), 0o777);
  }
  return { PATH: `${bin}${delimiter}${process.env['PATH']}` };
}

// Not of the list of entries, for which post would wait a minute.
const download = ({ method, path }: FaultRequest) => method === 'GET' && !path.startsWith('/repos/');

const runsTar = ({ home }: Scenario) => processesIn(home).some((args) => /\btar /.test(args));

const hasProc = existsSync('/proc/self/cwd');

describe.skipIf(!hasProc)(
  'the restore-timeout (skipped where there is no /proc to look for processes)',
  () => {
    test('ends a download that stalls', async () => {
      const scenario = await savedOnce();
      scenario.write(changed);
      scenario.server.fault({
        match: download,
        times: Infinity,
        action: { kind: 'stall', afterBytes: 9 },
      });
      const job = scenario.job({ with: { 'restore-timeout': '2' } });
      const running = job.main();
      await until(() => processesIn(scenario.home).some((args) => args.includes('cache.js')));
      const main = await running;
      expect(main.exitCode).toBe(0);
      expect(job.report().restore.outcome).toBe('failed');
      expect(main.annotations).toMatchObject([
        {
          level: 'warning',
          message: expect.stringMatching(/ without: it took over 2 s, the restore-timeout \(/),
        },
      ]);
      expect(processesIn(scenario.home)).toEqual([]);
      expect(await job.tests()).toEqual([]);
      expect((await job.post()).report.save.outcome).toBe('saved');
    });

    test('ends a tar whose decompressor hangs', async () => {
      const scenario = await savedOnce();
      scenario.write(changed);
      const env = hangingTar(scenario);
      const job = scenario.job({ env, with: { 'restore-timeout': '4' } });
      const running = job.main();
      await until(() => runsTar(scenario));
      const main = await running;
      expect(main.exitCode).toBe(0);
      expect(main.annotations).toMatchObject([
        {
          level: 'warning',
          message: expect.stringMatching(/ without: it took over 4 s, the restore-timeout \(/),
        },
      ]);
      expect(processesIn(scenario.home)).toEqual([]);
      expect(await job.tests()).toEqual([]);
      expect((await job.post()).report).toMatchObject({
        restore: { outcome: 'failed', objects: 0 },
        save: { outcome: 'saved' },
      });
    });
  },
);

describe('kill -9 of main', () => {
  test('in its download: post does nothing, and the next run restores as if it had not been', async () => {
    const scenario = await savedOnce();
    const before = scenario.setKeys();
    const stall = { kind: 'stall', afterBytes: 200_000 } as const;
    const takeBack = scenario.server.fault({ match: download, times: Infinity, action: stall });
    const killed = new AbortController();
    const job = scenario.job();
    const main = job.main({ signal: killed.signal });
    await until(() => scenario.server.requests.some(({ method }) => method === 'GET'));
    killed.abort();
    expect((await main).exitCode).toBe(null);
    takeBack();
    const post = await job.runner.post({ jobStatus: 'failure' });
    expect([post.exitCode, visible(post)]).toEqual([0, []]);
    expect(scenario.setKeys()).toEqual(before);
    if (hasProc) await until(() => processesIn(scenario.home).length === 0);
    const next = await wholeJob(scenario, { cold: true });
    expect(next.report.restore).toMatchObject({ outcome: 'exact', matchedKey: before[0] });
    expect(next.compiled).toEqual([]);
  });

  test.skipIf(!hasProc)(
    'while a tar hangs: tar and its decompressor end, too (skipped without /proc)',
    async () => {
      const scenario = await savedOnce();
      const killed = new AbortController();
      const main = scenario.job({ env: hangingTar(scenario) }).main({ signal: killed.signal });
      await until(() => runsTar(scenario));
      killed.abort();
      expect((await main).exitCode).toBe(null);
      await until(() => processesIn(scenario.home).length === 0);
      const next = await wholeJob(scenario, { cold: true });
      expect(next.report.restore.outcome).toBe('exact');
      expect(next.compiled).toEqual([]);
    },
  );

  test('while it unpacks: what is there by halves is compiled or restored again', async () => {
    const scenario = await savedOnce();
    const gocache = join(scenario.home, 'gocache-that-stays');
    const killed = new AbortController();
    const job = scenario.job({ with: { gocache } });
    const main = job.main({ signal: killed.signal });
    const directories = () => (existsSync(gocache) ? readdirSync(gocache).length : 0);
    // Go makes them all at once, so the first of ours that holds an object tells.
    await until(() => directories() > 0 && filesIn(gocache) > 0);
    killed.abort();
    expect((await main).exitCode).toBe(null);
    expect((await job.runner.post({ jobStatus: 'failure' })).exitCode).toBe(0);
    const left = filesIn(gocache);
    // The worst that a kill can leave: an object without its end.
    const objects = objectsIn(gocache);
    expect(left).toBeGreaterThan(0);
    for (const path of objects.slice(0, 5)) writeFileSync(path, readFileSync(path).subarray(0, 7));
    const next = await wholeJob(scenario, { with: { gocache } });
    expect(next.report.restore.outcome).toBe('exact');
    expect([next.main.exitCode, next.post.exitCode]).toEqual([0, 0]);
    const third = await wholeJob(scenario, { cold: true });
    expect(third.report.restore.outcome).toBe('exact');
    expect(third.compiled).toEqual([]);
  });
});

function objectsIn(gocache: string): string[] {
  return readdirSync(gocache, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^..\/[0-9a-f]{64}-[ad]$/.test(name))
    .map((name) => join(gocache, name));
}

function filesIn(gocache: string): number {
  return objectsIn(gocache).length;
}

describe('kill -9 of post', () => {
  const packed = (scenario: Scenario) =>
    readdirSync(scenario.home, { recursive: true, encoding: 'utf8' }).some((name) =>
      /part-\d+\.tar\.zst$/.test(name),
    );
  const asked = (pattern: RegExp) => (scenario: Scenario, met: number) =>
    scenario.server.requests.slice(met).some(({ method, path }) => pattern.test(`${method} ${path}`));
  test.each([
    { when: 'while it packs', stalls: { path: /Create/ }, reached: packed },
    { when: 'when it has packed', stalls: { path: /Create/ }, reached: asked(/CreateCacheEntry/) },
    { when: 'in its upload', stalls: { method: 'PUT' }, reached: asked(/^PUT/) },
  ])('$when: nothing is stored, and the next run is right', async ({ stalls, reached }) => {
    const scenario = await savedOnce();
    scenario.write(changed);
    const job = scenario.job();
    await job.main();
    await job.tests();
    const met = scenario.server.requests.length;
    const action = { kind: 'stall', afterBytes: 100 } as const;
    const takeBack = scenario.server.fault({ match: stalls, times: Infinity, action });
    const killed = new AbortController();
    const post = job.runner.post({ signal: killed.signal });
    await until(() => reached(scenario, met));
    killed.abort();
    expect((await post).exitCode).toBe(null);
    takeBack();
    if (hasProc) await until(() => processesIn(scenario.home).length === 0);
    expect(scenario.setKeys()).toHaveLength(1);
    // Main's own report, which does not say that anything was saved.
    expect(job.report().save).toMatchObject({ outcome: 'skipped', reason: 'the post step has not run' });
    const next = await wholeJob(scenario, { cold: true });
    expect(next.report.restore.outcome).toBe('partial');
    expect(next.compiled).toEqual([]);
    expect(next.report.save.outcome).toBe('saved');
  });
});
