import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Scenario } from './scenario.ts';
import { smallModule } from './small-module.ts';

/** Lines of test-commands that are legal and odd: the warm does what the job does, and nothing else. */

async function warmed(
  line: string,
  options: { readonly env?: Record<string, string>; readonly link?: string } = {},
) {
  const { env = {}, link = 'false' } = options;
  const util = (parent: string) => ({
    [`${parent}/util/util.go`]: 'package util\n',
    [`${parent}/util/util_test.go`]:
      'package util\n\nimport (\n\t"os"\n\t"testing"\n)\n\n' +
      'func TestMain(m *testing.M) { os.WriteFile("started", nil, 0o644); os.Exit(m.Run()) }\n\n' +
      'func FuzzIt(f *testing.F) { f.Fuzz(func(t *testing.T, s string) {}) }\n',
  });
  const scenario = await Scenario.start({ files: smallModule({ ...util('a'), ...util('b') }) });
  const before = readdirSync(scenario.workspace, { recursive: true }).sort();
  // One package is left to the job by default.
  const job = scenario.job({ with: { 'test-commands': line, link, warm: 'always' }, env });
  const main = await job.main();
  expect(main.exitCode, main.log).toBe(0);
  expect(readdirSync(scenario.workspace, { recursive: true }).sort()).toEqual(before);
  return { scenario, job, main };
}

describe.each(['false', 'true'])(
  'link: %s: no test binary is started, nothing is written, 0 compiles after it',
  (link) => {
    test.each([
      ['binaries of one name that go nowhere', ['-c', '-o', '/dev/null', './...']],
      ['binaries that are kept', ['-c', '-o', 'bin/', './a/util', './leaf']],
      ['fuzzing', ['-fuzz=FuzzIt', '-fuzztime=1x', './a/util']],
      ['files', ['-coverpkg=./...', 'core/core.go', 'core/core_test.go']],
      ['a -coverpkg that names no package', ['-coverpkg=./...,example.com/small/gone', './core']],
      ['a -C', ['-C', 'core', '-run', 'TestSum', '.']],
    ])('%s', async (_, words) => {
      const { job } = await warmed(['go', 'test', ...words].join(' '), { link });
      const ran = await job.go('test', ...words);
      expect(ran.exitCode, ran.log).toBe(0);
      expect(ran.compiled).toEqual([]);
    });
  },
);

test('the files of a command count as content', async () => {
  const line = 'go test -coverpkg=./... core/core.go core/core_test.go';
  const { scenario, job } = await warmed(line);
  await job.go('test', ...line.split(' ').slice(2));
  await job.post();
  scenario.write({ 'core/core.go': `${smallModule()['core/core.go']}\nvar X = 1\n` });
  const next = scenario.job({ with: { 'test-commands': line, warm: 'always' } });
  await next.main();
  expect(next.report().restore.outcome).toBe('partial');
  expect((await next.go('test', ...line.split(' ').slice(2))).compiled).toEqual([]);
});

test('an assignment that Go does not obey is in no file and no log, and changes no key', async () => {
  const line = (token: string) => `SECRET_TOKEN=${token} go test ./leaf`;
  const { scenario, job, main } = await warmed(line('sekret'));
  expect(main.log.replaceAll(/::debug::.*/g, '')).not.toContain('sekret');
  const work = join(job.gocache, '..', 'temp-1', 'gobuild-test', 'default');
  for (const name of readdirSync(work).filter((one) => one.endsWith('.json'))) {
    expect(readFileSync(join(work, name), 'utf8'), name).not.toContain('sekret');
  }
  const other = scenario.job({ with: { 'test-commands': line('other') } });
  const { outputs } = await other.main();
  expect(outputs['cache-primary-key']).toBe(main.outputs['cache-primary-key']);
});

test('a second use of the action has its own shape, also where the first one traces', async () => {
  const { scenario, job } = await warmed('go test ./leaf');
  const plain = await job.runner.main({ with: { name: 'second', 'test-commands': 'go test ./a/util' } });
  const traced = scenario.job({ with: { 'test-commands': 'go test ./leaf', trace: 'true' } });
  await traced.main();
  const second = await traced.runner.main({ with: { name: 'second', 'test-commands': 'go test ./a/util' } });
  expect(second.outputs['cache-primary-key']).toBe(plain.outputs['cache-primary-key']);
  expect(existsSync(join(scenario.workspace, 'a', 'util', 'started'))).toBe(false);
});
