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
  const shape = scenario.setKeys()[1]?.replace(/[^-]+-[^-]+$/, '') ?? '';
  const job = scenario.job();
  // The first request is for the newest set; those after it are for the exact one.
  let requests = 0;
  scenario.server.fault({
    match: ({ path }) => {
      if (!path.includes('GetCacheEntryDownloadURL')) return false;
      requests += 1;
      return requests > 1;
    },
    times: Infinity,
    action: { kind: 'status', status: 404 },
  });
  await job.main();
  const { restore } = job.report();
  expect(restore.outcome).toBe('partial');
  expect(restore.matchedKey?.startsWith(shape)).toBe(true);
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
