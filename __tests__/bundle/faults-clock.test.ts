import { existsSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { scan } from '../../src/gocache/scan.ts';
import { Scenario, wholeJob } from './scenario.ts';

/**
 * A clock that is wrong. Go's binaries are static, so no library can lie to them about the time. But all that Go asks of
 * its clock is how old an object is, and when it trimmed last (markUsed and Trim in cmd/go/internal/cache/cache.go). So
 * to a go command a clock that is ahead by some time is the same as objects that are older by it. What it marks gets the
 * real time, and the wrong one when all is moved back. The action itself reads the clock once, for its mark.
 */
function move(gocache: string, seconds: number): void {
  for (const { name, mtimeMs } of scan(gocache)) {
    const time = mtimeMs / 1000 + seconds;
    utimesSync(join(gocache, name), time, time);
  }
  const trimmed = join(gocache, 'trim.txt');
  if (existsSync(trimmed)) writeFileSync(trimmed, String(Number(readFileSync(trimmed, 'utf8')) + seconds));
}

const hour = 3600;
const day = 24 * hour;
// Without a warm, whose own marks would keep what the job's do not.
const options = { cold: true, with: { warm: 'never' } } as const;

async function savedOnce(): Promise<Scenario> {
  const scenario = await Scenario.start();
  const { report } = await wholeJob(scenario);
  expect(report.save.outcome).toBe('saved');
  scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' });
  return scenario;
}

test.each([
  ['an hour behind', -hour],
  ['a day ahead', day],
  // The margin that the mark leaves on both sides (backdate.ts).
  ['two days behind', -2 * day],
  ['two days ahead', 2 * day],
])(
  "the job's clock is %s of main's and post's: what was used is kept, what was not is swept",
  async (_, ahead) => {
    const scenario = await savedOnce();
    const job = scenario.job(options);
    const main = await job.main();
    expect(job.report().restore.outcome).toBe('partial');
    const restored = scan(job.gocache).length;
    move(job.gocache, -ahead);
    expect(await job.tests()).toContain('example.com/small/leaf');
    move(job.gocache, ahead);
    const { report, ...post } = await job.post();
    expect([main.exitCode, main.annotations, post.exitCode]).toEqual([0, [], 0]);
    expect(report.sweep.droppedObjects).toBeGreaterThan(0);
    expect(report.sweep.droppedObjects).toBeLessThan(restored / 2);
    expect(report.save).toMatchObject({ outcome: 'saved', reason: null });

    const next = await wholeJob(scenario, options);
    expect(next.report.restore).toMatchObject({ outcome: 'partial', matchedKey: report.save.key });
    expect(next.compiled).toEqual([]);
  },
);

test('a GOCACHE from a day when the clock was a day ahead is marked, and swept, like any other', async () => {
  const scenario = await savedOnce();
  const gocache = join(scenario.home, 'gocache-1');
  move(gocache, day);
  const used = await wholeJob(scenario, { with: { gocache } });
  expect(used.compiled).toEqual([]);
  expect(used.report).toMatchObject({ restore: { outcome: 'partial' }, save: { outcome: 'saved' } });
  expect(used.report.sweep.droppedObjects).toBeGreaterThan(0);
  const next = await wholeJob(scenario, { cold: true });
  expect(next.report.restore).toMatchObject({ outcome: 'exact', matchedKey: used.report.save.key });
  expect(next.compiled).toEqual([]);
});
