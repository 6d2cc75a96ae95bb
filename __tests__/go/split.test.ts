import { describe, expect, test } from 'vitest';
import type { ListedPackage } from '../../src/go/lists.ts';
import { commandLimit, split } from '../../src/go/split.ts';

/** `T…` has tests, `n…` has none. Each of 7 letters takes 10 characters of a command line. */
const list = (...paths: readonly string[]): ListedPackage[] =>
  paths.map((importPath) => ({ importPath, hasTests: importPath.startsWith('T') }));
const chunks = (paths: readonly string[], limit: number): string[][] =>
  split(list(...paths), limit).map((chunk) => chunk.map((one) => one.importPath));

test.each([
  ['win32', 30_000, 32_767],
  ['darwin', 500_000, 1_048_576],
  ['linux', 1_000_000, 2_097_152],
  ['freebsd', 1_000_000, 2_097_152],
] as const)('%s: %d characters', (platform, limit, system) => {
  expect(commandLimit(platform)).toBe(limit);
  expect(limit).toBeLessThan(system);
});

describe('split', () => {
  test.each([
    ['nothing', [], 100, []],
    ['all that fits stays whole', ['T-----1', 'n-----1', 'T-----2'], 30, [['T-----1', 'n-----1', 'T-----2']]],
    ['one character too many', ['T-----1', 'T-----2', 'T-----3'], 29, [['T-----1', 'T-----2'], ['T-----3']]],
    [
      'packages without tests are in every command',
      ['T-----1', 'n-----1', 'T-----2', 'T-----3', 'n-----2'],
      40,
      [
        ['n-----1', 'n-----2', 'T-----1', 'T-----2'],
        ['n-----1', 'n-----2', 'T-----3'],
      ],
    ],
    [
      'unless they take over half of it',
      ['n-----1', 'T-----1', 'n-----2', 'T-----2'],
      39,
      [['n-----1', 'T-----1', 'n-----2'], ['T-----2']],
    ],
    [
      'only packages without tests',
      ['n-----1', 'n-----2', 'n-----3'],
      20,
      [['n-----1', 'n-----2'], ['n-----3']],
    ],
    [
      'one that is longer than the limit has a command of its own',
      ['T-----1', 'T-----2'],
      5,
      [['T-----1'], ['T-----2']],
    ],
  ])('%s', (_, paths, limit, expected) => {
    expect(chunks(paths, limit)).toEqual(expected);
  });

  test.each(['win32', 'darwin', 'linux'] as const)('a giant list on %s', (platform) => {
    const limit = commandLimit(platform);
    const letter = (index: number): string => (index % 50 === 0 ? 'n' : 'T');
    const paths = Array.from(
      { length: 30_000 },
      (_, i) => `${letter(i)}example.com/a/rather/long/path/p${i}`,
    );
    const testless = paths.filter((path) => path.startsWith('n'));
    const divided = chunks(paths, limit);
    // On Windows those without tests alone are more than one command takes.
    const repeated = platform === 'win32' ? [] : testless;
    for (const chunk of divided) {
      const line = chunk.map((word) => `"${word}" `).join('');
      expect(line.length).toBeLessThanOrEqual(limit);
      expect(repeated.every((path) => chunk.includes(path))).toBe(true);
    }
    expect(divided.length).toBeGreaterThan(1);
    expect(divided.length).toBeLessThanOrEqual(Math.ceil((paths.length * 50) / (limit / 2)));
    expect(new Set(divided.flat())).toEqual(new Set(paths));
    expect(divided.flat()).toHaveLength(paths.length + (divided.length - 1) * repeated.length);
    expect(chunks(paths, limit)).toEqual(divided);
  });
});
