import { chmodSync, cpSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { given, helperKeys, moduleWithHelpers, run, said } from './helpers.ts';
import { type JobOptions, Scenario, visible } from './scenario.ts';

test('helpers-dir in the workspace: a warning where git does not ignore it', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers({ '.gitignore': 'bin/\n' }) });
  const job = scenario.job();
  await job.runner.exec('git', ['init', '-q']);
  for (const [directory, warnings] of [
    ['bin', []],
    ['out/tools', ['out/tools']],
  ] as const) {
    const one = scenario.job({ with: { ...given, 'helpers-dir': directory, save: 'never' } });
    const main = await one.main();
    expect(existsSync(join(scenario.workspace, directory, 'gen'))).toBe(true);
    const texts = main.annotations.map(({ message }) => message);
    expect(texts).toEqual(
      warnings.map(
        (where) =>
          `helpers-dir ${where} is inside the workspace, and git does not ignore it: add it to .gitignore, or leave the input out`,
      ),
    );
  }
});

test('a stale program in helpers-dir is replaced, also beside an exact set', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  const more = { 'helpers-dir': join(scenario.home, 'tools') };
  await run(scenario, { with: more });
  const kept = join(scenario.home, 'old-gen');
  cpSync(join(scenario.home, 'tools', 'gen'), kept);
  scenario.write({ 'deep/deep.go': 'package deep\n\nfunc Value() int { return 9 }\n' });
  await run(scenario, { cold: true, with: more });
  cpSync(kept, join(scenario.home, 'tools', 'gen'));
  const { job, report } = await run(scenario, { cold: true, with: more });
  expect(report?.restore.outcome).toBe('exact');
  expect(await said(job, 'gen')).toBe('generate 9');
});

test('a helper that the job has changed is not saved', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  const job = scenario.job({ with: given });
  const main = await job.main();
  await job.go('test', '-cover', './core', './leaf');
  rmSync(join(main.outputs['helpers-dir'] ?? '', 'gen'));
  const { report } = await job.post();
  expect(report.helpers?.save).toMatchObject({
    outcome: 'skipped',
    reason: expect.stringMatching(/^the job has changed .*gen$/),
  });
});

test('where nothing is kept there are helpers all the same', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  const gocache = join(scenario.home, 'machines-own');
  cpSync(inject('warmGocache'), gocache, { recursive: true });
  // A program that keeps nothing.
  const program = join(scenario.home, 'prog.mjs');
  writeFileSync(
    program,
    '#!' +
      process.execPath +
      "\nimport { createInterface } from 'node:readline';\n" +
      "const say = (one) => console.log(JSON.stringify(one));\nsay({ ID: 0, KnownCommands: ['get', 'close'] });\n" +
      "for await (const line of createInterface({ input: process.stdin })) {\n  if (line === '') continue;\n" +
      '  const { ID, Command } = JSON.parse(line);\n  say({ ID, Miss: true });\n' +
      "  if (Command === 'close') process.exit(0);\n}\n",
  );
  chmodSync(program, 0o755);
  const job = scenario.job({ env: { GOCACHEPROG: program, GOCACHE: gocache }, with: given });
  const main = await job.main();
  expect(main.annotations.map(({ level }) => level)).toEqual(['warning']);
  expect(main.outputs).toMatchObject({ 'helper-count': '2', gocache: '' });
  expect(await said(job, 'gen')).toBe('generate 7');
  expect((await job.post()).report).toMatchObject({
    restore: { outcome: 'disabled' },
    helpers: { save: null },
  });
  expect(helperKeys(scenario)).toEqual([]);
});

test('go run leaves nothing in the stored set, and a job that does so on an exact one saves nothing', async () => {
  const scenario = await Scenario.start();
  const withRun = async (options: JobOptions = {}) => {
    const job = scenario.job(options);
    await job.main();
    await job.tests();
    expect((await job.go('run', './cmd/tool')).exitCode).toBe(0);
    return { job, post: await job.post() };
  };
  const first = await withRun();
  expect(first.post.report.save.outcome).toBe('saved');
  expect(first.post.report.set?.notStored.objects).toBe(2);
  expect(first.post.report.set?.notStored.bytes).toBeGreaterThan(1_000_000);
  expect(first.post.report.history[0]?.rawBytes).toBe(
    first.post.report.sweep.keptBytes - (first.post.report.set?.notStored.bytes ?? 0),
  );
  expect(visible(first.post).join('\n')).toMatch(
    /^Not stored, since go run or go tool linked it: tool \([\d.]+ MB\)\. The input helpers/m,
  );

  const second = scenario.job({ cold: true });
  await second.main();
  expect(second.report().restore.outcome).toBe('exact');
  const executables = () => readdirSync(second.gocache, { recursive: true }).map(String);
  // Coverage's own tool is there, the job's program is not.
  expect(executables().filter((name) => /-d\/covdata$/.test(name))).toHaveLength(1);
  expect(executables().filter((name) => /-d\/tool$/.test(name))).toEqual([]);
  await second.tests();
  await second.go('run', './cmd/tool');
  const { report } = await second.post();
  expect(report.save).toMatchObject({
    outcome: 'skipped',
    reason: 'the restored set is exact, and nothing was compiled that it lacks',
  });
  const kept = await withRun({ cold: true, with: { 'keep-executables': 'true' } });
  expect(kept.post.report.set?.notStored).toEqual({ objects: 0, bytes: 0 });
  expect(kept.post.report.save.outcome).toBe('saved');
  const last = scenario.job({ cold: true });
  await last.main();
  const tool = readdirSync(last.gocache, { recursive: true, withFileTypes: true }).find(
    ({ name, parentPath }) => name === 'tool' && parentPath.endsWith('-d'),
  );
  expect(statSync(join(tool?.parentPath ?? '', 'tool')).mode & 0o111).not.toBe(0);
});
