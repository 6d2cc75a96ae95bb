import { readFileSync } from 'node:fs';
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
