import fc from 'fast-check';
import { type FaultName, faultNames } from './faults.ts';
import { foreignKinds } from './foreign.ts';
import { type JobPlan, places } from './model.ts';
import type { Sources } from './sources.ts';

/** What happens to a repository and its cache. `which` picks one of the stored entries. */
export type Step =
  | { readonly kind: 'commit'; readonly on: 'main' | 'topic'; readonly change: Partial<Sources> }
  | { readonly kind: 'merge' }
  | { readonly kind: 'run'; readonly job: JobPlan; readonly fault: FaultName }
  /** Two jobs whose mains run before either's post; with `atOnce` both have saved before either lists. */
  | {
      readonly kind: 'two';
      readonly jobs: readonly [JobPlan, JobPlan];
      readonly between: Partial<Sources>;
      readonly atOnce: boolean;
      readonly evicted: number | null;
    }
  | { readonly kind: 'evict'; readonly which: number }
  | { readonly kind: 'break'; readonly which: number }
  | { readonly kind: 'foreign'; readonly like: number; readonly on: JobPlan['on'] };

const which = fc.nat({ max: 7 });

const change: fc.Arbitrary<Partial<Sources>> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ leaf: fc.constantFrom(1, 2, 3) }) },
  fc.record({ plainTested: fc.boolean() }),
  fc.record({ extra: fc.boolean() }),
);

/** True once in so many. */
const rarely = (times: number): fc.Arbitrary<boolean> =>
  fc.oneof({ weight: times - 1, arbitrary: fc.constant(false) }, fc.constant(true));
const mostly = (times: number): fc.Arbitrary<boolean> => rarely(times).map((one) => !one);

const place: fc.Arbitrary<JobPlan['on']> = fc.oneof(
  { weight: 6, arbitrary: fc.constant('main') },
  { weight: 5, arbitrary: fc.constantFrom(...keysOf(places)) },
);

const job: fc.Arbitrary<JobPlan> = fc.record({
  on: place,
  saves: mostly(4),
  mode: rarely(6).map((one) => (one ? 'count' : 'set')),
  name: rarely(6).map((one) => (one ? 'second' : 'default')),
  warms: mostly(6),
  builds: rarely(4),
  fails: rarely(5),
  deletes: mostly(5),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('commit'), on: fc.constantFrom('main', 'topic'), change }),
  },
  fc.record({ kind: fc.constant('merge') }),
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('run'),
      job,
      fault: fc.oneof({ weight: 3, arbitrary: fc.constant('none') }, fc.constantFrom(...faultNames)),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      ...{ kind: fc.constant('two'), jobs: fc.tuple(job, job), between: change },
      ...{ atOnce: mostly(3), evicted: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, which) },
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('evict'), which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('break'), which }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('foreign'),
      like: fc.nat({ max: foreignKinds.length - 1 }),
      on: fc.constantFrom(...keysOf(places)),
    }),
  },
);

/** Some ten steps: each run of the action takes three seconds. */
export const history: fc.Arbitrary<readonly Step[]> = fc.array(step, { minLength: 8, maxLength: 16 });

function keysOf<T extends object>(of: T): (keyof T)[] {
  return Object.keys(of) as (keyof T)[];
}
