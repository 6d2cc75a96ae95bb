import { describe, expect, test } from 'vitest';
import { type Gate, gate } from '../../src/go/gate.ts';

const none = 'no packages are listed';
const never = 'the input warm is never';
const exact = 'the restored set is exact';
const alone = 'the job runs one go command at a time, which warms its own cache';
const single = 'one package is listed, which the job compiles once anyway';

describe('gate', () => {
  type Row = readonly [
    warm: 'auto' | 'always' | 'never',
    parallelism: number,
    packages: number,
    exact: boolean,
    closed: string | undefined,
  ];
  const table: readonly Row[] = [
    ['auto', 2, 2, false, undefined],
    ['auto', 64, 500, false, undefined],
    ['auto', 2, 2, true, exact],
    ['auto', 1, 2, true, exact],
    ['auto', 1, 2, false, alone],
    ['auto', 1, 1, false, alone],
    ['auto', 2, 1, false, single],
    ['auto', 2, 1, true, exact],
    ['auto', 2, 0, false, none],
    ['auto', 1, 0, true, none],
    ['always', 2, 2, false, undefined],
    ['always', 1, 1, true, undefined],
    ['always', 1, 0, false, none],
    ['never', 2, 2, false, never],
    ['never', 1, 1, true, never],
    ['never', 2, 0, false, none],
  ];
  test.each(table)(
    'warm %s, parallelism %d, %d packages, exact %s: %s',
    (warm, parallelism, packages, isExact, closed) => {
      const expected: Gate = closed === undefined ? { open: true } : { open: false, reason: closed };
      expect(gate({ warm, parallelism, packages, exact: isExact })).toEqual(expected);
    },
  );
});
