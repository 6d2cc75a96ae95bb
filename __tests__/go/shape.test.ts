import { chmodSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { type Files, goMod, makeTree, temporaryDirectory, tested } from '../helpers/module.ts';
import { type InputTexts, surveyOf } from '../helpers/survey.ts';

const gocache = temporaryDirectory(afterAll, 'gocache');
const files: Files = {
  'go.mod': goMod('example.com/m'),
  ...tested('a'),
  'sub/go.mod': goMod('example.com/sub'),
  'sub/s.go': 'package s\n',
};
const { root } = makeTree(files, afterAll);
/** A machine like any other: GOAMD64 counts on amd64 alone, and CC only where cgo is on. */
const machine = { GOOS: 'linux', GOARCH: 'amd64', CGO_ENABLED: '1', CC: 'gcc' };

const survey = (inputs: InputTexts = {}, env: NodeJS.ProcessEnv = {}, workspace = root) =>
  surveyOf(workspace, { gocache, inputs, env: { ...machine, ...env } });
const shape = async (...options: Parameters<typeof survey>): Promise<string> =>
  (await survey(...options)).shape;

describe('what changes the shape', () => {
  const seen = new Map<string, string>();
  test.each<readonly [string, InputTexts, NodeJS.ProcessEnv]>([
    ['nothing', {}, {}],
    ['a flag', { 'build-flags': '-race' }, {}],
    ['another flag', { 'build-flags': '-tags=race' }, {}],
    ['-covermode, which go list does not take', { 'build-flags': '-covermode=atomic' }, {}],
    ['-trimpath', { 'build-flags': '-trimpath' }, {}],
    ['the measured packages', { 'cover-packages': './a' }, {}],
    ['the plain packages', { 'plain-packages': './a' }, {}],
    ['cover-shape', { 'cover-shape': 'each' }, {}],
    ['coverpkg', { coverpkg: './...' }, {}],
    ['another coverpkg', { coverpkg: './a' }, {}],
    ['commands', { 'test-commands': 'go test ./...' }, {}],
    ['a flag of a command', { 'test-commands': 'go test -cover ./...' }, {}],
    ['a variable of a command', { 'test-commands': 'GOFLAGS=-tags=x go test ./...' }, {}],
    ['a profile, which changes the test main', { 'test-commands': 'go test -cpuprofile=x ./...' }, {}],
    ['another verb', { 'test-commands': 'go vet ./...' }, {}],
    ['one command more', { 'test-commands': 'go test ./...\ngo vet ./...' }, {}],
    ['the directories', { 'working-directory': 'sub' }, {}],
    ['one directory more', { 'working-directory': '.\nsub' }, {}],
    ['GOFLAGS', {}, { GOFLAGS: '-tags=x' }],
    ['CGO_ENABLED', {}, { CGO_ENABLED: '0' }],
    ['GOEXPERIMENT', {}, { GOEXPERIMENT: 'none' }],
    ['GOAMD64', {}, { GOAMD64: 'v3' }],
    ['GOOS', {}, { GOOS: 'freebsd' }],
    ['GOARCH', {}, { GOARCH: 'arm64' }],
    ['GOFIPS140', {}, { GOFIPS140: 'latest' }],
    ['CC', {}, { CC: 'no-such-compiler' }],
    ['CGO_CFLAGS', {}, { CGO_CFLAGS: '-O1' }],
    ['GOSSAFUNC', {}, { GOSSAFUNC: 'Value' }],
    ['GOMODCACHE', {}, { GOMODCACHE: '/elsewhere' }],
  ])('%s', async (name, inputs, env) => {
    const found = await shape(inputs, env);
    expect(found).toMatch(/^[0-9a-f]{16}$/);
    expect(seen.get(found)).toBeUndefined();
    seen.set(found, name);
  });

  test('nothing, again', async () => {
    expect(seen.get(await shape())).toBe('nothing');
  });
});

test.each<readonly [string, NodeJS.ProcessEnv]>([
  ['CC without cgo', { CGO_ENABLED: '0', CC: 'other' }],
  ['GOPROXY', { GOPROXY: 'https://proxy.example.com', CGO_ENABLED: '0' }],
  ['HOME', { HOME: '/elsewhere', GOPATH: '/elsewhere', GOMODCACHE: '/cache', CGO_ENABLED: '0' }],
])('%s does not count', async (_, env) => {
  const { GOMODCACHE, CGO_ENABLED } = env;
  expect(await shape({}, env)).toBe(await shape({}, { CGO_ENABLED, GOMODCACHE }));
});

test.skipIf(process.platform === 'win32')(
  "the compiler's version counts, though its path is the same",
  async () => {
    const tree = makeTree({});
    const shapeOf = (version: string): Promise<string> => {
      tree.write('cc', `#!/bin/sh\necho "cc ${version}"\n`);
      chmodSync(tree.path('cc'), 0o755);
      return shape({}, { CC: tree.path('cc') });
    };
    const first = await shapeOf('1.0');
    expect(await shapeOf('1.1')).not.toBe(first);
    expect(await shapeOf('1.0')).toBe(first);
  },
);

test.each([
  [
    'of a command',
    { 'test-commands': 'V=1 go build -ldflags=-X=main.v=1 ./a' },
    { 'test-commands': 'V=2 go build -ldflags=-X=main.v=2 ./a' },
  ],
  ['of build-flags', { 'build-flags': '-ldflags=-X=main.v=1' }, { 'build-flags': '-ldflags=-X=main.v=2' }],
])('-ldflags %s, and a variable that Go does not obey: content at most', async (_, one, two) => {
  const [first, second] = [await survey(one), await survey(two)];
  expect(first.shape).toBe(second.shape);
  expect(first.content).not.toBe(second.content);
});

test('a change of a source does not count', async () => {
  const tree = makeTree(files);
  const before = await survey({}, {}, tree.root);
  tree.write('a/a.go', `${files['a/a.go']}// two\n`);
  const after = await survey({}, {}, tree.root);
  expect(after.shape).toBe(before.shape);
  expect(after.content).not.toBe(before.content);
});

describe("the checkout's path", () => {
  const other = makeTree(files, afterAll);
  test.each<readonly [string, InputTexts, NodeJS.ProcessEnv, boolean]>([
    ['counts', {}, {}, true],
    ['counts with -trimpath=false', { 'build-flags': '-trimpath=false' }, {}, true],
    ['does not count with -trimpath', { 'build-flags': '-trimpath' }, {}, false],
    ['does not count with -trimpath=true', { 'build-flags': '-trimpath=true' }, {}, false],
    ['does not count with -trimpath in GOFLAGS', {}, { GOFLAGS: '-trimpath' }, false],
  ])('%s', async (_, inputs, env, counts) => {
    const [here, there] = [await survey(inputs, env), await survey(inputs, env, other.root)];
    expect(here.content).toBe(there.content);
    if (counts) expect(here.shape).not.toBe(there.shape);
    else expect(here.shape).toBe(there.shape);
  });
});

test('every ingredient has a name, and the content is told with the number of its files', async () => {
  const { ingredients, content } = await survey();
  expect(Object.fromEntries(ingredients)).toMatchObject({
    '.: cover-packages': './...',
    '.: plain-packages': './tests/...',
    '.: GOARCH': 'amd64',
    '.: CC': 'gcc',
    '.: path': root,
    content: `${content} (3 files)`,
  });
});
