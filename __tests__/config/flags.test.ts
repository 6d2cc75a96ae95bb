import { describe, expect, test } from 'vitest';
import { parseBuildFlags } from '../../src/config/flags.ts';
import { flagName, flagValue, splitFields } from '../../src/flags.ts';

describe('splitFields: quotes as in GOFLAGS', () => {
  const table: readonly (readonly [string, string[]])[] = [
    ['', []],
    [' \t\n', []],
    ['-a  -b\n\t-c ', ['-a', '-b', '-c']],
    [`'-ldflags=-s -w' -race`, ['-ldflags=-s -w', '-race']],
    [`"-ldflags=-X 'main.v=a b'"`, [`-ldflags=-X 'main.v=a b'`]],
    [`'-gcflags="all=-N"'`, ['-gcflags="all=-N"']],
    [`-tags="a`, ['-tags="a']],
    [`-tags=it's -x`, [`-tags=it's`, '-x']],
    [`''`, ['']],
    [String.raw`"a\" b`, ['a\\', 'b']],
  ];
  test.each(table)('%j', (text, fields) => {
    expect(splitFields(text).map((field) => field.text)).toEqual(fields);
  });

  test('it tells which fields were quoted', () => {
    expect(splitFields(`-a '-b'`)).toEqual([
      { text: '-a', quoted: false },
      { text: '-b', quoted: true },
    ]);
  });

  test.each([
    [`'-a`, "the quote ' is not closed"],
    [`-a "`, 'the quote " is not closed'],
    [`'-a'-b`, "a space must follow the closing quote '"],
    [`"a""b"`, 'a space must follow the closing quote "'],
  ])('%j is wrong', (text, message) => {
    expect(() => splitFields(text)).toThrow(new Error(message));
  });
});

test.each([
  ['-race', 'race', undefined],
  ['--race', 'race', undefined],
  ['-tags=a,b', 'tags', 'a,b'],
  ['--tags=', 'tags', ''],
  ['-ldflags=-X main.v=1', 'ldflags', '-X main.v=1'],
  ['-ldflags=-s\n-w', 'ldflags', '-s\n-w'],
])('the name and value of %j', (flag, name, value) => {
  expect(flagName(flag)).toBe(name);
  expect(flagValue([flag], name)).toBe(value);
});

test('the last value counts, and that of another flag does not', () => {
  expect(flagValue(['-pgo=a', '-pgofile=x', '--pgo=b', '-race'], 'pgo')).toBe('b');
});

describe('parseBuildFlags: good flags, in the one-dash form', () => {
  const table: readonly (readonly [string, string[]])[] = [
    ['', []],
    ['-race -covermode=atomic', ['-race', '-covermode=atomic']],
    ['--race --tags=a,b', ['-race', '-tags=a,b']],
    [`'-ldflags=-s -w'`, ['-ldflags=-s -w']],
    [`"--gcflags=all=-N -l"`, ['-gcflags=all=-N -l']],
    [`'-ldflags=-X "main.v=a b"'`, ['-ldflags=-X "main.v=a b"']],
    [`'-asmflags="-D x"'`, ['-asmflags="-D x"']],
    ['-mod=vendor -modfile=alt.mod -overlay=o.json', ['-mod=vendor', '-modfile=alt.mod', '-overlay=o.json']],
    ['-pgo=off -trimpath -vet=off -msan', ['-pgo=off', '-trimpath', '-vet=off', '-msan']],
    ['-of-a-newer-go=1', ['-of-a-newer-go=1']],
    ['-Race', ['-Race']],
  ];
  test.each(table)('%j', (text, flags) => {
    expect(parseBuildFlags(text)).toEqual(flags);
  });
});

describe('parseBuildFlags: flags that are refused', () => {
  // The first line is the issue's own list.
  const refused = [
    ...['run', 'o', 'c', 'exec', 'toolexec', 'cover', 'coverpkg', 'args'],
    ...['a', 'C', 'bench', 'benchmem', 'benchtime', 'count', 'cpu', 'skip', 'fuzz', 'fuzztime', 'v', 'json'],
    ...['fuzzminimizetime', 'list', 'parallel', 'p', 'short', 'shuffle', 'timeout', 'failfast', 'fullpath'],
    ...['coverprofile', 'cpuprofile', 'memprofile', 'memprofilerate', 'blockprofile', 'blockprofilerate'],
    ...['mutexprofile', 'mutexprofilefraction', 'trace', 'outputdir', 'artifacts', 'x', 'n', 'work'],
  ];
  test.each(refused)('-%s', (name) => {
    for (const flag of [`-${name}`, `--${name}`, `-${name}=x`, `-test.${name}=x`]) {
      const words = `^${flag} is refused: .+; (leave it out|list the packages in cover-packages|use working-directory|put its patterns into coverpkg|set it in GOFLAGS)`;
      expect(() => parseBuildFlags(`-race ${flag}`)).toThrow(new RegExp(words.replaceAll('.t', '\\.t')));
    }
    expect(() => parseBuildFlags(`'-${name}=a b'`)).toThrow(/is refused/);
  });
});

describe('parseBuildFlags: what is no flag', () => {
  const notFlag = (word: string): string =>
    `"${word}" is not a flag: write -name or -name=value, as in -tags=integration`;
  const quotes = (name: string): string =>
    `quotes must enclose the whole flag, as in GOFLAGS: '-${name}=a b', not -${name}='a b'`;
  test.each([
    ['-tags a', notFlag('a')],
    ['-race true', notFlag('true')],
    ['./...', notFlag('./...')],
    ['-', notFlag('-')],
    ['--', notFlag('--')],
    ['---race', notFlag('---race')],
    ["''", notFlag('')],
    ['-ldflags="-s -w"', quotes('ldflags')],
    ["-ldflags='-s -w'", quotes('ldflags')],
    ['--gcflags=all="-N -l"', quotes('gcflags')],
  ])('%s', (text, message) => {
    expect(() => parseBuildFlags(text)).toThrow(new Error(message));
  });
});
