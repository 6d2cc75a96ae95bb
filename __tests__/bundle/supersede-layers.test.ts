import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { baseKeyOf } from '../../src/store/key.ts';
import { addLarge, commit, expectHealed, idOf, type Stages, soundJob, stagesOf } from './layered.ts';
import type { Job, JobOptions, Scenario } from './scenario.ts';

/** Jobs that save at once, with layers. All orders of their steps are played in __tests__/store/layers-property.test.ts. */

let stages: Stages;
beforeAll(async () => {
  stages = await stagesOf(afterAll);
});

/** Main and tests of a commit, in a GOCACHE that holds what was restored alone. */
async function begin(cache: Scenario, change: () => void, options: JobOptions = {}): Promise<Job> {
  // Of an earlier case.
  cache.write({ 'large/large.go': 'package large\n', 'large/data.txt': '' });
  change();
  const job = cache.job({ cold: true, token: cache.server.apiToken('write'), ...options });
  expect((await job.main()).exitCode).toBe(0);
  expect(await job.tests()).toEqual([]);
  return job;
}

/** The post steps, of which each begins when the one before has saved, and none lists before all have saved. */
async function endAtOnce({ server }: Scenario, jobs: readonly Job[]) {
  const path = /\/actions\/caches$/;
  const lists = () => server.requests.filter((request) => path.test(request.path)).length;
  const before = lists();
  server.fault({
    ...{ match: (request) => path.test(request.path), times: jobs.length, action: { kind: 'gather' } },
  });
  const posts: ReturnType<Job['post']>[] = [];
  for (const job of jobs) {
    posts.push(job.post());
    while (lists() - before < posts.length) await sleep(20);
  }
  return (await Promise.all(posts)).map(({ exitCode, report }) => {
    expect(exitCode).toBe(0);
    expect([report.save.outcome, report.supersede.outcome]).toEqual(['saved', 'done']);
    return report.save;
  });
}

const small = (cache: Scenario, value: number) => () => commit(cache, value);
/** So much that a base is new. */
const large = (cache: Scenario) => () => addLarge(cache, 'one', 4_000_000);

test('two tops on one base: the later one stays, and the base', async () => {
  const cache = await stages.first.fork();
  const jobs = [await begin(cache, small(cache, 3)), await begin(cache, small(cache, 4))];
  const saved = await endAtOnce(cache, jobs);
  expect(saved.map(({ base }) => base)).toEqual([null, null]);
  expect([cache.setKeys(), cache.baseKeys()]).toEqual([[saved[1]?.key], [stages.base]]);
  await expectHealed(cache, saved[1]?.key ?? null);
});

test.each([
  ['first', 0],
  ['last', 1],
] as const)(
  'a new base that is saved %s, and a top on the old one: the new base stays, with its top',
  async (_, at) => {
    const cache = await stages.first.fork();
    const withTop = await begin(cache, small(cache, 3));
    const withBase = await begin(cache, large(cache));
    const saved = await endAtOnce(cache, at === 0 ? [withBase, withTop] : [withTop, withBase]);
    const [made, other] = [saved[at], saved[1 - at]];
    expect(made?.base?.reason).toMatch(/^the top would take \d+ % of the last one$/);
    expect(baseKeyOf(other?.key ?? '')).toBe(stages.base);
    expect([cache.setKeys(), cache.baseKeys()]).toEqual([[made?.key], [made?.base?.key]]);
    await expectHealed(cache, made?.key ?? null);
  },
);

test('two new bases: the later one stays, with its top', async () => {
  const cache = await stages.first.fork();
  const one = await begin(cache, large(cache));
  const other = await begin(cache, () => addLarge(cache, 'other', 4_000_000));
  const saved = await endAtOnce(cache, [one, other]);
  const [, last] = saved;
  expect([cache.setKeys(), cache.baseKeys()]).toEqual([[last?.key], [last?.base?.key]]);
  await expectHealed(cache, last?.key ?? null);
});

test("a pull request's top on the old base keeps it; when that is gone the base goes, too", async () => {
  const cache = await stages.first.fork();
  const pull = { eventName: 'pull_request', ref: 'refs/pull/7/merge', baseRef: 'main', headRef: 'topic' };
  const ofPull: JobOptions = { ...pull, with: { save: 'always' } };
  const [theirs, ours] = [await begin(cache, small(cache, 3), ofPull), await begin(cache, large(cache))];
  const saved = await endAtOnce(cache, [theirs, ours]);
  const [top, made] = saved;
  expect(made?.base?.key).toBeDefined();
  expect(cache.baseKeys()).toEqual([stages.base, made?.base?.key]);
  expect(cache.setKeys()).toEqual([top?.key, made?.key]);

  await begin(cache, small(cache, 3), ofPull).then((again) => {
    expect(again.report().restore).toMatchObject({ outcome: 'exact', baseKey: stages.base });
  });
  await cache.server.evict(idOf(cache, top?.key ?? ''));
  const later = await cache.fork({ later: 2 * 60 * 60 * 1000 });
  commit(later, 5);
  const last = await soundJob(later, { cold: true });
  expect(last.report.restore.outcome).toBe('partial');
  expect(later.setKeys()).toEqual([last.report.save.key]);
  expect(later.baseKeys()).toEqual([baseKeyOf(last.report.save.key ?? '')]);
});
