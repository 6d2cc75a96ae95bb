import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ReuseReport } from '../../src/report/report.ts';
import { type Job, type JobOptions, Scenario, visible, wholeJob } from './scenario.ts';
import { smallModule } from './small-module.ts';

const measured = ['cmd/tool', 'core', 'leaf', 'plainlib'].map((name) => `example.com/small/${name}`);

/** Main with these inputs, what the job does, and post. */
async function run(scenario: Scenario, options: JobOptions, steps: (job: Job) => Promise<unknown>) {
  const job = scenario.job(options);
  const main = await job.main();
  expect(main.exitCode, main.log).toBe(0);
  const compiled = await steps(job);
  const { report, ...post } = await job.post();
  const reuse = report.reuse;
  if (reuse === null) throw new Error(`no reuse is told:\n${post.log}`);
  return { job, main, compiled, post, report, reuse };
}

const objects = (reuse: ReuseReport, ...names: readonly (keyof ReuseReport)[]): number[] =>
  names.map((name) => {
    const value = reuse[name];
    return typeof value === 'object' && 'objects' in value ? value.objects : Number.NaN;
  });

test('what is restored, warmed and made is told apart, over three commits', async () => {
  const scenario = await Scenario.start();
  const cold = await wholeJob(scenario, { cold: true });
  const first = cold.report.reuse;
  expect(first).toMatchObject({
    restoredUsed: { objects: 0 },
    compiled: { objects: 0 },
    wasted: { objects: 0 },
  });
  expect(first?.warmedUsed.objects).toBeGreaterThan(300);
  // covdata, which coverage needs, is the warm's, and linked for real; the job linked none itself.
  expect(cold.report.set?.executables).toMatchObject([
    { name: 'covdata', package: 'cmd/covdata', tool: true },
  ]);
  expect(cold.report.set?.executables[0]?.bytes).toBeGreaterThan(1e6);
  expect(first?.made.bytes).toBeLessThan(1e6);
  expect(cold.report.set?.before.objects).toBe(
    (first?.warmedUsed.objects ?? 0) + (first?.warmedUnused.objects ?? 0) + (first?.made.objects ?? 0),
  );

  // The same again: nothing but the restored set, all of it used.
  const exact = await wholeJob(scenario, { cold: true });
  expect(exact.report.restore.outcome).toBe('exact');
  expect(exact.report.reuse).toMatchObject({ compiled: { objects: 0 }, wasted: { objects: 0 }, reasons: [] });
  expect(exact.report.reuse?.restoredUsed.objects).toBeGreaterThan(300);

  // One package changed: its old objects are swept, the new ones are the warm's.
  scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' });
  const partial = await wholeJob(scenario, { cold: true });
  const { reuse, sweep } = partial.report;
  expect(partial.compiled).toEqual([]);
  expect(reuse).toMatchObject({ compiled: { objects: 0 }, wasted: { objects: 0 } });
  expect(reuse?.restoredUnused.objects).toBeGreaterThan(3);
  expect(reuse?.warmedUsed.objects).toBeGreaterThan(3);
  expect(sweep.droppedObjects).toBeGreaterThanOrEqual(reuse?.restoredUnused.objects ?? 0);
  expect(visible(partial.post).join('\n')).toMatch(/restored, used by nobody +\d+ /);
});

describe('what the job compiles after the warm', () => {
  const racy = { 'build-flags': '-covermode=atomic' };
  const each = async (job: Job) => {
    const found: string[] = [];
    for (const name of ['core', 'leaf'].map((one) => `example.com/small/${one}`)) {
      found.push(...(await job.go('test', `-coverpkg=${name}`, name)).compiled);
    }
    return found;
  };

  test.each<readonly [string, JobOptions['with'], (job: Job) => Promise<readonly string[]>, RegExp]>([
    [
      '-covermode',
      {},
      async (job) => (await job.go('test', ...['-cover', '-covermode=atomic'], ...measured)).compiled,
      /-covermode=atomic/,
    ],
    [
      'another -covermode',
      racy,
      async (job) => (await job.go('test', '-cover', ...measured)).compiled,
      /-covermode=set/,
    ],
    ['-coverpkg, package by package', {}, each, /cover-shape: each/],
    [
      'a shorter list',
      {},
      async (job) => (await job.go('test', '-cover', './core')).compiled,
      /another list .*cover-packages/,
    ],
    [
      '-trimpath',
      {},
      async (job) => (await job.go('test', '-cover', '-trimpath', './leaf')).compiled,
      /-trimpath/,
    ],
    [
      'go build',
      {},
      async (job) => (await job.go('build', '-gcflags=-N', './cmd/tool')).compiled,
      /-gcflags|test-commands/,
    ],
  ])('%s: as many as the action graph says, with a reason', async (_, given, steps, reason) => {
    const scenario = await Scenario.start();
    const { compiled, reuse, post } = await run(scenario, { with: given ?? {} }, steps);
    expect(compiled).toEqual(expect.arrayContaining([expect.stringMatching(/^example\.com\/small/)]));
    expect(reuse.compiled.objects).toBe(Array.isArray(compiled) ? compiled.length : Number.NaN);
    expect(reuse.reasons.join(' ')).toMatch(reason);
    expect(reuse.wasted.objects).toBeGreaterThan(0);
    const said = post.annotations.filter(({ level }) => level === 'notice').map(({ message }) => message);
    expect(said).toEqual([
      expect.stringMatching(
        /^The job compiled \d+ packages? after the warm \(.*\): \S*(example\.com|cmd\/tool)/,
      ),
    ]);
    expect(said[0]).toMatch(reason);
    expect(post.log).toContain('The job did not use ');
  });

  test('the counts are of disjoint parts', async () => {
    const scenario = await Scenario.start();
    const { reuse, report } = await run(scenario, {}, (job) => job.go('test', '-covermode=atomic', './...'));
    const parts = objects(
      reuse,
      ...([
        'restoredUsed',
        'restoredWarmed',
        'restoredUnused',
        'warmedUsed',
        'warmedUnused',
        'made',
      ] as const),
    );
    expect(parts.reduce((sum, one) => sum + one, 0)).toBe(report.set?.before.objects);
  });
});

describe('on-miss', () => {
  const atomic = (job: Job) => job.go('test', '-covermode=atomic', './...');
  const missed = /^The job compiled \d+ packages? after the warm .*-covermode=atomic/;

  test('warn', async () => {
    const { post } = await run(await Scenario.start(), { with: { 'on-miss': 'warn' } }, atomic);
    expect(post.exitCode).toBe(0);
    expect(post.annotations).toMatchObject([{ level: 'warning', message: expect.stringMatching(missed) }]);
  });

  test('fail: the post step fails, and the set is saved all the same', async () => {
    const { post, report } = await run(await Scenario.start(), { with: { 'on-miss': 'fail' } }, atomic);
    expect(post.exitCode).toBe(1);
    expect(post.annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(missed) }]);
    expect(post.annotations[0]?.message).toContain('example.com/small/core');
    expect(report.save.outcome).toBe('saved');
  });

  test('fail, with nothing missed', async () => {
    const { post } = await run(await Scenario.start(), { with: { 'on-miss': 'fail' } }, (job) => job.tests());
    expect([post.exitCode, post.annotations]).toEqual([0, []]);
  });

  test('a job without a warm has missed nothing', async () => {
    const given = { warm: 'never', 'on-miss': 'fail' };
    const { post, reuse } = await run(await Scenario.start(), { with: given }, atomic);
    expect(reuse.compiled.objects).toBeGreaterThan(0);
    expect([post.exitCode, post.annotations]).toEqual([0, []]);
  });

  test('a job that ran no go command is not told of waste', async () => {
    const { post, reuse } = await run(await Scenario.start(), {}, async () => undefined);
    expect(reuse.wasted.objects).toBeGreaterThan(0);
    expect(post.log).not.toContain('The job did not use');
  });
});

test('trace: each compiled package and each link with its seconds, beside a -toolexec of the job', async () => {
  const scenario = await Scenario.start();
  const { compiled, reuse, post } = await run(scenario, { with: { trace: 'true' } }, async (job) => {
    const goFlags = await job.go('env', 'GOFLAGS');
    expect(goFlags.stdout).toContain('-toolexec=');
    const cover = await job.go('test', '-covermode=atomic', ...measured);
    expect(cover.exitCode, cover.log).toBe(0);
    return cover.compiled;
  });
  expect(reuse.traced).toBe(true);
  const names = reuse.missed.map((one) => one.package);
  expect(names.map((name) => name.replace(/ \[.*$/, '')).sort()).toEqual(compiled);
  expect(reuse.links.map((one) => one.package).sort()).toEqual([
    'example.com/small/core.test',
    'example.com/small/leaf.test',
  ]);
  expect(reuse.links.every(({ seconds = 0 }) => seconds > 0)).toBe(true);
  expect(post.log).toMatch(/CPU seconds/);
  // A traced run leaves action IDs alone.
  const untraced = await run(scenario, { with: { 'build-flags': '-covermode=atomic' } }, (job) =>
    job.go('test', '-covermode=atomic', ...measured),
  );
  expect(untraced.reuse.compiled.objects).toBe(0);
});

describe('the audit', () => {
  test('classes and executables, before the sweep and after it', async () => {
    const scenario = await Scenario.start({
      files: smallModule({
        'cmd/tool/go.mod': 'module example.com/other\n\ngo 1.24\n',
        'cmd/tool/main.go': 'package main\n\nfunc main() {}\n',
      }),
    });
    const { report, post } = await run(scenario, {}, async (job) => {
      await job.go('test', '-cover', ...measured.slice(1));
      expect((await job.go('run', '-C', 'cmd/tool', '.')).exitCode).toBe(0);
    });
    const { set } = report;
    const sum = Object.values(set?.classes ?? {}).reduce((total, one) => total + one.bytes, 0);
    expect(sum).toBe(set?.bytes);
    expect([set?.objects, set?.bytes]).toEqual([report.sweep.keptObjects, report.sweep.keptBytes]);
    expect(Object.keys(set?.classes ?? {})).toEqual(
      expect.arrayContaining(['archive', 'tool', 'executable', 'vet']),
    );
    expect(set?.executables).toEqual(
      expect.arrayContaining([
        { name: 'covdata', bytes: expect.any(Number), package: 'cmd/covdata', tool: true },
        { name: expect.any(String), bytes: expect.any(Number), package: 'example.com/other', tool: false },
      ]),
    );
    expect(set?.before.executables.objects).toBe(set?.executables.length);
    const log = visible(post).join('\n');
    expect(log).toMatch(/total size +\S+ MB in \d+ +\S+ MB in \d+/);
    expect(log).toMatch(/cached executables +2 +2/);
    expect(log).toMatch(/tool covdata, \S+ MB, of cmd\/covdata/);
  });

  test('the job may remove what the reasons are made from', async () => {
    const { post, reuse, report } = await run(await Scenario.start(), {}, async (job) => {
      await job.go('test', '-covermode=atomic', './core');
      rmSync(join(job.gocache, '..', 'temp-1', 'gobuild-test', 'default', 'warmed.json'));
    });
    expect([post.exitCode, reuse.reasons, report.save.outcome]).toEqual([0, [], 'saved']);
  });
});
