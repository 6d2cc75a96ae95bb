import { describe, expect, test } from 'vitest';
import { parseCommands } from '../../src/config/commands.ts';
import type { PassList } from '../../src/go/lists.ts';
import { passFlags, type Recipe, replayFlags } from '../../src/go/recipe.ts';
import { commandStep, coverSteps, plainSteps } from '../../src/go/steps.ts';

const link: Recipe = { wrapper: undefined, platform: 'linux' };
const quiet: Recipe = { wrapper: '/w/toolexec.sh', platform: 'linux' };
const list: PassList = {
  directory: '/m',
  packages: [
    { importPath: 'a', hasTests: true },
    { importPath: 'b', hasTests: false },
    { importPath: 'c', hasTests: true },
  ],
};
const options = { recipe: link, goFlags: '', limit: 1000 };
const flags = ['-race', '-covermode=atomic', '-ldflags=-s -w', '--covermode=set'];

describe('the two passes', () => {
  test.each([
    ['self', coverSteps(list, { kind: 'self', flags }, options), [['-cover', ...flags, 'a', 'b', 'c']]],
    // -covermode implies -cover.
    ['plain', plainSteps(list, flags, options), [['-race', '-ldflags=-s -w', 'a', 'b', 'c']]],
    [
      'each, without those that have no tests',
      coverSteps(list, { kind: 'each', flags }, options),
      [
        ['-coverpkg=a', ...flags, 'a'],
        ['-coverpkg=c', ...flags, 'c'],
      ],
    ],
    [
      'coverpkg',
      coverSteps(list, { kind: 'coverpkg', patterns: ['./...', 'example.com/x'], flags: [] }, options),
      [['-coverpkg=./...,example.com/x', 'a', 'b', 'c']],
    ],
    ['nothing to measure', coverSteps({ ...list, packages: [] }, { kind: 'self', flags }, options), []],
  ] as const)('%s', (_, steps, expected) => {
    expect(steps.map((step) => step.args)).toEqual(expected.map((words) => ['test', '-run=^$', ...words]));
    expect(steps.every((step) => step.directory === '/m')).toBe(true);
  });
});

describe('a replay', () => {
  // Also where it links it starts no test binary.
  const run = ['-count=1', '-exec=true'];
  const listing = {
    directory: '/m',
    packages: [
      { ImportPath: 'x', Match: ['./...', './x'] },
      { ImportPath: 'y', Match: ['./...'] },
      { ImportPath: 'x [x.test]', ForTest: 'x', Match: ['./...'] },
    ],
    empty: new Map(),
  };
  test.each([
    ['go test -race -v -run=Foo ./x', ['test', '-run=^$', ...run, '-race', './x'], 1],
    [
      'go test -coverprofile=c.out -timeout 5m ./... -args -x',
      ['test', '-run=^$', ...run, '-cover', './...'],
      2,
    ],
    ['go test -c -o /dev/null ./x', ['test', '-run=^$', ...run, '-c', '-o=/dev/null', './x'], 1],
    ['go test -cpuprofile cpu.out ./x', ['test', '-run=^$', ...run, '-c', '-o=/dev/null', './x'], 1],
    ['go test -fuzz=FuzzX ./x', ['test', '-run=^$', ...run, '-fuzz=^$', './x'], 1],
    ['go build -o bin/ -tags=a ./...', ['build', '-o=/dev/null', '-tags=a', './...'], 2],
    ['go vet -printf=false ./x', ['vet', '-printf=false', './x'], 1],
    ['go build main.go other.go', ['build', '-o=/dev/null', 'main.go', 'other.go'], 1],
  ])('%s', (line, args, packages) => {
    const steps = parseCommands(line).map((one) => commandStep(one, listing, options));
    expect(steps).toEqual([{ kind: 'command', directory: '/m', env: {}, args, packages, beside: false }]);
  });
});

test('what a replay on Windows would have written goes to what Go knows as the null device there', () => {
  const listing = { directory: '/m', packages: [], empty: new Map() };
  const onWindows = { ...options, recipe: { ...link, platform: 'win32' } as const };
  const lines = 'go test -c ./x\ngo build ./x ./y';
  const steps = parseCommands(lines).map((one) => commandStep(one, listing, onWindows));
  expect(steps.map(({ args }) => args)).toEqual([
    ['test', '-run=^$', '-c', '-o=NUL', './x'],
    ['build', '-o=NUL', './x', './y'],
  ]);
});

describe('the end of a go test', () => {
  const ending = (wrapper: string): string[] => [
    ...['-run=^$', '-count=1', '-exec=true', `-toolexec=${wrapper}`],
  ];
  test.each<readonly [string, Recipe, readonly string[], readonly string[]]>([
    ['link', link, [], ['-run=^$']],
    ['quiet', quiet, ['-race'], ending('/w/toolexec.sh')],
    ['a path with a space', { ...quiet, wrapper: '/a b/t.sh' }, [], ending("'/a b/t.sh'")],
    ['one with a quote', { ...quiet, wrapper: "/a'b/t.sh" }, [], ending('"/a\'b/t.sh"')],
    ['one with the other', { ...quiet, wrapper: '/a"b/t.sh' }, [], ending("'/a\"b/t.sh'")],
    ["a -toolexec of the user's own", quiet, ['-race', '-toolexec=x y'], ['-run=^$']],
    ['with two dashes', quiet, ['--toolexec=x'], ['-run=^$']],
  ])('%s', (_, recipe, given, expected) => {
    expect(passFlags(recipe, given)).toEqual(expected);
    // A replay differs where it links: it starts nothing, but on Windows.
    const isQuiet = expected.length > 1;
    expect(replayFlags(recipe, given)).toEqual(isQuiet ? expected : [...expected, '-count=1', '-exec=true']);
    expect(replayFlags({ ...recipe, platform: 'win32' }, given)).toEqual(expected);
  });
});
