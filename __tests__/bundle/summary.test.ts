import { expect, test } from 'vitest';
import { summary } from '../../src/report/summary.ts';
import { Scenario, wholeJob } from './scenario.ts';

const changed = { 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 3 - 2 }\n' };

test('post writes what the report says to the page of the job', async () => {
  const scenario = await Scenario.start();
  await wholeJob(scenario);
  scenario.write(changed);
  const { main, post, report } = await wholeJob(scenario, { with: { name: 'unit' }, cold: true });
  expect(main.summary).toBe('');
  expect(post.summary).toBe(summary(report, 'unit'));
  expect(post.summary).toMatch(
    /^### Go build cache: unit\n\nrestored nothing, warmed in [\d.]+ s, 0 packages compiled again, saved [\d.]+ MB\n/,
  );
  expect(report.ingredients.map(({ name }) => name)).toContain('.: build-flags');
});

test('where a set was restored from a cold run, it says whether that was worth its time', async () => {
  const scenario = await Scenario.start();
  await wholeJob(scenario, { cold: true });
  scenario.write(changed);
  const { post } = await wholeJob(scenario, { cold: true });
  expect(post.summary).toMatch(/\nThe cache (is worth it|loses): this run spent [\d.]+ s on restore/);
  expect(post.summary).toContain('xychart-beta');
});

test('on-change says nothing of a run in which nothing was to be done; false never does', async () => {
  const scenario = await Scenario.start();
  const quiet = { with: { summary: 'on-change' }, cold: true };
  expect((await wholeJob(scenario, quiet)).post.summary).not.toBe('');
  expect((await wholeJob(scenario, quiet)).post.summary).toBe('');
  scenario.write(changed);
  expect((await wholeJob(scenario, { with: { summary: 'false' } })).post.summary).toBe('');
});

test('a failed warm has a page, too', async () => {
  const scenario = await Scenario.start();
  scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return x }\n' });
  const job = scenario.job();
  expect((await job.main()).exitCode).toBe(1);
  const post = await job.runner.post({ jobStatus: 'failure' });
  expect(post.summary).toContain('restored nothing, the warm failed, saved nothing');
  expect(post.summary).toMatch(/> Warm failed: .*undefined: x/);
});
