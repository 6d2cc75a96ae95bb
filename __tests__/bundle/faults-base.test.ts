import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RestoreReport } from '../../src/report/report.ts';
import { baseKeyOf } from '../../src/store/key.ts';
import { flipped } from './archives.ts';
import {
  addLarge,
  bytesIn,
  commit,
  expectHealed,
  idOf,
  type Stages,
  soundJob,
  stagesOf,
  withManifest,
  without,
} from './layered.ts';
import type { JobOptions, Scenario } from './scenario.ts';

/** One layer of a set is gone or broken, or cannot be downloaded: what main does about it, and what is saved next. */

let stages: Stages;
beforeAll(async () => {
  stages = await stagesOf(afterAll);
});

interface Row {
  readonly what: string;
  /** What is wrong; gives what it is replaced by. */
  readonly harm: (cache: Scenario) => Promise<void> | void;
  readonly with?: JobOptions['with'];
  readonly restore: RestoreReport['outcome'];
  readonly says: RegExp;
}

const corrupt = (layer: 'base' | 'top', change: (bytes: Buffer) => Uint8Array) => (cache: Scenario) =>
  cache.server.corrupt(layer === 'base' ? stages.base : stages.top.delta, change);
/** In the download of the base alone. */
const download = (cache: Scenario) => ({
  method: 'GET',
  path: new RegExp(`/${idOf(cache, stages.base)}\\?`),
});
const half = (bytes: Buffer) => bytes.subarray(0, bytes.length / 2);

const rows: readonly Row[] = [
  {
    what: 'the base is evicted',
    harm: (cache) => cache.server.evict(idOf(cache, stages.base)),
    restore: 'miss',
    says: /^No set to restore for \S+ \([\d.]+ s\); of the newest its base gobuild-test-2-base-\S+ is gone$/m,
  },
  {
    what: 'the base is cut in half',
    harm: corrupt('base', half),
    restore: 'failed',
    says: /: the entry \S+ cannot be used alone: its base gobuild-test-2-base-\S+: the download of \S+, \d+ B, cannot be unpacked: /,
  },
  {
    what: 'a bit of the base is another',
    harm: corrupt('base', flipped(0.5)),
    restore: 'failed',
    says: /: the entry \S+ (cannot be used alone: its base \S+: the download of .* cannot be unpacked|is broken: part-\d+\.tar\.zst of the base): /,
  },
  {
    what: 'the base has another pack',
    harm: async (cache) => {
      const other = await stages.plain.fork();
      for (const key of [stages.base, stages.top.plain]) await other.server.evict(idOf(other, key));
      const key = (await soundJob(other)).report.save.base?.key ?? '';
      expect(key).not.toBe(stages.base);
      const bytes = await bytesIn(other, key);
      await cache.server.corrupt(stages.base, () => bytes);
    },
    restore: 'failed',
    says: /: the entry \S+ is broken: (the base has \d+ \w+, the top was written on one of|the base holds other files)/,
  },
  {
    what: 'the base lacks a part',
    harm: corrupt('base', without('part-1.tar.zst')),
    restore: 'failed',
    says: /: the entry \S+ is broken: the base: part-1\.tar\.zst is missing/,
  },
  {
    what: 'the base is a top',
    harm: async (cache) => {
      const top = await bytesIn(cache, stages.top.delta);
      await cache.server.corrupt(stages.base, () => top);
    },
    restore: 'failed',
    says: /: the entry \S+ is broken: the base is a top/,
  },
  {
    what: 'the top names another base',
    harm: corrupt(
      'top',
      withManifest((manifest) => ({ ...manifest, base: { ...manifest.base, key: 'gobuild-test-2-base-x' } })),
    ),
    restore: 'failed',
    says: /: the entry \S+ is broken: the top was written on a base of another key/,
  },
  {
    what: 'the top names other files of the base',
    harm: corrupt(
      'top',
      withManifest((manifest) => ({ ...manifest, base: { ...manifest.base, identity: '0'.repeat(64) } })),
    ),
    restore: 'failed',
    says: /: the entry \S+ is broken: the base holds other files than the one that the top was written on/,
  },
  {
    what: 'the top is cut in half',
    harm: corrupt('top', half),
    restore: 'failed',
    says: /: the download of \S+, \d+ B, cannot be unpacked: /,
  },
  {
    what: 'a bit of the top is another',
    harm: corrupt('top', flipped(0.7)),
    restore: 'failed',
    says: /(cannot be unpacked|is broken): /,
  },
  {
    what: 'the top lacks its deltas',
    harm: corrupt('top', without('delta-1.tar.zst')),
    restore: 'failed',
    says: /: the entry \S+ is broken: delta-1\.tar\.zst is missing/,
  },
  {
    what: 'the download of the base stalls',
    harm: (cache) => {
      const action = { kind: 'stall', afterBytes: 200_000 } as const;
      cache.server.fault({ match: download(cache), times: Infinity, action });
    },
    with: { 'restore-timeout': '3' },
    restore: 'failed',
    says: /: the entry \S+ cannot be used alone: its base \S+: it took over 3 s, the restore-timeout /,
  },
  {
    what: 'the download of the base fails',
    harm: (cache) => {
      const action = { kind: 'status', status: 500, body: 'no' } as const;
      cache.server.fault({ match: download(cache), times: Infinity, action });
    },
    restore: 'failed',
    says: /: the entry \S+ cannot be used alone: its base \S+: the download of \S+ failed: .* 500 /,
  },
];

describe('with deltas on a base', () => {
  test.each(rows)('$what: nothing is restored, it is told, and a new base is saved', async (row) => {
    const cache = await stages.delta.fork();
    commit(cache, 2);
    await row.harm(cache);
    const { report, main, said } = await soundJob(cache, { with: row.with ?? {} });
    expect(said).toMatch(row.says);
    expect(report.restore).toMatchObject({ outcome: row.restore, matchedKey: null, baseKey: null });
    expect(report.restore).toMatchObject({ objects: 0, bytes: 0 });
    const warnings = main.annotations.map(({ message }) => message);
    expect(warnings).toEqual(row.restore === 'miss' ? [] : [expect.stringMatching(row.says)]);
    const { key, base } = report.save;
    expect(base).toMatchObject({ key: expect.any(String), reason: 'the last one cannot be used' });
    expect(key && baseKeyOf(key)).toBe(base?.key);
    expect([cache.setKeys(), cache.baseKeys()]).toEqual([[key], [base?.key]]);
    await expectHealed(cache, key);
  });
});

test('a base is gone whose top has no deltas: the top is used alone, it is told, and a new base is saved', async () => {
  const cache = await stages.plain.fork();
  commit(cache, 1);
  await cache.server.evict(idOf(cache, stages.base));
  const { report, main, said } = await soundJob(cache);
  expect(report.restore).toMatchObject({ outcome: 'partial', matchedKey: stages.top.plain, baseKey: null });
  expect(report.restore.objects).toBeGreaterThan(5);
  expect(main.annotations).toEqual([]);
  expect(said).toMatch(/^Restored .* from an earlier state: \S+; of the newest its base \S+ is gone$/m);
  expect(report.save.base?.reason).toBe('the last one cannot be used');
  expect([cache.setKeys(), cache.baseKeys()]).toEqual([[report.save.key], [report.save.base?.key]]);
  await expectHealed(cache, report.save.key);
});

test('a base is gone whose top holds nothing: a miss', async () => {
  const cache = await stages.first.fork();
  commit(cache, 1);
  await cache.server.evict(idOf(cache, stages.base));
  const { report, main } = await soundJob(cache);
  expect(report.restore).toMatchObject({ outcome: 'miss', matchedKey: null, objects: 0 });
  expect(main.annotations).toEqual([]);
  expect(report.save.base?.reason).toBe('the last one cannot be used');
  await expectHealed(cache, report.save.key);
});

test('an exact set whose base is gone does not cost the newest one, which is whole', async () => {
  const cache = await stages.first.fork();
  commit(cache, 2);
  addLarge(cache, 'one', 4_000_000);
  // Without a token nothing is deleted.
  const newest = (await soundJob(cache, { cold: true, token: '' })).report.save;
  expect(cache.baseKeys()).toEqual([stages.base, newest.base?.key]);
  await cache.server.evict(idOf(cache, stages.base));
  rmSync(join(cache.workspace, 'large'), { recursive: true });
  commit(cache, 1);
  const { report } = await soundJob(cache, { cold: true });
  expect(report.restore).toMatchObject({
    ...{ outcome: 'partial', matchedKey: newest.key, baseKey: newest.base?.key },
  });
  expect(report.save).toMatchObject({ outcome: 'saved', base: null });
  await expectHealed(cache, report.save.key);
});
