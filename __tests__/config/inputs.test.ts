import { describe, expect, test } from 'vitest';
import type { Inputs, Passes } from '../../src/config/inputs.ts';
import { parseInputs } from '../../src/config/inputs.ts';
import { UserError } from '../../src/errors.ts';

const parse = (texts: Readonly<Record<string, string>>): Inputs =>
  parseInputs((name) => texts[name] ?? '', 6);

const passes = (given: Partial<Passes>): Passes => ({
  ...{ kind: 'passes', coverPackages: [], plainPackages: [], buildFlags: [], cover: { kind: 'self' } },
  ...given,
});

const helper = (pattern: string) => ({ name: undefined, pattern });

test('empty texts give what the descriptions say of an empty input', () => {
  expect(parse({})).toEqual({
    workingDirectories: ['.'],
    compile: passes({}),
    parallelism: 6,
    warm: 'auto',
    name: 'default',
    restoreTimeout: 300,
    save: 'auto',
    supersede: true,
    maxSize: undefined,
    gocache: { kind: 'own' },
    moduleCache: true,
    link: false,
    onWarmError: 'fail',
    onMiss: 'notice',
    trace: false,
    summary: 'true',
    helpers: [],
    helpersDir: '',
    keepExecutables: false,
  } satisfies Inputs);
});

describe('good values', () => {
  const table: readonly (readonly [string, string, Partial<Inputs>])[] = [
    ['working-directory', 'api', { workingDirectories: ['api'] }],
    ['working-directory', '  api \r\n\n services/* \n api', { workingDirectories: ['api', 'services/*'] }],
    ['working-directory', 'a dir\n!a dir/old', { workingDirectories: ['a dir', '!a dir/old'] }],
    ['cover-packages', './...', { compile: passes({ coverPackages: ['./...'] }) }],
    ['cover-packages', './a ./b\n\t./c', { compile: passes({ coverPackages: ['./a', './b', './c'] }) }],
    ['cover-packages', './a/ ./a ././a .//a', { compile: passes({ coverPackages: ['./a'] }) }],
    ['cover-packages', '. ./ ./x/..', { compile: passes({ coverPackages: ['.'] }) }],
    ['cover-packages', '../sibling/...', { compile: passes({ coverPackages: ['../sibling/...'] }) }],
    ['cover-packages', './x/../../sibling', { compile: passes({ coverPackages: ['../sibling'] }) }],
    ['cover-packages', '.\\a\\...', { compile: passes({ coverPackages: ['./a/...'] }) }],
    [
      'cover-packages',
      'example.com/m/... all',
      { compile: passes({ coverPackages: ['example.com/m/...', 'all'] }) },
    ],
    [
      'cover-packages',
      'example.com//m/a/ example.com/m/b/../a',
      { compile: passes({ coverPackages: ['example.com/m/a'] }) },
    ],
    ['plain-packages', './tests/... ./tests/...', { compile: passes({ plainPackages: ['./tests/...'] }) }],
    ['build-flags', '-race --tags=a,b', { compile: passes({ buildFlags: ['-race', '-tags=a,b'] }) }],
    ['parallelism', '1', { parallelism: 1 }],
    ['parallelism', ' 12 ', { parallelism: 12 }],
    ['warm', 'auto', { warm: 'auto' }],
    ['warm', 'always', { warm: 'always' }],
    ['warm', 'never', { warm: 'never' }],
    ['name', 'a', { name: 'a' }],
    ['name', 'Unit_1.26-race', { name: 'Unit_1.26-race' }],
    ['name', 'x'.repeat(100), { name: 'x'.repeat(100) }],
    ['name', 'console', { name: 'console' }],
    ['restore-timeout', '1', { restoreTimeout: 1 }],
    ['restore-timeout', ' 86400 ', { restoreTimeout: 86_400 }],
    ['save', 'auto', { save: 'auto' }],
    ['save', 'always', { save: 'always' }],
    ['save', 'never', { save: 'never' }],
    ['supersede', 'false', { supersede: false }],
    ['summary', 'On-Change', { summary: 'on-change' }],
    ['summary', 'False', { summary: 'false' }],
    ['max-size', '2GiB', { maxSize: 2 ** 31 }],
    ['max-size', '1.5 gb', { maxSize: 1.5e9 }],
    ['max-size', '500MB', { maxSize: 5e8 }],
    ['max-size', '3kib', { maxSize: 3072 }],
    ['gocache', 'inherit', { gocache: { kind: 'inherit' } }],
    ['gocache', '~/a cache', { gocache: { kind: 'path', path: '~/a cache' } }],
    ['helpers', '  ./a/ \n\n# more\n./b', { helpers: [helper('./a'), helper('./b')] }],
    ['helpers-dir', ' bin ', { helpersDir: 'bin' }],
    ['keep-executables', 'true', { keepExecutables: true }],
    ['module-cache', 'true', { moduleCache: true }],
    ['module-cache', 'False', { moduleCache: false }],
  ];
  test.each(table)('%s: %j', (name, text, expected) => {
    expect(parse({ [name]: text })).toMatchObject(expected);
  });
});

describe('bad values: the error names the input, the value and what would be right', () => {
  const count = 'must be a whole number from 1, or empty for the number of processors';
  const choice = 'must be one of auto, always, never';
  const name =
    'must be 1 to 100 letters, digits, ".", "_" or "-", with a letter or digit first and no "." last';
  const device = 'is a device name on Windows: choose another';
  const table: readonly (readonly [string, string, string])[] = [
    ['cover-packages', './a -race', '-race is a flag, not a package pattern: flags belong in build-flags'],
    ['plain-packages', '-v', '-v is a flag, not a package pattern: flags belong in build-flags'],
    [
      'build-flags',
      '-run=X',
      '-run=X is refused: it decides the run or the output, not what is compiled; leave it out',
    ],
    ['build-flags', '"-race', 'the quote " is not closed'],
    ...['0', '-1', '1.5', '1e3', '0x2', 'two', '99999999999999999999'].map(
      (text) => ['parallelism', text, count] as const,
    ),
    ...['Always', 'true', 'auto always'].map((text) => ['warm', text, choice] as const),
    ...['0', '-5', '1.5', '5m', '86401'].map(
      (text) => ['restore-timeout', text, 'must be a whole number of seconds from 1 to 86400'] as const,
    ),
    ...['yes', 'false'].map((text) => ['save', text, choice] as const),
    ...['a b', 'a,b', 'a/b', '../a', '.a', '-a', '_a', 'a.', 'ä', 'a~b', 'x'.repeat(101)].map(
      (text) => ['name', text, name] as const,
    ),
    ...['con', 'NUL', 'com1', 'Aux.txt'].map((text) => ['name', text, device] as const),
    ['gocache', 'off', 'must be a directory, "inherit" or empty: Go needs a build cache'],
    ['supersede', 'never', 'must be true or false'],
    ['summary', 'always', 'must be one of true, false, on-change'],
    ...['2', '0MB', '-1GB', '2 T', 'GiB', '1e3MB', '2GiB/s', '99999999GiB'].map(
      (text) =>
        [
          'max-size',
          text,
          'must be a size with a unit (kB, MB, GB, KiB, MiB, GiB), as in 2GiB, or empty for no limit',
        ] as const,
    ),
    ...['yes', '1', 'on'].map((text) => ['module-cache', text, 'must be true or false'] as const),
  ];
  test.each(table)('%s: %j', (input, text, right) => {
    expect(() => parse({ [input]: text })).toThrow(
      new UserError(`input ${input}: ${JSON.stringify(text)}: ${right}`),
    );
  });
});

test('several wrong inputs are told at once, a line each, in the order of the inputs', () => {
  const wrong = { save: 'maybe', warm: 'no', parallelism: '0', 'build-flags': '-race x', name: 'ok' };
  const error = thrownBy(() => parse(wrong));
  expect(error).toBeInstanceOf(UserError);
  const lines = error.message.split('\n');
  expect(lines.map((line) => /^input ([a-z-]+): "([^"]*)": /.exec(line)?.slice(1))).toEqual([
    ['build-flags', '-race x'],
    ['parallelism', '0'],
    ['warm', 'no'],
    ['save', 'maybe'],
  ]);
});

function thrownBy(body: () => unknown): Error {
  try {
    body();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}
