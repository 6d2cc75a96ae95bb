import { hash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compiledPackages, links } from '../../local/graph.ts';
import { writePack } from '../../src/pack/write.ts';
import { repack } from '../helpers/repack.ts';
import { given, helperKeys, moduleWithHelpers, program, run, said } from './helpers.ts';
import { type Job, Scenario, visible } from './scenario.ts';

async function buildAgain(job: Job, directory: string) {
  const graph = join(directory, '..', 'again.json');
  const args = [
    'build',
    '-buildvcs=false',
    '-ldflags=-s -w',
    `-debug-actiongraph=${graph}`,
    '-o',
    `${directory}/`,
  ];
  expect((await job.runner.exec('go', [...args, './scripts/typings'])).exitCode).toBe(0);
  return { compiled: compiledPackages(graph), linked: links(graph) };
}
test('helpers are built, on PATH, and saved as an entry of their own; the next job restores them and builds nothing', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  const first = await run(scenario);
  const directory = first.main.outputs['helpers-dir'] ?? '';
  expect(readdirSync(directory).sort()).toEqual(['gen', 'typings']);
  expect(first.main.outputs['helper-count']).toBe('2');
  expect(first.main.path).toEqual([directory]);
  expect(await said(first.job, 'typings')).toBe('typings 1');
  expect(await said(first.job, 'gen')).toBe('generate 7');
  expect(first.report?.helpers).toMatchObject({
    ...{ outcome: 'miss', matchedKey: null, save: { outcome: 'saved' } },
    programs: [
      { name: 'typings', package: 'example.com/small/scripts/typings', built: true },
      { name: 'gen', package: 'example.com/small/internal/cmd/generate', built: true },
    ],
  });
  expect(helperKeys(scenario)).toEqual([first.report?.helpers?.save?.key]);

  const second = await run(scenario, { cold: true });
  expect(second.report?.restore.outcome).toBe('exact');
  expect(second.report?.helpers).toMatchObject({
    ...{ outcome: 'exact', matchedKey: helperKeys(scenario)[0], buildSeconds: 0 },
    programs: [{ built: false }, { built: false }],
    save: { outcome: 'skipped', reason: 'those of the same content were restored' },
  });
  expect(visible(second.main).join('\n')).not.toContain('go build');
  expect(await said(second.job, 'gen')).toBe('generate 7');
  const there = second.main.outputs['helpers-dir'] ?? '';
  // Go takes them for current as well, and finds their packages in the set.
  expect(await buildAgain(second.job, there)).toEqual({ compiled: [], linked: [] });
  expect(second.report?.save.outcome).toBe('skipped');
});

test('what a helper is compiled from counts; where another changes, Go proves it and its packages stay in the set', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  const first = await run(scenario);
  scenario.write({ 'deep/deep.go': 'package deep\n\nfunc Value() int { return 8 }\n' });
  const second = await run(scenario, { cold: true });
  // The content of helpers is part of the set's.
  expect(second.report?.restore).toMatchObject({ outcome: 'partial', matchedKey: first.report?.save.key });
  expect(second.report?.helpers).toMatchObject({
    outcome: 'partial',
    programs: [
      { name: 'typings', built: false },
      { name: 'gen', built: true },
    ],
    save: { outcome: 'saved' },
  });
  expect(await said(second.job, 'gen')).toBe('generate 8');
  expect(await said(second.job, 'typings')).toBe('typings 1');

  // A change that is no helper's: the set is swept, and what helpers need of it stays.
  scenario.write({
    'core/core.go': `${readFileSync(join(scenario.workspace, 'core/core.go'))}\nvar X = 1\n`,
  });
  const third = await run(scenario, { cold: true });
  expect(third.report?.restore.outcome).toBe('partial');
  expect(third.report?.helpers).toMatchObject({
    outcome: 'exact',
    programs: [{ built: false }, { built: false }],
  });
  expect(third.report?.helpers?.buildSeconds).toBeGreaterThan(0);
  expect(third.report?.sweep.droppedObjects).toBeGreaterThan(0);
  scenario.write({ 'internal/cmd/generate/main.go': program('generate anew') });
  const fourth = scenario.job({ cold: true, with: given });
  await fourth.main();
  expect(fourth.report().helpers).toMatchObject({ programs: [{ built: false }, { built: true }] });
  const graph = join(fourth.gocache, '..', 'graph.json');
  const build = [
    'build',
    '-buildvcs=false',
    '-ldflags=-s -w',
    `-debug-actiongraph=${graph}`,
    '-o',
    '/dev/null',
  ];
  expect((await fourth.runner.exec('go', [...build, './internal/cmd/generate'])).exitCode).toBe(0);
  expect(compiledPackages(graph)).toEqual([]);
});

test('a broken entry of helpers costs a link, and is replaced', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  await run(scenario);
  const [key = ''] = helperKeys(scenario);
  await scenario.server.corrupt(key, (bytes) => bytes.subarray(0, bytes.length / 2));
  const { main, report, job } = await run(scenario, { cold: true });
  expect(main.exitCode).toBe(0);
  expect(report?.helpers).toMatchObject({
    ...{ outcome: 'failed', matchedKey: key, programs: [{ built: true }, { built: true }] },
    save: { outcome: 'saved' },
  });
  expect(await said(job, 'typings')).toBe('typings 1');
  expect((await run(scenario, { cold: true })).report?.helpers).toMatchObject({
    ...{ outcome: 'exact', programs: [{ built: false }, { built: false }], save: { outcome: 'skipped' } },
  });
});

test('an entry of files that are no programs costs a link', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  await run(scenario);
  const [key = ''] = helperKeys(scenario);
  const script = '#!/bin/sh\necho poisoned\n';
  const path = join(scenario.home, 'script');
  writeFileSync(path, script);
  const name = `${hash('sha256', script)}/typings`;
  const poison = join(scenario.home, 'poison');
  await writePack({ directory: poison, files: [{ name, path, bytes: script.length }] });
  await scenario.server.corrupt(key, (bytes) =>
    repack(bytes, (pack) => {
      rmSync(pack, { recursive: true });
      cpSync(poison, pack, { recursive: true });
    }),
  );
  scenario.write({ 'scripts/typings/main.go': program('typings again') });
  const { main, report, job } = await run(scenario, { cold: true });
  expect([main.exitCode, report?.helpers?.outcome]).toEqual([0, 'partial']);
  expect(await said(job, 'typings')).toBe('typings again 1');
});

test('the warm is not blamed for what only the helpers needed', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  const { report } = await run(scenario);
  expect(report?.reuse?.wasted.objects).toBe(0);
});
