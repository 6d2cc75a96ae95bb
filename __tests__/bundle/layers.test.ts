import { readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { baseKeyOf } from '../../src/store/key.ts';
import { Scenario } from './scenario.ts';

const bytesOf = (scenario: Scenario, key: string): number =>
  scenario.server.entries().find((entry) => entry.key === key)?.bytes ?? Number.NaN;

const keysOf = (scenario: Scenario): string[] =>
  scenario.server.entries().flatMap(({ key }) => (/-(modules|helpers)-/.test(key) ? [] : [key]));

/** A job that does what it always does; its report. */
async function run(scenario: Scenario) {
  const job = scenario.job({ cold: true });
  expect((await job.main()).exitCode).toBe(0);
  await job.tests();
  const { report } = await job.post();
  if (report === undefined) throw new Error('there is no report');
  return { job, report };
}

test('the first save writes a base and a top, the next one a top that is a small part of it', async () => {
  const scenario = await Scenario.start();
  const first = await run(scenario);
  const top = first.report.save.key ?? '';
  const base = baseKeyOf(top) ?? '';
  expect(first.report.save).toMatchObject({ outcome: 'saved', base: { key: base } });
  expect(keysOf(scenario).sort()).toEqual([base, top].sort());

  const path = 'leaf/leaf.go';
  const text = readFileSync(join(scenario.workspace, path), 'utf8');
  scenario.write({ [path]: `${text}\nfunc Added() int { return 3 }\n` });
  const second = await run(scenario);
  expect(second.report.restore).toMatchObject({ outcome: 'partial', matchedKey: top, baseKey: base });
  expect(second.report.save).toMatchObject({ outcome: 'saved', base: null });
  const newTop = second.report.save.key ?? '';
  expect(baseKeyOf(newTop)).toBe(base);
  expect(bytesOf(scenario, newTop)).toBeLessThan(bytesOf(scenario, base) / 10);

  const third = await run(scenario);
  expect(third.report.restore).toMatchObject({ outcome: 'exact', matchedKey: newTop, baseKey: base });
  expect(third.report.restore.objects).toBe(second.report.sweep.keptObjects);
  expect(third.report.reuse?.compiled.objects).toBe(0);
});

test("a test's result that Go has written anew under the same record is cached after a restore", async () => {
  const scenario = await Scenario.start();
  scenario.write({
    'picks/picks_test.go':
      'package picks\n\nimport (\n\t"os"\n\t"testing"\n)\n\n' +
      'func TestPick(t *testing.T) { os.ReadFile(os.Getenv("PICK")) }\n',
    'picks/a.txt': 'a',
    'picks/b.txt': 'b',
  });
  // Go caches nothing of files that are younger than two seconds.
  for (const name of ['a.txt', 'b.txt']) {
    utimesSync(join(scenario.workspace, 'picks', name), 1_700_000_000, 1_700_000_000);
  }
  const picking = async (pick: string) => {
    const job = scenario.job();
    await job.main();
    await job.tests();
    const { log } = await job.go('test', './picks', { env: { PICK: pick } });
    return { isCached: log.includes('(cached)'), ...(await job.post()).report };
  };
  expect(await picking('a.txt')).toMatchObject({ isCached: false, save: { outcome: 'saved' } });
  scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' });
  expect(await picking('b.txt')).toMatchObject({ isCached: false, save: { outcome: 'saved', base: null } });
  expect(await picking('b.txt')).toMatchObject({ isCached: true, restore: { outcome: 'exact' } });
});
