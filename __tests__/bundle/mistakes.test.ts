import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type JobOptions, Scenario, visible } from './scenario.ts';
import { type Files, smallModule } from './small-module.ts';

interface Mistake {
  readonly name: string;
  readonly files?: Files;
  readonly options: JobOptions;
  readonly says: RegExp;
}

const mistakes: readonly Mistake[] = [
  {
    name: 'no Go on PATH',
    options: { env: { PATH: dirname(process.execPath) } },
    says: /^no go on PATH: put a step that installs it before this one/,
  },
  {
    name: 'no go.mod',
    files: { 'README.md': 'x' },
    options: {},
    says: /^input working-directory: "\.": \. holds neither go\.mod nor go\.work/,
  },
  {
    name: 'a directory that is not there',
    options: { with: { 'working-directory': 'nowhere' } },
    says: /^input working-directory: "nowhere": there is no such directory/,
  },
  {
    name: 'a directory outside the workspace',
    options: { with: { 'working-directory': '..' } },
    says: /^input working-directory: "\.\." is outside the workspace/,
  },
  {
    name: 'a flag that Go does not know',
    options: { with: { 'build-flags': '-racy' } },
    says: /^go refuses a flag of build-flags or GOFLAGS: flag provided but not defined: -racy$/,
  },
  {
    name: 'a flag that has no place here',
    options: { with: { 'build-flags': '-run=X' } },
    says: /^input build-flags: "-run=X": -run=X is refused: it decides the run/,
  },
  {
    name: 'a pattern that Go refuses',
    options: { with: { 'cover-packages': 'example.com/other/pkg' } },
    says: /^go refuses a pattern of cover-packages or plain-packages: no required module provides package example\.com\/other\/pkg/,
  },
  {
    name: 'a file for a pattern',
    options: { with: { 'cover-packages': './leaf/leaf.go' } },
    says: /^go refuses a pattern of cover-packages or plain-packages: \.\/leaf\/leaf\.go is a file: name its package$/,
  },
  {
    name: 'a malformed pattern',
    options: { with: { 'cover-packages': './core bad:pattern' } },
    says: /^go refuses a pattern of cover-packages or plain-packages: malformed import path/,
  },
  {
    name: 'a go.mod that Go cannot read',
    files: { ...smallModule(), 'go.mod': 'modul example.com/x\n' },
    options: {},
    says: /^go cannot list the packages in .*: errors parsing go\.mod: go\.mod:1: unknown directive: modul$/,
  },
  {
    name: 'several wrong inputs',
    options: { with: { parallelism: '0', warm: 'yes' } },
    says: /^input parallelism: "0": must be a whole number from 1.*\ninput warm: "yes": must be one of auto, always, never$/,
  },
];

test.each(mistakes)(
  'a mistake fails the step with one clear line: $name',
  async ({ files, options, says }) => {
    const scenario = await Scenario.start(files === undefined ? {} : { files });
    const job = scenario.job({ cold: true, ...options });
    const main = await job.main();
    expect(main.exitCode).toBe(1);
    expect(main.annotations).toMatchObject([{ level: 'error', message: expect.stringMatching(says) }]);
    expect(visible(main).join('\n')).not.toMatch(/^\s+at .*:\d+:\d+/m);
    const post = await job.runner.post();
    expect(post.exitCode).toBe(0);
    expect(visible(post)).toEqual([]);
    expect(scenario.setKeys()).toEqual([]);
  },
);

test.each([
  { pass: 'cover', file: 'core/broken.go', packageName: 'core' },
  { pass: 'plain', file: 'tests/smoke/broken_test.go', packageName: 'smoke' },
])(
  'a compile error in the $pass pass fails the step, is annotated at its place, and nothing is saved',
  async ({ pass, file, packageName }) => {
    const scenario = await Scenario.start({
      files: smallModule({ [file]: `package ${packageName}\n\nvar X int = "text"\n` }),
    });
    const job = scenario.job();
    const main = await job.main();
    expect(main.exitCode).toBe(1);
    expect(main.annotations).toMatchObject([
      // In the cover pass the column is that of the instrumented copy, so none is told.
      { level: 'error', properties: { file, line: '3', ...(pass === 'plain' ? { col: '13' } : {}) } },
      {
        level: 'error',
        message: expect.stringMatching(new RegExp(`^the ${pass} pass failed: ${file}:3: cannot use "text"`)),
      },
    ]);
    expect(main.outputs['warm-outcome']).toBe('failed');
    expect(visible(main).join('\n')).toMatch(
      /^Pre-warm: \d+\.\d s \(.*failed: the (cover|plain) pass failed/m,
    );
    const { report, exitCode } = await job.post({ jobStatus: 'failure' });
    expect(exitCode).toBe(0);
    expect(report.warm).toMatchObject({
      outcome: 'failed',
      reason: expect.stringContaining(`the ${pass} pass failed`),
    });
    expect(report.save).toMatchObject({ outcome: 'skipped', reason: 'the warm did not succeed' });
    expect(scenario.server.entries()).toEqual([]);
  },
);

test('on-warm-error: warn: the error is told at its place, nothing is saved, and the job goes on', async () => {
  const scenario = await Scenario.start({
    files: smallModule({ 'core/broken.go': 'package core\n\nvar X int = "text"\n' }),
  });
  const job = scenario.job({ with: { 'on-warm-error': 'warn' } });
  const main = await job.main();
  expect(main.exitCode).toBe(0);
  expect(main.annotations).toMatchObject([
    { level: 'warning', properties: { file: 'core/broken.go', line: '3' } },
    {
      level: 'warning',
      message: expect.stringMatching(
        /^the cover pass failed: core\/broken\.go:3: .*; the job goes on, and nothing will be saved$/,
      ),
    },
  ]);
  expect(main.outputs['warm-outcome']).toBe('failed');
  expect((await job.go('test', './leaf')).exitCode).toBe(0);
  const { report } = await job.post({ jobStatus: 'failure' });
  expect(report.save).toMatchObject({ outcome: 'skipped', reason: 'the warm did not succeed' });
});

test('cover-shape: each: one failing package does not stop the others, and all errors are told', async () => {
  const broken = (name: string) => ({
    [`${name}/broken_test.go`]: `package ${name}\n\nvar X int = "text"\n`,
  });
  const scenario = await Scenario.start({
    files: smallModule({
      ...broken('core'),
      ...broken('leaf'),
      'z/z.go': 'package z\n',
      'z/z_test.go': 'package z\n',
    }),
  });
  const job = scenario.job({ with: { 'cover-shape': 'each', parallelism: '2' } });
  const main = await job.main();
  expect(main.exitCode).toBe(1);
  expect(main.annotations).toMatchObject([
    { level: 'error', properties: { file: 'core/broken_test.go', line: '3' } },
    { level: 'error', properties: { file: 'leaf/broken_test.go', line: '3' } },
    {
      level: 'error',
      message: expect.stringMatching(/^the cover pass failed: core\/broken_test\.go:3: .* \(and 1 more\)$/),
    },
  ]);
  // Those without tests are left out; what compiles has been compiled.
  const commands = job.report().warm.passes.map(({ command }) => command.at(-1));
  expect(commands).toEqual(['core', 'leaf', 'z'].map((name) => `example.com/small/${name}`));
  expect((await job.go('test', '-coverpkg=example.com/small/z', 'example.com/small/z')).compiled).toEqual([]);
});

test.each([
  ['make test', 'make is not allowed here: write the go commands that it runs'],
  ['go test ./... | tee log', '|'],
  ['go test $PKGS', '$PKGS'],
  ['go run ./cmd/tool', 'go run is not allowed here'],
  ['go test -C nowhere ./...', '-C nowhere: there is no such directory'],
])('test-commands: %s is one clear line', async (line, said) => {
  const { annotations, exitCode } = await (await Scenario.start())
    .job({ with: { 'test-commands': line } })
    .main();
  expect(exitCode).toBe(1);
  expect(annotations).toMatchObject([
    { level: 'error', message: expect.stringMatching(/^input test-commands: /) },
  ]);
  expect(annotations[0]?.message).toContain(said);
});

test('test-commands: an input that does not count beside it gets a notice', async () => {
  const given = {
    'test-commands': 'go test ./leaf',
    'build-flags': '-race',
    'plain-packages': './tests/...',
  };
  const { annotations, exitCode } = await (await Scenario.start()).job({ with: given }).main();
  expect([exitCode, annotations.map(({ level, message }) => [level, message])]).toEqual([
    0,
    [['notice', 'the input build-flags does not count, since test-commands is set: leave one of them out']],
  ]);
});

test('a TestMain that fails without what it needs is told as such', async () => {
  const main = 'func TestMain(m *testing.M) {\n\tprintln("no database")\n\tos.Exit(3)\n}\n';
  const scenario = await Scenario.start({
    files: smallModule({
      'leaf/main_test.go': `package leaf\n\nimport (\n\t"os"\n\t"testing"\n)\n\n${main}`,
    }),
  });
  const { annotations } = await scenario.job({ with: { link: 'true' } }).main();
  expect(annotations).toMatchObject([
    {
      level: 'error',
      message:
        'the cover pass failed: the test binary of example.com/small/leaf was started without a test, and its init or TestMain failed: no database',
    },
  ]);
});

test('what the warm prints is no command to the runner', async () => {
  const main =
    'func TestMain(m *testing.M) {\n\tos.Stdout.WriteString("::warning::forged\\n")\n\tos.Exit(3)\n}\n';
  const scenario = await Scenario.start({
    files: smallModule({
      'leaf/main_test.go': `package leaf\n\nimport (\n\t"os"\n\t"testing"\n)\n\n${main}`,
    }),
  });
  const { annotations, log } = await scenario.job({ with: { link: 'true' } }).main();
  expect(log).toContain('::warning::forged');
  expect(annotations.filter(({ level }) => level === 'warning')).toEqual([]);
});

test.each([
  { cache: '', warnings: 1 },
  { cache: '        with:\n          cache: true\n', warnings: 1 },
  { cache: '        with:\n          cache: false\n', warnings: 0 },
])(
  "setup-go's cache is warned about where this job's workflow has it on: $warnings for '$cache'",
  async ({ cache, warnings }) => {
    const steps = `    steps:\n      - uses: actions/setup-go@v6\n${cache}`;
    const workflow = `on: push\njobs:\n  unit:\n    runs-on: ubuntu-latest\n${steps}`;
    const scenario = await Scenario.start({ files: smallModule({ '.github/workflows/ci.yml': workflow }) });
    const job = scenario.job({
      job: 'unit',
      workflowFile: '.github/workflows/ci.yml',
      with: { warm: 'never' },
    });
    const { annotations } = await job.main();
    expect(
      annotations.filter(({ message }) => message.includes('actions/setup-go has its cache on')),
    ).toHaveLength(warnings);
  },
);

test('a link in the workspace that leads out of it is refused', async () => {
  const scenario = await Scenario.start();
  const outside = join(scenario.home, 'outside');
  mkdirSync(outside);
  symlinkSync(outside, join(scenario.workspace, 'inside'));
  expect(existsSync(join(scenario.workspace, 'inside'))).toBe(true);
  const main = await scenario.job({ cold: true, with: { 'working-directory': 'inside' } }).main();
  expect(main.annotations).toMatchObject([{ message: expect.stringContaining('is outside the workspace') }]);
});
