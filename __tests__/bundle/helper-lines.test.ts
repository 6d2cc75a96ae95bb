import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { given, helperKeys, moduleWithHelpers, program, run, said } from './helpers.ts';
import { Scenario, visible } from './scenario.ts';

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

test('a tool of another module is a helper, by the word of go.mod', async () => {
  const version = 'v0.0.0-20250915201037-7f05d217867b';
  const files = moduleWithHelpers({
    'go.mod': [
      'module example.com/small\n\ngo 1.24\n',
      'tool golang.org/x/example/hello\n',
      `require golang.org/x/example/hello ${version} // indirect\n`,
    ].join('\n'),
    'go.sum': [
      `golang.org/x/example/hello ${version} h1:+gZE2jOdiscYByu0606Uw8Ldir2Cecd39Vq/3IEasRA=\n`,
      `golang.org/x/example/hello ${version}/go.mod h1:UhUKOXx5fMcLZxwL20DUrWWBBoRYG9Jvc8FiwZhRHCI=\n`,
    ].join(''),
  });
  const scenario = await Scenario.start({ files });
  const { report, job } = await run(scenario, { with: { helpers: 'tool' } });
  expect(report?.helpers?.programs).toMatchObject([{ package: 'golang.org/x/example/hello' }]);
  expect(await said(job, 'hello')).toBe('Hello, world!');
});
