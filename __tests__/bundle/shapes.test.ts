import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { scan } from '../../src/gocache/scan.ts';
import { type JobOptions, Scenario, visible } from './scenario.ts';
import { smallModule } from './small-module.ts';

/** Each test writes beside it that it ran, so that a warm that starts one is caught. */
const telling = (name: string, body: string): string =>
  `package ${name}\n\nimport (\n\t"os"\n\t"testing"\n)\n\n` +
  'func TestMain(m *testing.M) {\n\tos.WriteFile("started", nil, 0o644)\n\tos.Exit(m.Run())\n}\n\n' +
  `func TestIt(t *testing.T) { ${body} }\n`;

const files = smallModule({
  'leaf/leaf_test.go': telling('leaf', 'One()'),
  'tests/smoke/smoke_test.go': telling('smoke', ''),
});
const path = (name: string): string => `example.com/small/${name}`;
const measured = ['cmd/tool', 'core', 'leaf', 'plainlib'].map(path);
const each = (name: string) => ['test', `-coverpkg=${path(name)}`, path(name)];
const racing = ['-race', '-covermode=atomic'];

type Row = readonly [string, JobOptions['with'], readonly (readonly string[])[]];
const rows: readonly Row[] = [
  [
    'self',
    {},
    [
      ['test', '-cover', ...measured],
      ['test', './tests/...'],
    ],
  ],
  [
    'self, linked',
    { link: 'true' },
    [
      ['test', '-cover', ...measured],
      ['test', './tests/...'],
    ],
  ],
  [
    'self -race -covermode=atomic',
    { 'build-flags': racing.join(' ') },
    [
      ['test', '-cover', ...racing, ...measured],
      ['test', '-race', './tests/...'],
    ],
  ],
  ['each', { 'cover-shape': 'each' }, [each('core'), each('leaf'), ['test', './tests/...']]],
  [
    'coverpkg',
    { coverpkg: './...' },
    [
      ['test', '-coverpkg=./...', '-coverprofile=cover.out', ...measured],
      ['test', './tests/...'],
    ],
  ],
  ['test-commands: a plain run', { 'test-commands': 'go test ./...' }, [['test', './...']]],
  [
    'test-commands: with a profile of coverage, and vet and build beside it',
    {
      'test-commands':
        'go test -coverpkg=./... -coverprofile=cover.out -v ./... # the tests\ngo vet ./...\ngo build -o tool ./cmd/tool\n',
    },
    [
      ['test', '-coverpkg=./...', '-coverprofile=cover.out', '-v', './...'],
      ['vet', './...'],
      ['build', '-o', 'tool', './cmd/tool'],
    ],
  ],
  [
    'test-commands: gotestsum, an assignment, a directory, and a profile that keeps the binary',
    {
      'test-commands':
        'gotestsum --format=dots -- -cover ./core\nCGO_ENABLED=0 go test -count=1 ./leaf\ngo test -C core -cpuprofile=cpu.out .',
    },
    [
      ['test', '-json', '-cover', './core'],
      ['CGO_ENABLED=0', 'test', '-count=1', './leaf'],
      ['test', '-C', 'core', '-cpuprofile=cpu.out', '.'],
    ],
  ],
];

describe('after the warm the job compiles nothing, its tests pass, and the warm has started none of them', () => {
  test.each(rows)('%s', async (_, given, commands) => {
    const scenario = await Scenario.start({ files, space: ' ' });
    const job = scenario.job({ with: given ?? {} });
    const before = readdirSync(scenario.workspace, { recursive: true }).sort();
    const main = await job.main();
    expect(main.exitCode, main.log).toBe(0);
    expect(main.outputs['warm-outcome']).toBe('warmed');
    if (given?.['link'] === undefined) {
      expect(readdirSync(scenario.workspace, { recursive: true }).sort()).toEqual(before);
      expect(existsSync(join(scenario.workspace, 'leaf', 'started'))).toBe(false);
    }
    for (const words of commands) {
      const assigned = words.filter((word) => /^[A-Z_]+=/.test(word)).map((word) => word.split('='));
      const ran = await job.go(...words.filter((word) => !/^[A-Z_]+=/.test(word)), {
        env: Object.fromEntries(assigned),
      });
      expect(ran.exitCode, ran.log).toBe(0);
      expect(ran.compiled, words.join(' ')).toEqual([]);
    }
    const { report, ...post } = await job.post();
    expect(report.reuse).toMatchObject({ compiled: { objects: 0 }, wasted: { objects: 0 } });
    expect(report.save.outcome, post.log).toBe('saved');
    expect(visible(post).join('\n')).not.toMatch(/compiled .* after the warm|did not use/);
    const empty = scan(job.gocache).filter((one) => one.kind === 'executable' && one.bytes === 0);
    expect(empty).toEqual([]);
  });
});

test("a -toolexec of the user's own is left alone: the warm links beside it", async () => {
  const scenario = await Scenario.start({ files });
  const own = join(scenario.home, 'own.sh');
  writeFileSync(own, '#!/bin/sh\nexec "$@"\n', { mode: 0o755 });
  const job = scenario.job({ env: { GOFLAGS: `-toolexec=${own}` } });
  await job.main();
  expect(job.report().warm.passes.map(({ command }) => command.slice(0, 4))).toEqual([
    ['go', 'test', '-run=^$', '-cover'],
    ['go', 'test', '-run=^$', 'example.com/small/tests/smoke'],
  ]);
  expect(existsSync(join(scenario.workspace, 'leaf', 'started'))).toBe(true);
  expect(await job.tests()).toEqual([]);
});
