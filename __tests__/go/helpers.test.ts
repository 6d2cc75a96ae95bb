import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UserError } from '../../src/errors.ts';
import { buildHelpers, fileOf } from '../../src/go/build-helpers.ts';
import { executableName, helperPatterns, hostEnvironment, planHelpers } from '../../src/go/helpers.ts';
import { listBuilt } from '../../src/go/packages.ts';
import { goMod, goRunner, makeTree, temporaryDirectory, untested, warmedGocache } from '../helpers/module.ts';

const main = 'package main\n\nfunc main() {}\n';

test('programs have the names that Go itself gives them', async () => {
  const paths = ['a', 'a/v1', 'b/v2', 'c/v10', 'd/v02', 'e/version2', 'f/gen.old'];
  const tree = makeTree({
    'go.mod': goMod('example.com/m'),
    ...Object.fromEntries(paths.map((path) => [`${path}/main.go`, main])),
  });
  const run = goRunner(warmedGocache());
  const output = temporaryDirectory();
  const pattern = './...';
  const packages = await listBuilt(run, tree.root, { patterns: [pattern], input: 'helpers' });
  const listings = [{ directory: tree.root, patterns: [[pattern]], packages }];
  const planned = planHelpers([{ name: undefined, pattern }], listings);
  const options = {
    output,
    places: new Map([[tree.root, { run, goFlags: [] }]]),
    workspace: tree.root,
    limit: 30,
  };
  await buildHelpers(planned, 'linux', options);
  expect(readdirSync(output).sort()).toEqual(planned.map(({ name }) => name).sort());
  expect(planned.map(({ name }) => name)).toContain('c');
});

test('executableName', () => {
  expect(executableName('v2')).toBe('v2');
  expect(executableName('example.com/m/v2')).toBe('m');
  expect(executableName('example.com/m/v2/cmd/x')).toBe('x');
});

test('a program is a file with .exe on Windows', () => {
  expect(fileOf({ name: 'gen' }, 'win32')).toBe('gen.exe');
  expect(fileOf({ name: 'gen' }, 'darwin')).toBe('gen');
});

test('a directory in the place of a program is told, and nothing is written into it', async () => {
  const tree = makeTree({ 'go.mod': goMod('example.com/m'), 'gen/main.go': main, 'out/gen/keep': '' });
  const helper = { name: 'gen', importPath: 'example.com/m/gen', directory: tree.root };
  const run = goRunner(warmedGocache());
  const options = {
    output: tree.path('out'),
    places: new Map([[tree.root, { run, goFlags: [] }]]),
    workspace: tree.root,
    limit: 30,
  };
  await expect(buildHelpers([helper], 'linux', options)).rejects.toThrow(
    `helpers cannot be built: ${join(tree.path('out'), 'gen')} is a directory: choose another helpers-dir or name`,
  );
  expect(readdirSync(tree.path('out/gen'))).toEqual(['keep']);
});

test('a file that is no program is not overwritten: Go says so', async () => {
  const tree = makeTree({ 'go.mod': goMod('example.com/m'), 'gen/main.go': main, 'out/gen': 'echo mine\n' });
  const helper = { name: 'gen', importPath: 'example.com/m/gen', directory: tree.root };
  const run = goRunner(warmedGocache());
  const options = {
    output: tree.path('out'),
    places: new Map([[tree.root, { run, goFlags: [] }]]),
    workspace: tree.root,
    limit: 30,
  };
  await expect(buildHelpers([helper], 'linux', options)).rejects.toThrow(
    /^helpers cannot be built: .*already exists and is not an object file/,
  );
});

describe('hostEnvironment', () => {
  const host = { GOHOSTOS: 'linux', GOHOSTARCH: 'amd64' };
  test.each([
    [{ GOOS: 'linux', GOARCH: 'amd64', ...host }, {}],
    [{}, {}],
    [
      { GOOS: 'linux', GOARCH: 'arm64', ...host },
      { GOOS: 'linux', GOARCH: 'amd64', CGO_ENABLED: '', CC: '', CXX: '' },
    ],
  ])('%j', (goEnv, expected) => {
    expect(hostEnvironment(goEnv)).toEqual(expected);
  });
});

test("a shell's pattern is expanded to directories as `...` would take them", () => {
  const tree = makeTree({
    ...untested('lib'),
    'scripts/a/main.go': main,
    'scripts/b/main.go': main,
    'scripts/.c/main.go': main,
    'scripts/_d/main.go': main,
    'scripts/testdata/main.go': main,
    'scripts/run.sh': '',
  });
  const expanded = (pattern: string) => helperPatterns({ name: undefined, pattern }, tree.root);
  expect(expanded('./scripts/*')).toEqual(['./scripts/a', './scripts/b']);
  expect(expanded('./scripts/[b-z]')).toEqual(['./scripts/b']);
  expect(expanded('./s*/...')).toEqual(['./scripts/...']);
  expect(expanded('./nowhere/*')).toEqual([]);
  expect(expanded('./scripts/...')).toEqual(['./scripts/...']);
});

test('two modules of a workspace may both list a program: it is one', () => {
  const listed = {
    ImportPath: 'example.com/m/gen',
    Name: 'main',
    Dir: '/w/gen',
    Match: ['example.com/m/gen'],
  };
  const pattern = 'example.com/m/gen';
  const listings = ['/w/a', '/w/b'].map((directory) => ({
    ...{ directory, patterns: [[pattern]], packages: [listed] },
  }));
  expect(planHelpers([{ name: undefined, pattern }], listings)).toEqual([
    { name: 'gen', importPath: 'example.com/m/gen', directory: '/w/a' },
  ]);
});

test.each(['tar', 'git', 'Node'])(
  'a program that would be found as %s by the rest of the job is refused',
  (name) => {
    const listed = {
      ImportPath: `example.com/m/cmd/${name}`,
      ...{ Name: 'main', Dir: `/w/cmd/${name}`, Match: ['./cmd/...'] },
    };
    const listings = [{ directory: '/w', patterns: [['./cmd/...']], packages: [listed] }];
    expect(() => planHelpers([{ name: undefined, pattern: './cmd/...' }], listings)).toThrow(
      new UserError(
        `input helpers: example.com/m/cmd/${name} would be found as ${name} by the rest of the job, before the program of that ` +
          `name: give it another, as in my-${name}=example.com/m/cmd/${name}`,
      ),
    );
    const named = [
      { name: `my-${name}`, pattern: `example.com/m/cmd/${name}` },
      { name: undefined, pattern: './cmd/...' },
    ];
    const both = [{ directory: '/w', patterns: [['./cmd/...'], ['./cmd/...']], packages: [listed] }];
    expect(planHelpers(named, both).map((helper) => helper.name)).toEqual([`my-${name}`]);
  },
);
