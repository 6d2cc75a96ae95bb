import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, inject, onTestFinished, type TestContext, test } from 'vitest';
import { scan } from '../../src/gocache/scan.ts';
import { Scenario, visible, wholeJob } from './scenario.ts';

/** What the machine can do wrong: its disk and its programs. Kills and clocks have files of their own. */

const changed = { 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 2 - 1 }\n' };

/** A commit whose set is stored, and the next one, which is yet to run. */
async function savedOnce(): Promise<Scenario> {
  const scenario = await Scenario.start();
  expect((await wholeJob(scenario)).report.save.outcome).toBe('saved');
  scenario.write(changed);
  return scenario;
}

/** A real disk of its own, of so many kilobytes; the test is skipped where this user may mount none. */
function makeDisk({ home }: Scenario, kilobytes: number, skip: TestContext['skip']): string {
  const disk = join(home, 'disk');
  mkdirSync(disk);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk], { stdio: 'pipe' });
  } catch (error) {
    skip(`no tmpfs: ${String(error)}`);
  }
  onTestFinished(() => void execFileSync('umount', [disk]));
  return disk;
}

/** The run after the trouble. */
async function expectHealed(scenario: Scenario): Promise<void> {
  const { report, compiled, main } = await wholeJob(scenario, { cold: true });
  expect(main.annotations).toEqual([]);
  expect(report).toMatchObject({ restore: { outcome: 'partial' }, save: { outcome: 'saved' } });
  expect(compiled).toEqual([]);
}

describe('a full disk (skipped where no tmpfs can be mounted)', () => {
  // The archive takes 15 MB, the pack that is in it as much again.
  test.for([
    {
      ...{ what: 'the download, nor for a pack', kilobytes: 8000 },
      // The base fills the disk; the top that comes at the same time may have no room left either, and is told first then.
      restore:
        / failed: ENOSPC: no space left on device| cannot be unpacked: .* \(tar: .*No space left on device/,
      save: /^part-\d+\.tar\.zst: /,
    },
    {
      ...{ what: 'the pack beside its archive, and the other way round', kilobytes: 22_000 },
      restore: /cannot be unpacked: .* \(tar: .*No space left on device\)/,
      save: /tar' failed .* \(.*No space left on device.*\)$/,
    },
  ])('under RUNNER_TEMP: it has no room for $what', async ({ kilobytes, restore, save }, { skip }) => {
    const scenario = await savedOnce();
    const disk = makeDisk(scenario, kilobytes, skip);
    const { main, post, report, compiled } = await wholeJob(scenario, { temp: join(disk, 'temp') });
    expect([main.exitCode, post.exitCode]).toEqual([0, 0]);
    expect(report.restore).toMatchObject({ outcome: 'failed', objects: 0, bytes: 0 });
    expect(main.annotations).toMatchObject([{ level: 'warning', message: expect.stringMatching(restore) }]);
    expect(compiled).toEqual([]);
    expect(report.save).toMatchObject({ outcome: 'failed', reason: expect.stringMatching(save) });
    expect(post.annotations).toHaveLength(1);
    expect(readdirSync(join(disk, 'temp/gobuild-test/default')).join()).not.toContain('transfer');
    await expectHealed(scenario);
  });

  test('under GOCACHE, during the restore: nothing half restored is left', async ({ skip }) => {
    const scenario = await savedOnce();
    const disk = makeDisk(scenario, 200_000, skip);
    const gocache = join(disk, 'gocache');
    cpSync(inject('warmGocache'), gocache, { recursive: true });
    // What main's own listing keeps there is there already; of files of the last two seconds Go keeps nothing.
    utimesSync(join(scenario.workspace, 'leaf/leaf.go'), 1_700_000_000, 1_700_000_000);
    await scenario.job({ with: { gocache, warm: 'never' }, cache: {} }).main();
    const names = (directory: string) => scan(directory).map(({ name }) => name);
    const before = new Set(names(gocache));
    const lacking = new Set(names(join(scenario.home, 'gocache-1')).filter((name) => !before.has(name)));
    expect(lacking.size).toBeGreaterThan(20);
    writeFileSync(join(disk, 'little'), Buffer.alloc(64_000));
    expect(() => writeFileSync(join(disk, 'much'), Buffer.alloc(250_000_000))).toThrow(/ENOSPC/);
    rmSync(join(disk, 'little'));
    const job = scenario.job({ with: { gocache, warm: 'never' } });
    const main = await job.main();
    expect(main.exitCode).toBe(0);
    expect(job.report().restore).toMatchObject({ outcome: 'failed', matchedKey: null, objects: 0, bytes: 0 });
    expect(main.annotations).toMatchObject([
      {
        level: 'warning',
        message: expect.stringMatching(
          / GOCACHE did not take the entry \S+: part-\d+\.tar\.zst of the base: \S+: ENOSPC: no space left/,
        ),
      },
    ]);
    expect(names(gocache).filter((name) => lacking.has(name))).toEqual([]);
    rmSync(join(disk, 'much'));
    expect(await job.tests()).toContain('example.com/small/core');
    const post = await job.post();
    expect(post.exitCode).toBe(0);
    expect(post.report.save).toMatchObject({ outcome: 'saved', reason: null });
    expect(post.report.save.key).toContain('-unwarmed-');
    await expectHealed(scenario);
  });
});

test('a RUNNER_TEMP that cannot be written: nothing is done, with one warning, and Go keeps its own cache', async () => {
  const scenario = await Scenario.start();
  const job = scenario.job({ cold: true });
  // Nobody can make a directory below a file, root included.
  writeFileSync(join(scenario.home, 'temp-1/gobuild-test'), '');
  const main = await job.main();
  expect(main.exitCode).toBe(0);
  expect(main.annotations).toMatchObject([
    {
      level: 'warning',
      message: expect.stringMatching(/^gobuild-test does nothing: RUNNER_TEMP cannot be written: E[A-Z]+: /),
    },
  ]);
  expect(visible(main)).toHaveLength(1);
  expect(main.env).not.toHaveProperty('GOCACHE');
  const env = { GOCACHE: join(scenario.home, 'gocache') };
  cpSync(inject('warmGocache'), env.GOCACHE, { recursive: true });
  expect((await job.go('test', './...', { env })).exitCode).toBe(0);
  const post = await job.runner.post();
  expect([post.exitCode, visible(post)]).toEqual([0, []]);
});

test.for([
  { what: 'with a set in it', directory: 'full' },
  { what: 'that is empty', directory: 'empty' },
  { what: 'that cannot even be made', directory: 'empty/new' },
])(
  'a read-only GOCACHE $what: nothing is done, with one warning, and the job keeps its own',
  async ({ directory }, { skip }) => {
    const scenario = await savedOnce();
    const disk = makeDisk(scenario, 400_000, skip);
    cpSync((await wholeJob(scenario)).job.gocache, join(disk, 'full'), { recursive: true });
    mkdirSync(join(disk, 'empty'));
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const stored = scenario.setKeys();
    const job = scenario.job({ with: { gocache: join(disk, directory) } });
    const main = await job.main();
    expect(main.exitCode).toBe(0);
    const reason = expect.stringMatching(/^GOCACHE cannot be written: E[A-Z]+: /);
    expect(main.annotations).toMatchObject([
      {
        level: 'warning',
        message: expect.stringMatching(/^gobuild-test does nothing: GOCACHE cannot be written: E[A-Z]+: /),
      },
    ]);
    expect(main.env).not.toHaveProperty('GOCACHE');
    const env = { GOCACHE: join(scenario.home, 'gocache') };
    cpSync(inject('warmGocache'), env.GOCACHE, { recursive: true });
    expect((await job.go('test', './...', { env })).exitCode).toBe(0);
    const { report, ...post } = await job.post();
    expect([post.exitCode, post.annotations]).toEqual([0, []]);
    expect(report).toMatchObject({
      ...{ restore: { outcome: 'disabled', reason }, warm: { outcome: 'skipped', reason } },
      save: { outcome: 'skipped', reason },
    });
    expect(scenario.setKeys()).toEqual(stored);
  },
);

test('a RUNNER_TEMP without room for a file of ours: one warning, and the job goes on', async ({ skip }) => {
  const scenario = await savedOnce();
  const disk = makeDisk(scenario, 64, skip);
  const job = scenario.job({ temp: join(disk, 'temp') });
  writeFileSync(join(disk, 'little'), Buffer.alloc(4096));
  expect(() => writeFileSync(join(disk, 'much'), Buffer.alloc(1_000_000))).toThrow(/ENOSPC/);
  const main = await job.main();
  expect([main.exitCode, main.annotations.map(({ level }) => level)]).toEqual([
    0,
    main.annotations.map(() => 'warning'),
  ]);
  expect(main.annotations.at(-1)?.message).toMatch(
    /^gobuild-test could not finish, the job goes on, and nothing more is saved: ENOSPC: /,
  );
  rmSync(join(disk, 'much'));
  expect((await job.runner.exec('go', ['test', './...'])).exitCode).toBe(0);
  const post = await job.runner.post();
  expect(post.exitCode).toBe(0);
  await expectHealed(scenario);
});

test.each([
  {
    what: 'GOCACHE',
    of: (home: string) => join(home, 'gocache-2'),
    save: ['skipped', /^\d+ objects that the warm used are gone from GOCACHE \(go clean -cache\?\)$/],
  },
  {
    what: 'the work directory',
    of: (home: string) => join(home, 'temp-2/gobuild-test'),
    save: ['failed', /^what main has noted is gone: ENOENT: /],
  },
] as const)('$what is removed by the job: nothing is saved, and the reason told', async ({ of, save }) => {
  const scenario = await savedOnce();
  const job = scenario.job();
  const main = await job.main();
  expect(await job.tests()).toEqual([]);
  rmSync(of(scenario.home), { recursive: true });
  const { report, ...post } = await job.post();
  expect([main.exitCode, post.exitCode]).toEqual([0, 0]);
  const [outcome, reason] = save;
  expect(report.save).toMatchObject({ outcome, reason: expect.stringMatching(reason) });
  expect(post.annotations).toHaveLength(outcome === 'failed' ? 1 : 0);
  expect(report.restore.outcome).toBe('partial');
  await expectHealed(scenario);
});

/** A PATH with all programs of this machine but some. */
function pathWithout({ home }: Scenario, missing: RegExp): { PATH: string } {
  const bin = join(home, 'bin');
  mkdirSync(bin);
  const programs = new Map<string, string>();
  for (const directory of (process.env['PATH'] ?? '').split(delimiter).reverse()) {
    for (const name of list(directory)) programs.set(name, join(directory, name));
  }
  for (const [name, path] of programs) if (!missing.test(name)) symlinkSync(path, join(bin, name));
  return { PATH: bin };
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return []; // PATH may name what is not there.
  }
}

describe.skipIf(process.platform === 'win32')('a program that is not there (skipped on Windows)', () => {
  test('no zstd: sets of a version of their own, which only runners without zstd find', async () => {
    const scenario = await savedOnce();
    const zstd = scenario.setKeys();
    const env = pathWithout(scenario, /zstd/);
    const first = await wholeJob(scenario, { env });
    expect(first.main.annotations).toEqual([]);
    // It is a miss and no fault: such a runner cannot read what the other has stored, and is not offered it.
    expect(first.report).toMatchObject({
      ...{ restore: { outcome: 'miss', matchedKey: null }, save: { outcome: 'saved', reason: null } },
    });
    expect(first.compiled).toEqual([]);
    const again = await wholeJob(scenario, { env, cold: true });
    expect(again.report.restore).toMatchObject({ outcome: 'exact', matchedKey: first.report.save.key });
    expect(again.compiled).toEqual([]);
    const withZstd = await wholeJob(scenario, { cold: true });
    expect(withZstd.report.restore).toMatchObject({ outcome: 'partial', matchedKey: zstd[0] });
    expect(withZstd.compiled).toEqual([]);
  });

  test('no tar: told, and the job goes on', async () => {
    const scenario = await savedOnce();
    const { main, post, report, compiled } = await wholeJob(scenario, {
      env: pathWithout(scenario, /^(g|bsd)?tar$/),
    });
    expect([main.exitCode, post.exitCode]).toEqual([0, 0]);
    expect(main.annotations).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/cannot be unpacked: .*Unable to locate.* tar\b/) },
    ]);
    expect(report).toMatchObject({
      restore: { outcome: 'failed', objects: 0 },
      save: { outcome: 'failed', reason: expect.stringMatching(/Unable to locate.* tar\b/) },
    });
    expect(compiled).toEqual([]);
    await expectHealed(scenario);
  });
});
