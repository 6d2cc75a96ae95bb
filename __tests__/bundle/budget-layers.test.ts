import { expect, test } from 'vitest';
import { baseKeyOf } from '../../src/store/key.ts';
import { addLarge, commit, expectHealed, soundJob } from './layered.ts';
import { Scenario } from './scenario.ts';

/** What `max-size` does with base and top: together they are the set. */

const within = (bytes: number) => ({ cold: true, with: { 'max-size': `${Math.floor(bytes)}B` } });

test('where a new base is written, the old one does not count: it goes', async () => {
  const scenario = await Scenario.start();
  const first = await soundJob(scenario);
  const stored = first.report.save.bytes ?? 0;
  addLarge(scenario, 'one', 4_000_000);
  const limit = stored * 1.6;
  const { report } = await soundJob(scenario, within(limit));
  expect(report.budget).toMatchObject({ takenBytes: 0, fits: true, leftOut: { classes: [] } });
  expect(report.save.base?.reason).toMatch(/^the top would take \d+ % of the last one$/);
  expect(report.save.bytes).toBeGreaterThan(limit - stored);
  expect(scenario.baseKeys()).toEqual([report.save.base?.key]);
  await expectHealed(scenario, report.save.key);
});

test('where base and top are too much, a new base is tried before anything is left out; then as little is as needed', async () => {
  const scenario = await Scenario.start();
  addLarge(scenario, 'one', 500_000);
  const first = await soundJob(scenario);
  const stored = first.report.save.bytes ?? 0;
  // A top of as much, of which the base has as much that is dead.
  addLarge(scenario, 'other', 500_000);
  const limit = stored + 300_000;
  const second = await soundJob(scenario, within(limit));
  expect(second.report.save.base?.reason).toBe('max-size has no room for a top beside the last one');
  expect(second.report.budget).toMatchObject({ takenBytes: 0, fits: true, leftOut: { classes: [] } });
  expect(second.report.save.bytes).toBeLessThanOrEqual(limit);
  expect(scenario.baseKeys()).toEqual([second.report.save.base?.key]);
  await expectHealed(scenario, second.report.save.key, within(limit));

  commit(scenario, 3);
  const third = await soundJob(scenario, within(limit));
  expect(third.report.save).toMatchObject({ outcome: 'saved', base: null });
  expect(baseKeyOf(third.report.save.key ?? '')).toBe(second.report.save.base?.key);
  const { entries, bytes } = third.report.quota.onRef;
  expect([entries, bytes <= limit]).toEqual([2, true]);
});
