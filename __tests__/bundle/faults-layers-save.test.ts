import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FaultRequest } from '../../local/server/faults.ts';
import type { CacheServer } from '../../local/server/server.ts';
import type { SaveReport } from '../../src/report/report.ts';
import { baseKeyOf } from '../../src/store/key.ts';
import { commit, expectHealed, idOf, type Stages, soundJob, stagesOf } from './layered.ts';
import { Scenario } from './scenario.ts';

/** What can go wrong with layers after main: what is saved then, and what never is. */

let stages: Stages;
beforeAll(async () => {
  stages = await stagesOf(afterAll);
});

const reserve = ({ path }: FaultRequest) => path.includes('CreateCacheEntry');
/** The second reservation, which is the top's. */
const second = () => {
  let met = 0;
  return (request: FaultRequest) => {
    if (reserve(request)) met += 1;
    return reserve(request) && met === 2;
  };
};

describe('a base that cannot be saved: no top is stored, and nothing else', () => {
  const refusal = (status: number, body: string) => ({ kind: 'status', status, body }) as const;
  test.each<{
    readonly what: string;
    readonly harm?: (server: CacheServer) => void;
    readonly cache?: (server: CacheServer) => Record<string, string>;
    readonly save: readonly [SaveReport['outcome'], reason: RegExp];
    /** Reservations that were asked for. */
    readonly asked?: number;
  }>([
    {
      what: 'the service fails for ever',
      harm: (server) => {
        server.fault({ match: reserve, times: Infinity, action: refusal(500, '{"msg":"no"}') });
      },
      save: ['failed', /^.* after 5 attempts: Failed request: \(500\)/],
      asked: 5,
    },
    {
      what: 'the quota is used up',
      harm: (server) => {
        server.fault({ match: reserve, times: Infinity, action: refusal(200, '{"ok":false}') });
      },
      save: ['failed', /^the service refuses to reserve an entry, and gives no reason$/],
    },
    {
      what: 'its upload is refused',
      harm: (server) => {
        server.fault({ match: { method: 'PUT' }, times: Infinity, action: refusal(403, '') });
      },
      save: ['failed', /^the service refuses the upload, and the toolkit gives no reason$/],
    },
    {
      what: 'the token may only read',
      cache: (server) => server.environment({ scopes: [{ ref: 'refs/heads/main', permission: 1 }] }),
      save: ['skipped', /^cache write denied: /],
    },
  ])('$what', async ({ harm, cache, save: [outcome, reason], asked = 1 }) => {
    const scenario = await Scenario.start();
    harm?.(scenario.server);
    const { report } = await soundJob(scenario, cache === undefined ? {} : { cache: cache(scenario.server) });
    expect(report.save).toMatchObject({ outcome, key: null, base: null, bytes: null });
    expect(report.save.reason).toMatch(reason);
    expect(scenario.server.requests.filter(({ path }) => path.includes('CreateCacheEntry'))).toHaveLength(
      asked,
    );
    expect(scenario.server.entries()).toEqual([]);
  });
});

/** A base that no set lies on: the next run is right, and after an hour it goes. */
async function expectOrphanGoes(scenario: Scenario, orphan: string): Promise<void> {
  expect([scenario.setKeys(), scenario.baseKeys()]).toEqual([[], [orphan]]);
  const next = await soundJob(scenario);
  expect(next.report.restore.outcome).toBe('miss');
  const { base, key } = next.report.save;
  expect(base?.key).not.toBe(orphan);
  expect(scenario.baseKeys()).toEqual([orphan, base?.key]);
  await expectHealed(scenario, key);
  const later = await scenario.fork({ later: 2 * 60 * 60 * 1000 });
  commit(later, 3);
  const last = await soundJob(later, { cold: true });
  expect(last.report.save.base).toBe(null);
  expect([later.setKeys(), later.baseKeys()]).toEqual([[last.report.save.key], [base?.key]]);
}

test('a top that cannot be saved leaves its base, which goes after an hour', async () => {
  const scenario = await Scenario.start();
  commit(scenario, 2);
  scenario.server.fault({ match: second(), action: { kind: 'status', status: 403, body: '{"msg":"no"}' } });
  const { report } = await soundJob(scenario);
  expect(report.save).toMatchObject({ outcome: 'failed', key: null, base: null });
  expect(report.save.reason).toMatch(/^Failed to CreateCacheEntry: .*Failed request: \(403\)/);
  const [orphan = ''] = scenario.baseKeys();
  await expectOrphanGoes(scenario, orphan);
});

test('a post that is killed between base and top leaves the base, which goes after an hour', async () => {
  const scenario = await Scenario.start();
  commit(scenario, 2);
  const takeBack = scenario.server.fault({
    ...{ match: second(), times: Infinity, action: { kind: 'stall', afterBytes: 0 } },
  });
  const job = scenario.job();
  await job.main();
  await job.tests();
  const killed = new AbortController();
  const post = job.runner.post({ signal: killed.signal });
  const reserved = () => scenario.server.requests.filter((request) => reserve({ ...request, url: '' }));
  for (let tries = 0; reserved().length < 2 && tries < 2400; tries += 1) await sleep(25);
  killed.abort();
  expect((await post).exitCode).toBe(null);
  takeBack();
  const [orphan = ''] = scenario.baseKeys();
  await expectOrphanGoes(scenario, orphan);
});

test('a base that is evicted between main and post: a new one is written, and no top on nothing', async () => {
  const cache = await stages.first.fork();
  commit(cache, 2);
  const { report } = await soundJob(cache, {
    cold: true,
    between: () => cache.server.evict(idOf(cache, stages.base)),
  });
  expect(report.restore).toMatchObject({ outcome: 'partial', baseKey: stages.base });
  expect(report.save.base?.reason).toBe('the last one cannot be used');
  expect([cache.setKeys(), cache.baseKeys()]).toEqual([[report.save.key], [report.save.base?.key]]);
  await expectHealed(cache, report.save.key);
});

describe('what main has noted is changed by the job: the next set is right', () => {
  const base = (work: string) => join(work, 'base.json');
  const aside = (work: string) =>
    readdirSync(join(work, 'aside'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      /-d$/.test(name),
    );
  test.each<{ readonly what: string; readonly harm: (work: string) => void; readonly newBase: boolean }>([
    { what: 'base.json is removed', harm: (work) => rmSync(base(work)), newBase: true },
    {
      what: 'base.json is cut',
      harm: (work) => writeFileSync(base(work), readFileSync(base(work), 'utf8').slice(0, -100)),
      newBase: true,
    },
    {
      what: 'base.json has a file fewer',
      harm: (work) => {
        const told = JSON.parse(readFileSync(base(work), 'utf8'));
        told.base.files.pop();
        writeFileSync(base(work), JSON.stringify(told));
      },
      newBase: true,
    },
    {
      what: 'what stands aside is removed',
      harm: (work) => rmSync(join(work, 'aside'), { recursive: true }),
      newBase: false,
    },
    {
      what: 'what stands aside has other contents',
      harm: (work) => {
        for (const name of aside(work)) {
          const path = join(work, 'aside', name);
          writeFileSync(path, readFileSync(path).fill(7));
        }
      },
      newBase: false,
    },
  ])('$what', async ({ harm, newBase }) => {
    const cache = await stages.delta.fork();
    commit(cache, 3);
    let left = '';
    const { report } = await soundJob(cache, {
      cold: true,
      between: (work) => {
        left = work;
        expect(aside(work).length).toBeGreaterThan(2);
        harm(work);
      },
    });
    expect(report.save.outcome).toBe('saved');
    if (newBase) expect(report.save.base?.reason).toBe('the last one cannot be used');
    else expect(report.save.base).toBe(null);
    expect(baseKeyOf(report.save.key ?? '')).toBe(newBase ? report.save.base?.key : stages.base);
    expect(['aside', 'base.json'].filter((name) => existsSync(join(left, name)))).toEqual([]);
    await expectHealed(cache, report.save.key);
  });
});

test('what stands aside does not stay behind, also where nothing is saved', async () => {
  const cache = await stages.delta.fork();
  commit(cache, 2);
  const works: string[] = [];
  const between = (work: string) => {
    works.push(work);
  };
  const exact = await soundJob(cache, { cold: true, between });
  const pull = await soundJob(cache, {
    ...{ cold: true, between, eventName: 'pull_request', ref: 'refs/pull/7/merge', baseRef: 'main' },
  });
  expect([exact, pull].map(({ report }) => [report.restore.outcome, report.save.outcome])).toEqual([
    ['exact', 'skipped'],
    ['exact', 'skipped'],
  ]);
  const left = works.flatMap((work) => readdirSync(work));
  expect(left.filter((name) => /aside|base|transfer/.test(name))).toEqual([]);
});
