import fc from 'fast-check';
import { type FaultName, faultNames } from './faults.ts';
import { foreignKinds } from './foreign.ts';
import { type JobPlan, places } from './model.ts';
import type { Sources } from './sources.ts';

/** What happens to a repository and its cache. `which` picks one of the stored entries. */
export type Step =
  | { readonly kind: 'commit'; readonly on: 'main' | 'topic'; readonly change: Partial<Sources> }
  | { readonly kind: 'merge' }
  /** A commit on the branch of the job, and the job; where nothing changes, another run of the same. */
  | {
      readonly kind: 'run';
      readonly change: Partial<Sources>;
      readonly job: JobPlan;
      readonly fault: FaultName;
    }
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

const maybeChange: fc.Arbitrary<Partial<Sources>> = fc.oneof(
  { weight: 4, arbitrary: change },
  fc.constant({}),
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
  mode: rarely(8).map((one) => (one ? 'count' : 'set')),
  name: rarely(8).map((one) => (one ? 'second' : 'default')),
  warms: mostly(6),
  builds: rarely(4),
  fails: rarely(5),
  deletes: mostly(5),
});

/** Often two of one ref, shape and name: such as may replace each other's sets. */
const twoJobs: fc.Arbitrary<readonly [JobPlan, JobPlan]> = fc
  .tuple(job, job, mostly(4))
  .map(([one, other, alike]) => [
    one,
    alike ? { ...other, on: one.on, mode: one.mode, name: one.name } : other,
  ]);

const fault: fc.Arbitrary<FaultName> = fc.oneof(
  { weight: 3, arbitrary: fc.constant('none') },
  { weight: 3, arbitrary: fc.constant('lists are unfiltered') },
  { weight: 4, arbitrary: fc.constantFrom(...faultNames) },
);

const steps: { readonly [K in Step['kind']]: fc.Arbitrary<Extract<Step, { readonly kind: K }>> } = {
  commit: fc.record({ kind: fc.constant('commit'), on: fc.constantFrom('main', 'topic'), change }),
  merge: fc.record({ kind: fc.constant('merge') }),
  run: fc.record({ kind: fc.constant('run'), change: maybeChange, job, fault }),
  two: fc.record({
    ...{ kind: fc.constant('two'), jobs: twoJobs, between: maybeChange },
    ...{ atOnce: mostly(3), evicted: fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, which) },
  }),
  evict: fc.record({ kind: fc.constant('evict'), which }),
  break: fc.record({ kind: fc.constant('break'), which }),
  foreign: fc.record({
    ...{ kind: fc.constant('foreign'), on: place },
    like: fc.nat({ max: foreignKinds.length - 1 }),
  }),
};

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: steps.commit },
  { weight: 1, arbitrary: steps.merge },
  { weight: 8, arbitrary: steps.run },
  { weight: 2, arbitrary: steps.two },
  { weight: 1, arbitrary: steps.evict },
  { weight: 1, arbitrary: steps.break },
  { weight: 2, arbitrary: steps.foreign },
);

/** Some eight steps: each run of the action takes seconds. Cloned for its print: fast-check's records have no prototype. */
export const history: fc.Arbitrary<readonly Step[]> = fc
  .array(step, { minLength: 6, maxLength: 10 })
  .map((of) => structuredClone(of));

function keysOf<T extends object>(of: T): (keyof T)[] {
  return Object.keys(of) as (keyof T)[];
}
