import { hash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, inject, test } from 'vitest';
import { compiledPackages, links } from '../../local/graph.ts';
import { writePack } from '../../src/pack/write.ts';
import { repack } from '../helpers/repack.ts';
import { type Job, type JobOptions, Scenario, visible } from './scenario.ts';
import { type Files, smallModule } from './small-module.ts';

const program = (text: string): string =>
  `package main\n\nimport "example.com/small/leaf"\n\nfunc main() { println("${text}", leaf.One()) }\n`;

/** The small module with two helpers and a library that only one of them needs. */
function moduleWithHelpers(changed: Files = {}): Files {
  return smallModule({
    'go.mod': 'module example.com/small\n\ngo 1.24\n\ntool example.com/small/scripts/typings\n',
    'scripts/typings/main.go': program('typings'),
    'internal/cmd/generate/main.go':
      'package main\n\nimport "example.com/small/deep"\n\nfunc main() { println("generate", deep.Value()) }\n',
    'deep/deep.go': 'package deep\n\nfunc Value() int { return 7 }\n',
    ...changed,
  });
}

const lines = './scripts/typings\ngen=./internal/cmd/generate';
// So that helpers' packages are not the warm's as well.
const given = { helpers: lines, 'cover-packages': './core ./leaf', 'plain-packages': '' };

const helperKeys = (scenario: Scenario): string[] =>
  scenario.server.entries().flatMap(({ key }) => (key.includes('-helpers-') ? [key] : []));

async function run(scenario: Scenario, { with: more = {}, ...options }: JobOptions = {}) {
  const job = scenario.job({ ...options, with: { ...given, ...more } });
  const main = await job.main();
  if (main.exitCode !== 0) return { job, main };
  await job.go('test', '-cover', './core', './leaf');
  const post = await job.post();
  return { job, main, post, report: post.report };
}

const said = async (job: Job, name: string): Promise<string> => {
  const { exitCode, log } = await job.runner.exec(name, []);
  expect(exitCode).toBe(0);
  return log.trim();
};

/** What a build of the helpers into a directory does with the job's GOCACHE. */
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

test('patterns take programs alone: a shell’s, `...` and tool', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  const names = async (helpers: string) => {
    const job = scenario.job({ with: { ...given, helpers, save: 'never' } });
    const main = await job.main();
    expect(main.exitCode).toBe(0);
    return readdirSync(main.outputs['helpers-dir'] ?? '').sort();
  };
  expect(await names('./...')).toEqual(['generate', 'tool', 'typings']);
  expect(await names('./*/typings\nlong-name=./internal/...')).toEqual(['long-name', 'typings']);
  expect(await names('tool')).toEqual(['typings']);
  // What has a name is not built once more.
  expect(await names('gen=./internal/cmd/generate\n./internal/*/...')).toEqual(['gen']);
});

test('helpers run on this machine where the job compiles for another, and build-flags are not theirs', async () => {
  const scenario = await Scenario.start({ files: moduleWithHelpers() });
  const env = { GOOS: 'windows', GOARCH: 'arm64', CC: 'no-such-compiler' };
  const job = scenario.job({ env, with: { ...given, warm: 'never', 'build-flags': '-tags=never' } });
  const main = await job.main();
  expect(main.exitCode).toBe(0);
  expect(await said(job, 'gen')).toBe('generate 7');
});

test('each mistake is one line, before anything is warmed', async () => {
  const scenario = await Scenario.start({
    files: moduleWithHelpers({ 'other/typings/main.go': program('other') }),
  });
  const message = async (helpers: string) => {
    const job = scenario.job({ with: { ...given, helpers } });
    const main = await job.main();
    expect(main.exitCode).toBe(1);
    expect(visible(main).join('\n')).not.toContain('Warm, ');
    const errors = main.annotations.filter(({ level }) => level === 'error');
    expect(errors).toHaveLength(1);
    expect((await job.runner.post()).exitCode).toBe(0);
    return errors[0]?.message;
  };
  expect(await message('./scripts/typings\n./other/...')).toBe(
    'input helpers: two are named typings, example.com/small/scripts/typings and example.com/small/other/typings: ' +
      'give one another name, as in typings2=example.com/small/other/typings',
  );
  expect(await message('./leaf')).toBe(
    'input helpers: ./leaf: example.com/small/leaf is package leaf, not main',
  );
  expect(await message('./nowhere')).toMatch(/^input helpers: \.\/nowhere: .*directory not found$/);
  expect(await message('scripts/typings')).toMatch(/; a directory is written \.\/scripts\/typings$/);
  expect(await message('./tests/*')).toBe('input helpers: ./tests/*: it matches no program (package main)');
  expect(await message('all=./...')).toMatch(
    /^input helpers: all=\.\/\.\.\.: it matches 4 programs, .*: a name is for one$/,
  );
  expect(await message('a/b=./leaf')).toMatch(/^input helpers: .*a name is a file in helpers-dir/);
});

test('a helper that does not compile is told at its place, and fails the step', async () => {
  const scenario = await Scenario.start({
    files: moduleWithHelpers({ 'deep/deep.go': 'package deep\n\nfunc Value() int { return x }\n' }),
  });
  const job = scenario.job({ with: { ...given, 'on-warm-error': 'warn' } });
  const main = await job.main();
  expect(main.exitCode).toBe(1);
  expect(main.annotations).toMatchObject([
    { level: 'error', message: 'undefined: x', properties: { file: 'deep/deep.go', line: '3' } },
    { level: 'error', message: 'helpers cannot be built: deep/deep.go:3: undefined: x' },
  ]);
  expect(visible(main).join('\n')).not.toContain('Warm, ');
  const { report } = await job.post();
  expect(report).toMatchObject({ helpers: null, warm: { outcome: 'failed' }, save: { outcome: 'skipped' } });
  expect(helperKeys(scenario)).toEqual([]);
});

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
