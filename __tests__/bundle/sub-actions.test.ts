import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../src/report/report.ts';
import { Scenario, visible, wholeJob } from './scenario.ts';

const root = resolve(import.meta.dirname, '../..');
const [restore, save] = [join(root, 'restore'), join(root, 'save')];

/** A job with restore/ at its start; `save` is the step that ends it. */
function jobOf(scenario: Scenario, options: Parameters<Scenario['job']>[0] = {}) {
  const job = scenario.job({ action: restore, ...options });
  return { job, save: (given: Inputs = {}) => job.runner.another(save).main({ with: given }) };
}

type Inputs = Readonly<Record<string, string>>;

const nothing = { saved: 'false', 'cache-key': '', 'saved-bytes': '0' };

test('restore/ restores and warms; save/ sweeps and saves what is then exact', async () => {
  const scenario = await Scenario.start();
  const first = jobOf(scenario);
  const main = await first.job.main();
  expect(main.exitCode).toBe(0);
  expect(main.state).toEqual({});
  expect(await first.job.post()).toMatchObject({ skipped: true });
  expect(await first.job.tests()).toEqual([]);
  expect(scenario.setKeys()).toEqual([]);

  const saved = await first.save({ 'job-status': 'success' });
  const [key] = scenario.setKeys();
  const report = first.job.report();
  expect(saved.outputs).toEqual({
    ...{ saved: 'true', reason: '', 'cache-key': key, report: main.outputs['report'] },
    'saved-bytes': String(report.save.bytes),
    'set-bytes': String(report.set?.bytes),
    'swept-bytes': String(report.sweep.droppedBytes),
    'compiled-after-warm': '0',
  });
  expect(Number(saved.outputs['set-bytes'])).toBeGreaterThan(Number(saved.outputs['saved-bytes']));

  const second = jobOf(scenario, { cold: true });
  const exact = await second.job.main();
  expect(exact.outputs).toMatchObject({ 'cache-hit': 'true', 'cache-matched-key': key });
  expect(await second.job.tests()).toEqual([]);
  const unsaved = await second.save();
  expect(unsaved.outputs).toMatchObject({
    ...nothing,
    reason: 'the restored set is exact, and nothing was compiled that it lacks',
  });
});

test('the whole action and the sub-actions restore what the other has saved', async () => {
  const scenario = await Scenario.start();
  await wholeJob(scenario);
  const { job } = jobOf(scenario);
  expect((await job.main()).outputs['cache-hit']).toBe('true');
});

test('what the job compiled after the warm is counted; on-miss: fail fails the step after the save', async () => {
  const scenario = await Scenario.start();
  const { job, save: end } = jobOf(scenario);
  await job.main();
  await job.go('build', '-tags=other', './cmd/tool');
  const done = await end({ 'on-miss': 'fail' });
  expect(done).toMatchObject({ exitCode: 1, outputs: { saved: 'true' } });
  expect(Number(done.outputs['compiled-after-warm'])).toBe(job.report().reuse?.compiled.objects);
});

describe('save/ decides by its own inputs', () => {
  test.each([
    { given: { save: 'never' }, reason: 'the input save is never' },
    { given: { 'max-size': '1kB' }, reason: expect.stringContaining('max-size is 1.0 kB') },
    { given: {}, ref: 'refs/heads/topic', reason: expect.stringContaining('not the default branch') },
  ])('$given $ref', async ({ given, ref, reason }) => {
    const scenario = await Scenario.start();
    const { job, save: end } = jobOf(scenario, ref === undefined ? {} : { ref });
    await job.main();
    await job.tests();
    expect(await end(given)).toMatchObject({ exitCode: 0, outputs: { ...nothing, reason } });
  });

  test('and by its own token: the older entry is deleted, and the token is in no file', async () => {
    const scenario = await Scenario.start();
    await wholeJob(scenario);
    scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return 3 - 2 }\n' });
    const token = scenario.server.apiToken('write');
    const { job, save: end } = jobOf(scenario, { token });
    const main = await job.main();
    const [older] = scenario.setKeys();
    await job.tests();
    const state = join(main.outputs['report'] ?? '', '..', 'state.json');
    expect(readFileSync(state, 'utf8')).not.toContain(token);
    await end();
    expect(scenario.setKeys()).toHaveLength(1);
    expect(scenario.setKeys()).not.toContain(older);
    expect(existsSync(state)).toBe(false);
  });
});

describe('two uses in one job', () => {
  test('are ended each by its own name', async () => {
    const scenario = await Scenario.start();
    const { job, save: end } = jobOf(scenario, { with: { name: 'one' } });
    await job.main();
    await job.tests();
    const { outputs } = await end({ name: 'one' });
    const other = job.runner.another(restore);
    await other.main({ with: { name: 'two', warm: 'never' } });
    const second = await end({ name: 'two' });
    expect(outputs['cache-key']).toContain('-one-');
    expect(second.outputs).toMatchObject({ ...nothing, reason: 'no go command of the job used the cache' });
  });
});

describe('save/ has nothing that it could end', () => {
  test.each([
    {
      title: 'no restore/',
      given: {},
      message: 'no step of this job has restored a set under the name "default": put',
    },
    { title: 'a device', given: { name: 'nul' }, message: 'is a device name on Windows' },
  ])('$title', async ({ given, message }) => {
    const scenario = await Scenario.start();
    const done = await scenario.job({ action: save, with: { gocache: '-', ...given } }).main();
    expect(done).toMatchObject({ exitCode: 1, outputs: {} });
    expect(done.annotations[0]?.message).toContain(message);
  });

  test('another name, and a second time', async () => {
    const scenario = await Scenario.start();
    const { job, save: end } = jobOf(scenario);
    await job.main();
    const other = await end({ name: 'other' });
    expect(other.annotations[0]?.message).toContain('under the name "other" (there are "default"): put one');
    await job.tests();
    expect((await end()).outputs['saved']).toBe('true');
    const gocache = readFileSync(join(job.gocache, 'trim.txt'), 'utf8');
    const again = await end();
    expect(again).toMatchObject({ exitCode: 1, outputs: {} });
    expect(again.annotations[0]?.message).toContain(
      '"default" has been saved by an earlier step of this job',
    );
    expect(readFileSync(join(job.gocache, 'trim.txt'), 'utf8')).toBe(gocache);
    expect(await job.tests()).toEqual([]);
  });

  test('the whole action, which has its own post step', async () => {
    const scenario = await Scenario.start();
    const job = scenario.job();
    await job.main();
    await job.tests();
    const done = await job.runner.another(save).main();
    expect(done).toMatchObject({ exitCode: 0, outputs: nothing });
    expect(visible(done).join('\n')).toContain('or is the whole action, which saves at the end of the job');
    expect((await job.post()).report.save.outcome).toBe('saved');
  });
});

describe('save/ says the truth where restore/ went wrong', () => {
  test('its warm failed', async () => {
    const scenario = await Scenario.start();
    scenario.write({ 'leaf/leaf.go': 'package leaf\n\nfunc One() int { return x }\n' });
    const { job, save: end } = jobOf(scenario);
    expect((await job.main()).exitCode).toBe(1);
    const done = await end({ 'job-status': 'failure' });
    expect(done).toMatchObject({ exitCode: 0, outputs: { ...nothing, reason: 'the warm did not succeed' } });
    expect(scenario.setKeys()).toEqual([]);
  });

  test('GOCACHEPROG is set', async () => {
    const scenario = await Scenario.start();
    const { job, save: end } = jobOf(scenario, { env: { GOCACHEPROG: 'some program' } });
    await job.main();
    const done = await end();
    expect(done).toMatchObject({ exitCode: 0, outputs: { ...nothing, 'set-bytes': '' } });
    expect(done.outputs['reason']).toContain('GOCACHEPROG is set');
  });

  test.each([
    { title: 'gone', change: (file: string) => rmSync(file), reason: 'left no state' },
    { title: 'cut', change: (file: string) => writeFileSync(file, '{"sch'), reason: 'cannot be read' },
    {
      title: 'of another version',
      change: (file: string) => writeFileSync(file, '{"schema":0}'),
      reason: 'another version',
    },
  ])('its state file is $title', async ({ change, reason }) => {
    const scenario = await Scenario.start();
    const { job, save: end } = jobOf(scenario, { with: { warm: 'never' } });
    const main = await job.main();
    const before: Report = job.report();
    change(join(main.outputs['report'] ?? '', '..', 'state.json'));
    const done = await end();
    expect(done).toMatchObject({ exitCode: 0, outputs: nothing });
    expect(done.outputs['reason']).toContain(reason);
    expect(done.annotations).toMatchObject([{ level: 'warning' }]);
    expect(job.report()).toEqual(before);
  });

  test('the job has failed since', async () => {
    const scenario = await Scenario.start();
    const { job, save: end } = jobOf(scenario);
    await job.main();
    const done = await end({ 'job-status': 'failure' });
    expect(done.outputs).toMatchObject({ saved: 'true', 'swept-bytes': '0' });
    expect(done.outputs['cache-key']).toContain('-unwarmed-');
  });
});
