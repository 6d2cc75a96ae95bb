import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { classesOf } from '../../src/gocache/kinship.ts';
import { scan } from '../../src/gocache/scan.ts';
import { topKeyOn } from '../../src/store/key.ts';
import { Scenario, visible, wholeJob } from './scenario.ts';

test('the first run misses, warms in two passes and saves; the second restores an exact set and compiles nothing', async () => {
  const scenario = await Scenario.start();
  const first = await wholeJob(scenario);
  expect(first.main.exitCode).toBe(0);
  expect(first.main.outputs).toMatchObject({
    'cache-hit': 'false',
    'cache-matched-key': '',
    'warm-outcome': 'warmed',
    'cover-package-count': '4',
    'plain-package-count': '1',
    gocache: first.job.gocache,
  });
  expect(first.main.outputs['warm-duration']).toMatch(/^\d+\.\d{3}$/);
  expect(first.compiled).toEqual([]);
  expect(first.report.restore).toMatchObject({ outcome: 'miss', matchedKey: null, objects: 0, bytes: 0 });
  const quiet = ['-run=^$', '-count=1', '-exec=true', expect.stringMatching(/^-toolexec=.*\/toolexec\.sh$/)];
  expect(
    first.report.warm.passes.map(({ kind, packages, command }) => ({ kind, packages, command })),
  ).toEqual([
    {
      kind: 'cover',
      packages: 4,
      command: [
        'go',
        'test',
        ...quiet,
        '-cover',
        ...['cmd/tool', 'core', 'leaf', 'plainlib'].map((p) => `example.com/small/${p}`),
      ],
    },
    { kind: 'plain', packages: 1, command: ['go', 'test', ...quiet, 'example.com/small/tests/smoke'] },
  ]);
  const primary = first.main.outputs['cache-primary-key'] ?? '';
  expect(primary).toMatch(
    /^gobuild-test-2-[a-z]+-[a-z0-9]+-go1\.\d+(\.\d+)?-[0-9a-f]{16}-default-[0-9a-f]{32}$/,
  );
  const [base = ''] = scenario.baseKeys();
  const key = topKeyOn(base, `${primary}-1.1`);
  const baseBytes = scenario.bytesOf(base);
  expect(first.report.save).toMatchObject({ outcome: 'saved', reason: null, key, base: { key: base } });
  expect(scenario.setKeys()).toEqual([key]);
  expect(first.report.save.bytes).toBe(baseBytes + scenario.bytesOf(key));
  const log = visible(first.main).join('\n');
  expect(log).toMatch(/^Pre-warm: \d+\.\d s \(cover 4 packages \d+\.\d s, plain 1 package \d+\.\d s\)$/m);
  expect(log).toMatch(/^Total time: \d+\.\d s$/m);
  expect(first.report.totalSeconds).toBeGreaterThan(first.report.warm.seconds + first.report.restore.seconds);

  const second = await wholeJob(scenario, { cold: true });
  expect(second.main.outputs).toMatchObject({
    'cache-hit': 'true',
    'cache-primary-key': primary,
    'cache-matched-key': key,
    'warm-outcome': 'skipped',
    'warm-duration': '0.000',
  });
  expect(second.compiled).toEqual([]);
  expect(second.report.restore).toMatchObject({
    outcome: 'exact',
    objects: first.report.sweep.keptObjects,
    bytes: first.report.sweep.keptBytes,
  });
  expect(second.report.warm).toMatchObject({ outcome: 'skipped', reason: 'the restored set is exact' });
  expect(second.report.save.outcome).toBe('skipped');
  expect([scenario.setKeys(), scenario.baseKeys()]).toEqual([[key], [base]]);
});

test('a change in one package restores by prefix, compiles what it touches, sweeps what it replaces', async () => {
  const scenario = await Scenario.start();
  const first = await wholeJob(scenario);
  scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 3 - 2 }\n' });
  const second = await wholeJob(scenario, { cold: true });
  expect(second.main.outputs).toMatchObject({
    'cache-hit': 'false',
    'cache-matched-key': first.report.save.key,
  });
  expect(second.report.restore.outcome).toBe('partial');
  expect(second.compiled).toEqual([]);
  expect(second.report.sweep.droppedObjects).toBeGreaterThan(0);
  expect(second.report.save.outcome).toBe('saved');
  // The set does not grow: it is what the first run's was, but for what is compiled otherwise. Module indexes may come: Go makes
  // none of files that are younger than two seconds (modindex.go).
  const archives = ({ report }: typeof first) => report.set?.classes['archive']?.objects;
  expect(archives(second)).toBe(archives(first));
  expect(archives(first)).toBeGreaterThan(0);
  expect(second.report.sweep.keptBytes / first.report.sweep.keptBytes).toBeCloseTo(1, 2);

  const third = await wholeJob(scenario, { cold: true });
  expect(third.report.restore).toMatchObject({ outcome: 'exact', matchedKey: second.report.save.key });
  expect(third.compiled).toEqual([]);
});

test('a change outside the build is an exact hit; an added embedded file is not', async () => {
  const scenario = await Scenario.start();
  await wholeJob(scenario);
  scenario.write({ 'README.md': 'changed\n', 'docs/new.txt': 'new\n', 'core/testdata/x.txt': 'data\n' });
  expect((await wholeJob(scenario, { cold: true })).report.restore.outcome).toBe('exact');
  scenario.write({
    'leaf/data.txt': 'embedded\n',
    'leaf/embed.go': 'package leaf\n\nimport _ "embed"\n\n//go:embed data.txt\nvar Data string\n',
  });
  const changed = await wholeJob(scenario);
  expect(changed.report.restore.outcome).toBe('partial');
  scenario.write({ 'leaf/data.txt': 'embedded, changed\n' });
  expect((await wholeJob(scenario)).report.restore.outcome).toBe('partial');
});

test('several module directories are warmed each in its own, and count together', async () => {
  const scenario = await Scenario.start({
    files: {
      'services/a/go.mod': 'module example.com/a\n\ngo 1.24\n',
      'services/a/a.go': 'package a\n',
      'services/a/a_test.go': 'package a\n\nimport "testing"\n\nfunc TestA(t *testing.T) {}\n',
      'services/b/go.mod': 'module example.com/b\n\ngo 1.24\n',
      'services/b/b.go': 'package b\n',
    },
  });
  const job = scenario.job({ with: { 'working-directory': 'services/*' } });
  const main = await job.main();
  expect(main.exitCode).toBe(0);
  expect(main.outputs).toMatchObject({ 'cover-package-count': '2', 'plain-package-count': '0' });
  expect(job.report().warm.passes.map((pass) => pass.command.at(-1))).toEqual([
    'example.com/a',
    'example.com/b',
  ]);
  expect(visible(main).join('\n')).toContain(
    './tests/... matches nothing in services/a: there is no such directory',
  );
});

test('GOCACHE is our own directory by default, and is exported to later steps', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job({ cold: true, with: { warm: 'never', name: 'unit-race' } });
  await job.main();
  expect(job.gocache).toContain('unit-race');
  expect((await job.go('env', 'GOCACHE')).stdout.trim()).toBe(job.gocache);
  expect(existsSync(job.gocache)).toBe(true);
  expect([...classesOf(job.gocache, scan(job.gocache)).values()]).not.toContain('archive');
});
