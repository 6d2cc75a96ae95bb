import fc from 'fast-check';
import { expect, test } from 'vitest';
import { baseKeyOf, unwarmedPrefix } from '../../src/store/key.ts';
import { newest } from '../../src/store/superseded.ts';
import { Cache, type JobPlan, job, main, pauseMs, prefix, pull } from './layers-model.ts';

const plan = fc.record({
  ref: fc.oneof({ weight: 3, arbitrary: fc.constant(main) }, { weight: 1, arbitrary: fc.constant(pull) }),
  newBase: fc.boolean(),
  unwarmed: fc.oneof(
    { weight: 4, arbitrary: fc.constant(false) },
    { weight: 1, arbitrary: fc.constant(true) },
  ),
});
/** Jobs that run at once, in which order they take their steps, and after how many each is killed. */
const phase = fc.record({
  plans: fc.array(plan, { minLength: 1, maxLength: 4 }),
  order: fc.array(fc.nat(3), { maxLength: 60 }),
  kills: fc.array(fc.option(fc.nat(14), { freq: 4 }), { minLength: 4, maxLength: 4 }),
});
interface Phase {
  readonly plans: readonly JobPlan[];
  readonly order: readonly number[];
  readonly kills: readonly (number | null)[];
}

/** Plays jobs until each has ended or was killed. */
function play(cache: Cache, { plans, order, kills }: Phase): void {
  const running = plans.map((one, at) => ({
    steps: job(cache, one),
    left: kills[at] ?? Number.POSITIVE_INFINITY,
  }));
  const step = (at: number): boolean => {
    const one = running[at % running.length];
    if (one === undefined || one.left <= 0) return false;
    one.left -= 1;
    const { done } = one.steps.next();
    cache.tick();
    if (done === true) one.left = 0;
    return true;
  };
  for (const at of order) step(at);
  for (let went = true; went; ) went = running.map((_, at) => step(at)).some(Boolean);
  cache.now += pauseMs;
}

const alone = (ref: string): Phase => ({
  ...{ plans: [{ ref, newBase: false, unwarmed: false }], order: [], kills: [] },
});

/** What a ref has when nobody is at work and nobody was killed. */
function expectAtRest(cache: Cache, ref: string): void {
  const sets = cache.sets().filter((entry) => entry.ref === ref);
  const last = newest(sets);
  if (last === undefined) return;
  expect(cache.isComplete(last), 'the newest set is complete').toBe(true);
  const isUnwarmed = last.key.startsWith(unwarmedPrefix(prefix));
  expect(sets.length, 'one set, or a whole one beside an unwarmed one').toBeLessThanOrEqual(
    isUnwarmed ? 2 : 1,
  );
  const named = cache.sets().map(({ key }) => baseKeyOf(key));
  const unnamed = cache.bases().filter((base) => base.ref === ref && !named.includes(base.key));
  expect(unnamed, 'no base that no set lies on').toEqual([]);
  const own = new Set(sets.map(({ key }) => baseKeyOf(key)));
  expect(own.size, 'all sets lie on one base').toBe(1);
}

test('jobs that save at once, in any order, on one ref: at every moment a complete set, at rest one', () => {
  fc.assert(
    fc.property(fc.array(phase, { minLength: 1, maxLength: 3 }), (phases) => {
      const cache = new Cache();
      for (const one of phases) {
        const plans = one.plans.map((job) => ({ ...job, ref: main }));
        play(cache, { ...one, plans, kills: [] });
        expectAtRest(cache, main);
      }
      expect(cache.wrongs).toEqual([]);
    }),
    { numRuns: 3000 },
  );
});

test('with pull requests on the same bases and jobs that are killed: after one more job on each ref it is so again', () => {
  let [shared, left] = [0, 0];
  fc.assert(
    fc.property(fc.array(phase, { minLength: 1, maxLength: 3 }), (phases) => {
      const cache = new Cache();
      for (const one of phases) play(cache, one);
      left += cache.bases().length > 1 ? 1 : 0;
      play(cache, alone(pull));
      expectAtRest(cache, pull);
      play(cache, alone(main));
      shared += cache.sets().filter(({ key, ref }) => ref === pull && baseKeyOf(key) !== undefined).length;
      const last = newest(cache.sets().filter((entry) => entry.ref === main));
      expect(last !== undefined && cache.isComplete(last)).toBe(true);
      expectAtRest(cache, main);
      expect(cache.wrongs).toEqual([]);
    }),
    { numRuns: 3000 },
  );
  // Else the property would say nothing of them.
  expect(Math.min(shared, left)).toBeGreaterThan(100);
});
