import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Scenario, wholeJob } from './scenario.ts';
import { smallModule } from './small-module.ts';

/** The download of the newest set begins before the content is known: what then, if that was the wrong one? */

const two = { 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' };
const one = { 'leaf/leaf.go': smallModule()['leaf/leaf.go'] ?? '' };

/** Two commits, each with a set; the workspace is back at the first. */
async function backAtFirst() {
  const scenario = await Scenario.start();
  const first = await wholeJob(scenario);
  scenario.write(two);
  await wholeJob(scenario);
  scenario.write(one);
  return { scenario, first: first.report.save.key };
}

test('an older set with the same content is restored in place of the newest', async () => {
  const { scenario, first } = await backAtFirst();
  expect(scenario.setKeys()).toHaveLength(2);
  const again = await wholeJob(scenario, { cold: true });
  expect(again.report.restore).toMatchObject({ outcome: 'exact', matchedKey: first });
  expect(again.report.reuse?.compiled.objects).toBe(0);
  expect(again.compiled).toEqual([]);
});

test('where the service does not say whether there is one, the newest does', async () => {
  const { scenario } = await backAtFirst();
  const newest = scenario.setKeys()[1];
  const job = scenario.job();
  // The first look for the newest set, and get its layers; those after them are for the exact one.
  let requests = 0;
  scenario.server.fault({
    match: ({ path }) => {
      if (!path.includes('GetCacheEntryDownloadURL')) return false;
      requests += 1;
      return requests > 3;
    },
    times: Infinity,
    action: { kind: 'status', status: 404 },
  });
  await job.main();
  const { restore } = job.report();
  expect(restore).toMatchObject({ outcome: 'partial', matchedKey: newest });
  expect(await job.tests()).toEqual([]);
});

test('a mistake that is found meanwhile ends the step at once', async () => {
  const scenario = await Scenario.start();
  scenario.server.fault({
    match: { path: /^\/twirp/ },
    times: Infinity,
    action: { kind: 'delay', ms: 100_000 },
  });
  const late = { exitCode: 'it waited', annotations: [] };
  const main = await Promise.race([
    scenario.job({ with: { 'cover-packages': './core/core.go' } }).main(),
    sleep(60_000, late, { ref: false }),
  ]);
  expect(main).toMatchObject({
    exitCode: 1,
    annotations: [{ message: expect.stringContaining('core/core.go is a file: name its package') }],
  });
});

test("a branch's own newest set does not hide an exact one of the default branch", async () => {
  const scenario = await Scenario.start();
  const branch = { ref: 'refs/heads/topic', with: { save: 'always' } };
  const first = await wholeJob(scenario);
  scenario.write(two);
  await wholeJob(scenario, branch);
  scenario.write(one);
  const job = scenario.job(branch);
  await job.main();
  expect(job.report().restore).toMatchObject({ outcome: 'exact', matchedKey: first.report.save.key });
});

test('an exact set that is gone when it is downloaded leaves the newest', async () => {
  const { scenario } = await backAtFirst();
  const job = scenario.job({ cold: true, with: { warm: 'never' } });
  let requests = 0;
  scenario.server.fault({
    match: ({ method, path }) => {
      if (path.includes('GetCacheEntryDownloadURL')) requests += 1;
      // Three are for the newest and its layers, then two for the exact one: its base is here already.
      return requests > 3 && method === 'GET';
    },
    times: Infinity,
    action: { kind: 'status', status: 404 },
  });
  await job.main();
  expect(requests).toBe(5);
  const { restore } = job.report();
  expect(restore).toMatchObject({ outcome: 'partial', matchedKey: scenario.setKeys()[1] });
  expect(restore.objects).toBeGreaterThan(300);
});

test.each([
  ['is restored before a newer one that is broken', 1, 'exact', 'skipped'],
  ['is stored again where it is broken', 0, 'partial', 'saved'],
] as const)('an exact set that is not the newest %s', async (_, broken, outcome, save) => {
  const scenario = await Scenario.start();
  await wholeJob(scenario);
  scenario.write(two);
  const failing = scenario.job();
  await failing.main();
  await failing.post({ jobStatus: 'failure' });
  const keys = scenario.setKeys();
  expect(keys).toEqual([expect.any(String), expect.stringMatching(/-unwarmed-[0-9a-f]{16}-2\.1$/)]);
  await scenario.server.corrupt(keys[broken] ?? '', (bytes) => bytes.subarray(0, bytes.length / 2));
  scenario.write(one);
  const { report } = await wholeJob(scenario, { cold: true });
  expect(report.restore).toMatchObject({ outcome, matchedKey: keys[1 - broken] });
  expect(report.save.outcome).toBe(save);
  const next = await wholeJob(scenario, { cold: true });
  expect(next.report.restore.outcome).toBe('exact');
});
