import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { type GocacheObject, scan } from '../../src/gocache/scan.ts';
import { Scenario, visible, wholeJob } from './scenario.ts';

const names = (objects: readonly GocacheObject[]) => new Set(objects.map((object) => object.name));

test('gocache: inherit neither marks, sweeps nor saves what was there before', async () => {
  const scenario = await Scenario.start();
  const machines = join(scenario.home, 'machines-own');
  cpSync(inject('warmGocache'), machines, { recursive: true });
  const before = scan(machines);
  for (const { name } of before) utimesSync(join(machines, name), 1_700_000_000, 1_700_000_000);

  // Another module's path: all its packages are new to the machine's cache, the standard library is not.
  const env = { GOCACHE: machines };
  const first = await wholeJob(scenario, { with: { gocache: 'inherit' }, env });
  expect(first.main.outputs['gocache']).toBe(machines);
  expect(first.report.save.outcome).toBe('saved');
  expect(first.report.sweep.keptObjects).toBeLessThan(before.length / 2);
  const after = names(scan(machines));
  expect(before.filter((object) => !after.has(object.name))).toEqual([]);
  // What nobody used has the time that it had: no mark of ours is on it.
  const mark = Date.now() / 1000 - 2.5 * 86_400;
  const marked = scan(machines).filter(
    (object) => Math.abs(object.mtimeMs / 1000 - mark) < 3600 && before.some((b) => b.name === object.name),
  );
  expect(marked).toEqual([]);

  // What was saved is a part of the set: a machine whose cache is empty must not take it for the whole.
  expect(first.report.save.key).toMatch(/-unwarmed-[0-9a-f]{16}-1\.1$/);
  const second = await wholeJob(scenario, { cold: true });
  expect(second.report.restore).toMatchObject({ outcome: 'partial', matchedKey: first.report.save.key });
  expect(second.report.warm.outcome).toBe('warmed');
  expect(second.compiled).toEqual([]);
  expect(second.report.save.key).not.toMatch(/unwarmed/);
});

test.each([
  ['as it is', ''],
  ['with a slash', '/'],
])("the machine's own GOCACHE, named by a link to it and %s, is not swept either", async (_, end) => {
  const scenario = await Scenario.start();
  const machines = join(scenario.home, 'machines-own');
  cpSync(inject('warmGocache'), machines, { recursive: true });
  const link = join(scenario.home, 'link');
  symlinkSync(machines, link);
  const dead = scan(machines)[0]?.name ?? '';
  utimesSync(join(machines, dead), 1_700_000_000, 1_700_000_000);
  const options = { with: { gocache: link }, env: { GOCACHE: machines + end } };
  const { report } = await wholeJob(scenario, options);
  expect(report.save.outcome).toBe('saved');
  expect(existsSync(join(machines, dead))).toBe(true);
});

test('a gocache of a path in the workspace is used, and swept', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job({ with: { gocache: '.cache/go build' } });
  await job.main();
  expect(job.gocache).toBe(join(scenario.workspace, '.cache/go build'));
  expect(await job.tests()).toEqual([]);
});

test('the fuzzing corpus and trim.txt stay, and are not saved', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job();
  await job.main();
  await job.tests();
  const corpus = join(job.gocache, 'fuzz', 'example.com', 'small', 'FuzzX');
  mkdirSync(corpus, { recursive: true });
  writeFileSync(join(corpus, '0123456789abcdef'), 'go test fuzz v1\n');
  await job.post();
  expect(existsSync(join(corpus, '0123456789abcdef'))).toBe(true);

  const next = scenario.job({ cold: true });
  await next.main();
  expect(next.report().restore.outcome).toBe('exact');
  expect(existsSync(join(next.gocache, 'fuzz'))).toBe(false);
});

test.skipIf(process.getuid?.() !== 0)(
  'nothing is swept after another user id made objects (needs root)',
  async () => {
    const scenario = await Scenario.start();
    const job = scenario.job();
    await job.main();
    await job.tests();
    const recent = scan(job.gocache).find((object) => Date.now() - object.mtimeMs < 3_600_000);
    chownSync(join(job.gocache, recent?.name ?? ''), 12_345, 12_345);
    const { report } = await job.post();
    expect(report.sweep.droppedObjects).toBe(0);
    expect(report.save.outcome).toBe('saved');
  },
);

test('with a GOCACHEPROG nothing is done, with one warning', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job({ env: { GOCACHEPROG: '/nowhere/prog' } });
  const main = await job.main();
  expect(main.exitCode).toBe(0);
  expect(main.annotations).toMatchObject([
    { level: 'warning', message: expect.stringContaining('GOCACHEPROG is set') },
  ]);
  expect(main.outputs).toMatchObject({ 'cache-hit': 'false', 'warm-outcome': 'skipped' });
  const { report, annotations } = await job.post();
  expect(annotations).toEqual([]);
  expect(report.restore.outcome).toBe('disabled');
  expect(report.save).toMatchObject({ outcome: 'skipped', reason: expect.stringContaining('GOCACHEPROG') });
});

test('a use finds its objects by Go alone: an executable of go run that is used stays, another goes', async () => {
  const scenario = await Scenario.start();
  const kept = { 'keep-executables': 'true' };
  const first = scenario.job({ with: kept });
  await first.main();
  await first.tests();
  expect((await first.go('run', './cmd/tool')).exitCode).toBe(0);
  await first.post();
  const executables = (gocache: string) => scan(gocache).filter((object) => object.file === 'tool');
  expect(executables(first.gocache)).toHaveLength(1);

  scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 4 - 3 }\n' });
  const second = scenario.job({ cold: true, with: kept });
  await second.main();
  expect(executables(second.gocache)).toHaveLength(1);
  await second.tests();
  const { report } = await second.post();
  expect(executables(second.gocache)).toHaveLength(0);
  expect(report.sweep.droppedBytes).toBeGreaterThan(1_000_000);
});

test('restored objects keep executables executable', async () => {
  const scenario = await Scenario.start();
  const kept = { 'keep-executables': 'true' };
  const first = scenario.job({ with: kept });
  await first.main();
  await first.tests();
  await first.go('run', './cmd/tool');
  await first.post();
  const second = scenario.job({ cold: true, with: kept });
  await second.main();
  const ran = await second.go('run', './cmd/tool');
  expect(ran.exitCode).toBe(0);
  const tool = scan(second.gocache).find((object) => object.file === 'tool');
  expect(statSync(join(second.gocache, tool?.name ?? '', 'tool')).mode & 0o111).not.toBe(0);
  expect(visible(ran)).toContain('1');
});

test('a gocache that is a file is a mistake of the user', async () => {
  const scenario = await Scenario.start();
  const main = await scenario.job({ with: { gocache: 'go.mod' } }).main();
  expect(main.exitCode).toBe(1);
  expect(main.annotations).toMatchObject([
    {
      level: 'error',
      message: expect.stringMatching(/^input gocache: ".*go\.mod" cannot be made a directory: /),
    },
  ]);
});

test('a report and a list that the job has removed cost nothing but themselves', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job();
  const main = await job.main();
  await job.tests();
  rmSync(main.outputs['report'] ?? '');
  const { report, exitCode } = await job.post();
  expect(exitCode).toBe(0);
  expect(report).toMatchObject({
    restore: { outcome: 'miss' },
    warm: { outcome: 'warmed' },
    save: { outcome: 'saved' },
  });
});
