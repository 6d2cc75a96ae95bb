import { expect, test } from 'vitest';
import { Scenario, visible, wholeJob } from './scenario.ts';

/** What a workflow can do with the action: use it twice, nest it, cancel it. */

test('two uses with different names in one job: each has its state, its GOCACHE and its set', async () => {
  const scenario = await Scenario.start();
  const twice = async (cold: boolean) => {
    const one = scenario.job({ cold, with: { name: 'one' } });
    const other = one.beside(
      cold ? { name: 'other' } : { name: 'other', gocache: scenario.warmGocache('other') },
    );
    const mains = [await one.main(), await other.main()];
    expect(mains.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    expect(one.gocache).not.toBe(other.gocache);
    // The last one's GOCACHE holds.
    expect(visible(await other.go('env', 'GOCACHE'))).toEqual([other.gocache]);
    const compiled = await one.tests();
    // The runner runs post steps in the reverse order.
    const posts = [await other.post(), await one.post()];
    expect(posts.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    return { compiled, reports: [one.report(), other.report()] };
  };
  const first = await twice(false);
  expect(first.compiled).toEqual([]);
  for (const [at, name] of ['one', 'other'].entries()) {
    const report = first.reports[at];
    expect(report).toMatchObject({ restore: { outcome: 'miss' }, save: { outcome: 'saved', reason: null } });
    expect(report?.save.key).toMatch(new RegExp(`-${name}-[0-9a-f]{32}-[0-9a-f]{16}-1\\.1$`));
  }
  const second = await twice(true);
  expect(second.compiled).toEqual([]);
  const keys = first.reports.map(({ save }) => save.key);
  expect(second.reports.map(({ restore }) => [restore.outcome, restore.matchedKey])).toEqual(
    keys.map((key) => ['exact', key]),
  );
  const exact = 'the restored set is exact, and nothing was compiled that it lacks';
  expect(second.reports.map(({ save }) => save.reason)).toEqual([exact, exact]);
});

test('one name used a second time in a job fails with one line; another name does not', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job({ with: { name: 'unit' } });
  expect((await job.main()).exitCode).toBe(0);
  const again = job.beside({ name: 'Unit' });
  const main = await again.main();
  expect(main.exitCode).toBe(1);
  expect(main.annotations).toMatchObject([
    {
      level: 'error',
      message:
        'input name: "Unit" is used a second time in this job: give each use of this action a name of its own',
    },
  ]);
  // It has taken nothing from the first one, and its own post has nothing to do.
  const post = await again.runner.post({ jobStatus: 'failure' });
  expect([post.exitCode, visible(post)]).toEqual([0, []]);
  expect(await job.tests()).toEqual([]);
  expect((await job.post()).report.save.outcome).toBe('saved');
  expect((await job.beside({ warm: 'never', name: 'other' }).main()).exitCode).toBe(0);
});

test('within nested composites post has no input: two uses keep to what each main remembered', async () => {
  const scenario = await Scenario.start();
  const outer = scenario.job({ with: { name: 'outer' } });
  const inner = outer.beside({ name: 'inner', gocache: scenario.warmGocache('inner'), save: 'never' });
  await outer.main();
  await inner.main();
  expect(await outer.tests()).toEqual([]);
  const posts = [await inner.post({ withInputs: false }), await outer.post({ withInputs: false })];
  expect(posts.map(({ exitCode, annotations }) => [exitCode, annotations])).toEqual([
    [0, []],
    [0, []],
  ]);
  expect(posts[0]?.report.save).toMatchObject({ outcome: 'skipped', reason: 'the input save is never' });
  expect(posts[1]?.report.save).toMatchObject({ outcome: 'saved', reason: null });
  expect(posts[1]?.report.supersede).toMatchObject({
    ...{ outcome: 'skipped', reason: 'the post step was given no token' },
  });
  expect(scenario.setKeys()).toEqual([expect.stringContaining('-outer-')]);
});

test('a post without inputs knows of a failed job where the runner says it', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job();
  await job.main();
  const { report } = await job.post({ withInputs: false, jobStatus: 'failure' });
  expect(report.sweep.droppedObjects).toBe(0);
  expect(report.save.key).toMatch(/-default-unwarmed-[0-9a-f]{16}-1\.1$/);
});

test('a cancelled job: post does not run, nothing is saved, and the next run is right', async () => {
  const scenario = await Scenario.start();
  await wholeJob(scenario);
  const before = scenario.setKeys();
  scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' });
  const job = scenario.job();
  await job.main();
  const { report, ...post } = await job.post({ jobStatus: 'cancelled' });
  expect([post.skipped, post.log]).toEqual([true, '']);
  expect(report).toMatchObject({
    restore: { outcome: 'partial' },
    save: { outcome: 'skipped', reason: 'the post step has not run' },
  });
  expect(scenario.setKeys()).toEqual(before);
  const next = await wholeJob(scenario, { cold: true });
  expect(next.report.restore).toMatchObject({ outcome: 'partial', matchedKey: before[0] });
  expect(next.compiled).toEqual([]);
  expect(next.report.save.outcome).toBe('saved');
});
