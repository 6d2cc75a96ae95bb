import { writeFileSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Scenario, visible, wholeJob } from './scenario.ts';

test('a pull request restores what the default branch saved, and saves nothing', async () => {
  const scenario = await Scenario.start();
  await wholeJob(scenario);
  scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' });
  const request = { eventName: 'pull_request', ref: 'refs/pull/7/merge', baseRef: 'main', headRef: 'topic' };
  const { report, post, compiled } = await wholeJob(scenario, { cold: true, ...request });
  expect(report.restore.outcome).toBe('partial');
  expect(compiled).toEqual([]);
  expect(visible(post)).toContain('The set not saved: a pull request; the cache is filled from main');
  expect(report.save).toMatchObject({
    outcome: 'skipped',
    reason: 'a pull request; the cache is filled from main',
    key: null,
  });
  expect(scenario.setKeys()).toHaveLength(1);
});

test('save: always saves on a branch, where the default branch does not find it; save: never saves nowhere', async () => {
  const scenario = await Scenario.start();
  const branch = await wholeJob(scenario, { ref: 'refs/heads/topic', with: { save: 'always' } });
  expect(branch.report.save.outcome).toBe('saved');
  const main = await wholeJob(scenario, { with: { save: 'never' } });
  expect(main.report.restore.outcome).toBe('miss');
  expect(main.report.save).toMatchObject({ outcome: 'skipped', reason: 'the input save is never' });
  const again = await wholeJob(scenario, { ref: 'refs/heads/topic', cold: true });
  expect(again.report.restore.outcome).toBe('exact');
});

test('after a job that failed nothing is swept, and a warmed set is saved as unwarmed', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job();
  await job.main();
  const { report } = await job.post({ jobStatus: 'failure' });
  expect(report.sweep.droppedObjects).toBe(0);
  expect(report.save).toMatchObject({ outcome: 'saved' });
  expect(report.save.key).toMatch(/-default-unwarmed-[0-9a-f]{16}-1\.1$/);
  const next = await wholeJob(scenario, { cold: true });
  expect(next.report.restore).toMatchObject({ outcome: 'partial', matchedKey: report.save.key });
  expect(next.report.warm.outcome).toBe('warmed');
  expect(next.compiled).toEqual([]);
});

test('a job that failed without a warm saves nothing', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job({ with: { warm: 'never' } });
  await job.main();
  await job.tests();
  const { report } = await job.post({ jobStatus: 'failure' });
  expect(report.save).toMatchObject({
    outcome: 'skipped',
    reason: 'the job failed before its set was known',
  });
});

test('with the gate closed, what the job itself compiled is swept and saved as unwarmed', async () => {
  const scenario = await Scenario.start();
  const { report, main } = await wholeJob(scenario, { with: { parallelism: '1' } });
  expect(visible(main).join('\n')).toMatch(
    /^Pre-warm: 0\.0 s \(skipped: the job runs one go command at a time/m,
  );
  expect(report.save.key).toMatch(/-unwarmed-[0-9a-f]{16}-1\.1$/);
  expect(report.sweep.keptObjects).toBeGreaterThan(0);
  const next = await wholeJob(scenario, { cold: true, with: { parallelism: '1' } });
  expect(next.report.restore.outcome).toBe('partial');
  expect(next.compiled).toEqual([]);
});

test('with the gate closed and no go command of the job, nothing is saved', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job({ with: { warm: 'never' } });
  await job.main();
  const { report } = await job.post();
  expect(report.save).toMatchObject({
    outcome: 'skipped',
    reason: 'no go command of the job used the cache',
  });
});

test('an exact set to which the job added compiled packages is saved again as the union', async () => {
  const scenario = await Scenario.start();
  await wholeJob(scenario);
  const job = scenario.job({ cold: true });
  await job.main();
  await job.tests();
  expect((await job.go('build', '-tags=other', '-gcflags=example.com/...=-N', './...')).compiled).toContain(
    'example.com/small/leaf',
  );
  const { report } = await job.post();
  expect(report.restore.outcome).toBe('exact');
  expect(report.sweep.droppedObjects).toBe(0);
  expect(report.save).toMatchObject({ outcome: 'saved' });
  expect(scenario.setKeys()).toHaveLength(2);

  const next = scenario.job({ cold: true });
  await next.main();
  expect(next.report().restore).toMatchObject({ outcome: 'exact', matchedKey: report.save.key });
  expect((await next.go('build', '-tags=other', '-gcflags=example.com/...=-N', './...')).compiled).toEqual(
    [],
  );
  expect(await next.tests()).toEqual([]);
});

test('an exact set to which the job added test results alone is not saved again', async () => {
  const scenario = await Scenario.start();
  await wholeJob(scenario);
  const job = scenario.job({ cold: true });
  await job.main();
  // All of them: with another list, what has no tests would be compiled otherwise (design.md, fact 1).
  const packages = ['cmd/tool', 'core', 'leaf', 'plainlib'].map((name) => `example.com/small/${name}`);
  await job.go('test', '-cover', '-v', `-coverprofile=${devNull}`, ...packages);
  const { report } = await job.post();
  expect(report.save).toMatchObject({
    outcome: 'skipped',
    reason: 'the restored set is exact, and nothing was compiled that it lacks',
  });
});

test('what the job has cleaned away is not saved as a set', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job();
  await job.main();
  await job.go('clean', '-cache');
  const { report } = await job.post();
  expect(report.save.outcome).toBe('skipped');
  expect(report.save.reason).toMatch(/^\d+ objects that the warm used are gone from GOCACHE/);
  expect(scenario.setKeys()).toEqual([]);
});

test('of two jobs with one content that run at once, the second finds before packing that it is stored', async () => {
  const scenario = await Scenario.start();
  const [one, other] = [scenario.job(), scenario.job()];
  for (const job of [one, other]) {
    await job.main();
    await job.tests();
  }
  expect((await one.post()).report.save.outcome).toBe('saved');
  const before = scenario.server.requests.filter((request) => request.method === 'PUT').length;
  const { report } = await other.post();
  expect(report.save).toMatchObject({
    outcome: 'skipped',
    reason: 'another job has just stored the same content',
  });
  expect(scenario.server.requests.filter((request) => request.method === 'PUT')).toHaveLength(before);
});

test('names keep sets apart, also where one begins like another', async () => {
  const scenario = await Scenario.start();
  const long = await wholeJob(scenario, { with: { name: 'a-b' } });
  expect(long.report.save.outcome).toBe('saved');
  const short = await wholeJob(scenario, { with: { name: 'a' } });
  expect(short.report.restore.outcome).toBe('miss');
  expect((await wholeJob(scenario, { with: { name: 'a-b' } })).report.restore.outcome).toBe('exact');
});

test('what a killed go command has left half written is not saved: the next run restores an exact set', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job();
  await job.main();
  await job.tests();
  const name = (sign: string, end: string) => join(job.gocache, sign.repeat(2), `${sign.repeat(64)}-${end}`);
  const broken = { [name('0', 'd')]: 'half of an arch', [name('1', 'd')]: '', [name('2', 'a')]: 'v1 22' };
  for (const [path, text] of Object.entries(broken)) writeFileSync(path, text);
  const post = await job.post();
  expect(post.report.save.outcome).toBe('saved');
  expect(visible(post).join('\n')).toMatch(
    /^Not saved, since they are not what their names say \(a go command that was killed\?\): .* and 2 more$/m,
  );
  const next = await wholeJob(scenario, { cold: true });
  expect(next.report.restore.outcome).toBe('exact');
  expect(next.compiled).toEqual([]);
});
