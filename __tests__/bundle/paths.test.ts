import { expect, test } from 'vitest';
import { Scenario, wholeJob } from './scenario.ts';

test('a workspace and a RUNNER_TEMP with a space in their paths: saved, restored, nothing compiled again', async () => {
  const scenario = await Scenario.start({ space: ' ' });
  expect(scenario.workspace).toContain(' ');
  const first = await wholeJob(scenario);
  expect(first.main.annotations).toEqual([]);
  expect(first.report.save.outcome).toBe('saved');
  const second = await wholeJob(scenario, { cold: true });
  expect(second.job.gocache).toContain(' ');
  expect(second.report.restore.outcome).toBe('exact');
  expect(second.compiled).toEqual([]);
  expect([...first.post.annotations, ...second.main.annotations, ...second.post.annotations]).toEqual([]);
});
