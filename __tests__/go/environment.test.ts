import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { commandRunner, goEnvironment } from '../../src/go/command.ts';
import { actionIdValues, compilerVersions, oneLine, readGoEnv } from '../../src/go/environment.ts';
import { downloadFileName, downloadFiles } from '../../src/go/modules.ts';
import { goRunner, makeTree, temporaryDirectory } from '../helpers/module.ts';

test('go commands see what the job sees, and nothing that only an action may see', () => {
  const env = {
    PATH: '/bin',
    INPUT_NAME: 'x',
    STATE_a: 'y',
    ACTIONS_RUNTIME_TOKEN: 't',
    GOCACHE: '/old',
    MY_INPUT_: 'z',
  };
  expect(goEnvironment({ ...env, UNSET: undefined }, '/new')).toEqual({
    PATH: '/bin',
    GOCACHE: '/new',
    MY_INPUT_: 'z',
  });
});

describe('actionIdValues', () => {
  const goEnv = {
    GOVERSION: 'go1.26.8',
    GOFLAGS: '',
    CC: 'gcc',
    CGO_ENABLED: '1',
    GOAMD64: 'v1',
    GOPROXY: 'x',
  };
  test('what is empty or decides nothing is left out, the rest in one order', () => {
    expect(actionIdValues(goEnv, { GOSSAFUNC: 'f', HOME: '/h' })).toEqual([
      ['GOVERSION', 'go1.26.8'],
      ['GOAMD64', 'v1'],
      ['CGO_ENABLED', '1'],
      ['CC', 'gcc'],
      ['GOSSAFUNC', 'f'],
    ]);
  });
  test('without cgo its compiler does not count', () => {
    const names = actionIdValues({ ...goEnv, CGO_ENABLED: '0' }, {}).map(([name]) => name);
    expect(names).toEqual(['GOVERSION', 'GOAMD64', 'CGO_ENABLED']);
  });
});

test('the versions of the compilers, where cgo is on', async () => {
  const directory = temporaryDirectory();
  const run = commandRunner({ PATH: process.env['PATH'] ?? '' });
  const values = { CC: `${process.execPath} --no-warnings`, CXX: 'no-such-compiler-here' };
  expect(await compilerVersions(run, { ...values, CGO_ENABLED: '1' }, directory)).toEqual([
    ['CC version', process.version],
    ['CXX version', 'not on PATH'],
  ]);
  expect(await compilerVersions(run, { CGO_ENABLED: '1' }, directory)).toEqual([
    ['CC version', 'none'],
    ['CXX version', 'none'],
  ]);
  expect(await compilerVersions(run, { ...values, CGO_ENABLED: '0' }, directory)).toEqual([]);
});

test('no Go on PATH', async () => {
  const empty = temporaryDirectory();
  vi.stubEnv('PATH', empty); // The toolkit looks there, not in the environment that it passes on.
  onTestFinished(() => void vi.unstubAllEnvs());
  const message = 'no go on PATH: put a step that installs it before this one (for go: actions/setup-go)';
  await expect(commandRunner({ PATH: empty })('go', ['version'], { cwd: empty })).rejects.toThrow(
    new UserError(message),
  );
});

test('real go env, in a directory with spaces and in one whose go.mod is broken', async () => {
  const { root } = makeTree({ 'go.mod': 'nonsense' }, undefined, 'a [b] c');
  const gocache = temporaryDirectory(undefined, 'go cache');
  const goEnv = await readGoEnv(goRunner(gocache, { GOFLAGS: '-tags=x' }), root);
  expect(goEnv).toMatchObject({
    GOCACHE: gocache,
    GOFLAGS: '-tags=x',
    GOVERSION: expect.stringMatching(/go1/),
  });
  await expect(readGoEnv(goRunner(gocache, { GOTOOLCHAIN: 'nonsense' }), root)).rejects.toThrow(
    /^go env fails: .*nonsense/,
  );
});

test.each([
  ['go: a\n', 'a'],
  ['go: a\ngo: b\n\tgo get c\r\n', 'a b go get c'],
  ['', ''],
])('oneLine(%j)', (text, line) => {
  expect(oneLine(text)).toBe(line);
});

describe('downloadFiles: what a go.sum names', () => {
  const prefix = 'cache/download/github.com';
  test.each([
    ['', []],
    ['github.com/a/b v1.2.3 h1:xyz=', [`${prefix}/a/b/@v/v1.2.3.zip`]],
    ['github.com/a/b v1.2.3/go.mod h1:xyz=', [`${prefix}/a/b/@v/v1.2.3.mod`, `${prefix}/a/b/@v/v1.2.3.info`]],
    ['github.com/BurntSushi/tomlZ v1.0.0-RC1 h1:x=', [`${prefix}/!burnt!sushi/toml!z/@v/v1.0.0-!r!c1.zip`]],
    ['a b\r\na b c\n\na v1 h2:x', []],
  ])('%j', (goSum, files) => {
    expect(downloadFiles(goSum)).toEqual(files);
    for (const file of files) expect(file).toMatch(downloadFileName);
  });

  test.each([
    ...['../x/@v/v1.zip', 'cache/download/../../x/@v/v1.zip', 'cache/download/a/./b/@v/v1.zip'],
    ...['cache/download/a/@v/../v1.zip', 'cache/download/a/@v/v1.ziphash', 'cache/download/@v/v1.zip'],
    ...[
      '/cache/download/a/@v/v1.zip',
      'cache/download/a\\b/@v/v1.zip',
      'a@v1/x.go',
      'cache/download/a/@v/..zip',
    ],
    'cache/download/a/@v/@v/v1.zip',
  ])('%s may not be written', (name) => {
    expect(name).not.toMatch(downloadFileName);
  });
});
