import { afterAll, beforeAll, expect, test } from 'vitest';
import { baseKeyOf } from '../../src/store/key.ts';
import { commit, expectHealed, idOf, type Stages, soundJob, stagesOf } from './layered.ts';
import { type JobOptions, Scenario } from './scenario.ts';

/** A pull request that saves: for its own ref alone, so that a base of its own would take a set's room for nobody else. */

let stages: Stages;
beforeAll(async () => {
  stages = await stagesOf(afterAll);
});

const ref = 'refs/pull/7/merge';
const main = 'refs/heads/main';
const pull: JobOptions = {
  ...{ eventName: 'pull_request', ref, baseRef: 'main', headRef: 'topic', with: { save: 'always' } },
};

const keysOn = ({ server }: Scenario, scope: string): string[] =>
  server.entries().flatMap((entry) => (entry.scope === scope ? [entry.key] : []));

test("it saves tops on the default branch's base, of which it deletes nothing", async () => {
  const cache = await stages.first.fork();
  const ofMain = [stages.base, stages.top.first];
  commit(cache, 2);
  const first = await soundJob(cache, { cold: true, ...pull });
  expect(first.report.restore).toMatchObject({ outcome: 'partial', baseKey: stages.base });
  expect(first.report.save).toMatchObject({ outcome: 'saved', base: null });
  expect(baseKeyOf(first.report.save.key ?? '')).toBe(stages.base);
  expect([keysOn(cache, main), keysOn(cache, ref)]).toEqual([ofMain, [first.report.save.key]]);
  await expectHealed(cache, first.report.save.key, pull);

  commit(cache, 3);
  const second = await soundJob(cache, { cold: true, ...pull });
  expect(second.report.restore.matchedKey).toBe(first.report.save.key);
  expect(second.report.save).toMatchObject({ outcome: 'saved', base: null });
  expect(second.report.supersede.deleted.map(({ key }) => key)).toEqual([first.report.save.key]);
  expect([keysOn(cache, main), keysOn(cache, ref)]).toEqual([ofMain, [second.report.save.key]]);

  // Where the default branch's entries are evicted, its own is of no use.
  for (const key of ofMain) await cache.server.evict(idOf(cache, key));
  const gone = await soundJob(cache, pull);
  expect(gone.report.restore).toMatchObject({ outcome: 'miss', matchedKey: null });
  expect(gone.report.save).toMatchObject({ outcome: 'saved', base: null });
  expect(baseKeyOf(gone.report.save.key ?? '')).toBeUndefined();
  expect(keysOn(cache, ref)).toEqual([gone.report.save.key]);
  await expectHealed(cache, gone.report.save.key, pull);
});

test('where there is no base it saves a set without layers, which the default branch does not find', async () => {
  const scenario = await Scenario.start();
  commit(scenario, 2);
  const first = await soundJob(scenario, pull);
  commit(scenario, 3);
  const second = await soundJob(scenario, { cold: true, ...pull });
  for (const { report } of [first, second]) {
    expect(report.save).toMatchObject({ outcome: 'saved', base: null });
    expect(baseKeyOf(report.save.key ?? '')).toBeUndefined();
  }
  expect(second.report.restore).toMatchObject({
    ...{ outcome: 'partial', matchedKey: first.report.save.key, baseKey: null },
  });
  expect(scenario.server.entries().map(({ key }) => key)).toEqual([second.report.save.key]);
  await expectHealed(scenario, second.report.save.key, pull);

  const merged = await soundJob(scenario);
  expect(merged.report.restore.outcome).toBe('miss');
  expect(merged.report.save.base?.reason).toBe('there was none');
  expect(keysOn(scenario, ref)).toEqual([second.report.save.key]);
});
