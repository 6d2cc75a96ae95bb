import { describe, expect, test } from 'vitest';
import { type FinishFacts, type FinishPlan, planFinish } from '../../src/flow/plan.ts';

/** For each fact the values that a row is about; all of them where it does not say. */
type When = { readonly [fact in keyof FinishFacts]?: readonly FinishFacts[fact][] };
type Save = 'whole' | 'unwarmed' | { readonly because: string };

const refusal = { allowed: false, reason: 'a pull request; the cache is filled from main' } as const;
const every = {
  restore: ['exact', 'partial', 'miss', 'failed', 'disabled'],
  warm: ['warmed', 'skipped', 'failed'],
  jobFailed: [false, true],
  lostObjects: [0, 3],
  foreignObjects: [0, 2],
  jobUsedCache: [false, true],
  madeBuilds: [false, true],
  sharedGocache: [false, true],
  policy: [{ allowed: true }, refusal],
} as const satisfies Required<When>;

function combinations(when: When): FinishFacts[] {
  const {
    restore,
    warm,
    jobFailed,
    lostObjects,
    foreignObjects,
    jobUsedCache,
    madeBuilds,
    sharedGocache,
    policy,
  } = {
    ...every,
    ...when,
  };
  const combine = <T extends object, K extends string, V>(all: T[], key: K, values: readonly V[]) =>
    all.flatMap((one) => values.map((value) => ({ ...one, [key]: value }) as T & Record<K, V>));
  const first = combine(combine(combine([{}], 'restore', restore), 'warm', warm), 'jobFailed', jobFailed);
  const second = combine(combine(first, 'lostObjects', lostObjects), 'foreignObjects', foreignObjects);
  const third = combine(combine(second, 'jobUsedCache', jobUsedCache), 'madeBuilds', madeBuilds);
  return combine(combine(third, 'sharedGocache', sharedGocache), 'policy', policy);
}

const exact: When = { restore: ['exact'], warm: ['warmed', 'skipped'], lostObjects: [0] };
const other: When = { restore: ['partial', 'miss', 'failed', 'disabled'], lostObjects: [0] };
const ended: When = { ...other, jobFailed: [false] };
const whole: When = { ...ended, warm: ['warmed'], sharedGocache: [false] };
const part: When = { ...ended, warm: ['warmed'], sharedGocache: [true] };
const unwarmed: When = { ...ended, warm: ['skipped'], jobUsedCache: [true] };

// Each row is a sentence of what post is to do; together they are all that can be.
const table: readonly (readonly [string, When, sweep: boolean, Save])[] = [
  ['the warm failed', { warm: ['failed'] }, false, { because: 'the warm did not succeed' }],
  [
    'objects are gone',
    { warm: ['warmed', 'skipped'], lostObjects: [3] },
    false,
    { because: '3 objects that the warm used are gone from GOCACHE (go clean -cache?)' },
  ],
  [
    'exact, and the job failed',
    { ...exact, jobFailed: [true] },
    false,
    { because: 'the job failed; the exact set stays as it is' },
  ],
  [
    'exact, and nothing was compiled',
    { ...exact, jobFailed: [false], madeBuilds: [false] },
    false,
    { because: 'the restored set is exact, and nothing was compiled that it lacks' },
  ],
  [
    'exact, and the job made what it lacks: the union',
    { ...exact, jobFailed: [false], madeBuilds: [true] },
    false,
    'whole',
  ],
  ['warmed, and the job failed', { ...other, warm: ['warmed'], jobFailed: [true] }, false, 'unwarmed'],
  [
    'not warmed, and the job failed',
    { ...other, warm: ['skipped'], jobFailed: [true] },
    false,
    { because: 'the job failed before its set was known' },
  ],
  ['warmed', { ...whole, foreignObjects: [0] }, true, 'whole'],
  ['warmed, with objects of another user', { ...whole, foreignObjects: [2] }, false, 'whole'],
  ["warmed, beside others' objects that are not saved", { ...part, foreignObjects: [0] }, true, 'unwarmed'],
  [
    "warmed, beside others' objects, with objects of another user",
    { ...part, foreignObjects: [2] },
    false,
    'unwarmed',
  ],
  [
    'not warmed, and no go command used the cache',
    { ...ended, warm: ['skipped'], jobUsedCache: [false] },
    false,
    { because: 'no go command of the job used the cache' },
  ],
  ['not warmed, but used', { ...unwarmed, foreignObjects: [0] }, true, 'unwarmed'],
  [
    'not warmed, but used, with objects of another user',
    { ...unwarmed, foreignObjects: [2] },
    false,
    'unwarmed',
  ],
];

function expected({ policy }: FinishFacts, sweep: boolean, save: Save): FinishPlan {
  if (typeof save === 'object') return { sweep, save: { kind: 'skip', reason: save.because } };
  if (!policy.allowed) return { sweep, save: { kind: 'skip', reason: policy.reason } };
  return { sweep, save: { kind: 'save', content: save } };
}

describe('planFinish', () => {
  test.each(table)('%s', (_, when, sweep, save) => {
    for (const facts of combinations(when)) {
      expect(planFinish(facts), JSON.stringify(facts)).toEqual(expected(facts, sweep, save));
    }
  });

  test('the table is full, and no two rows are about the same facts', () => {
    const rows = table.flatMap(([, when]) => combinations(when)).map((facts) => JSON.stringify(facts));
    const all = combinations({}).map((facts) => JSON.stringify(facts));
    expect(all).toHaveLength(5 * 3 * 2 ** 7);
    expect(rows.toSorted()).toEqual(all.toSorted());
  });
});
