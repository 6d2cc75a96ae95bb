import { describe, expect, test } from 'vitest';
import { BatchProgress, reportedPackage } from '../../src/go/batch-progress.ts';
import type { Step } from '../../src/go/steps.ts';

const step = (packages: number, ...own: string[]): Step => ({
  ...{ kind: 'cover', directory: '/w', env: {}, packages, beside: false },
  args: ['test', '-run=^$', '-cover', ...own],
});

test.each([
  ['ok  \texample.com/m/a\t0.003s', 'example.com/m/a'],
  ['ok  \texample.com/m/a\t(cached)\tcoverage: 0.0% of statements [no tests to run]', 'example.com/m/a'],
  ['?   \texample.com/m/a\t[no test files]', 'example.com/m/a'],
  ['FAIL\texample.com/m/a\t0.003s', 'example.com/m/a'],
  ['FAIL\texample.com/m/a [build failed]', 'example.com/m/a'],
  ['\texample.com/m/a\t\tcoverage: 0.0% of statements', 'example.com/m/a'],
  ['FAIL', undefined],
  ['# example.com/m/a', undefined],
  ['\thave (int)', undefined],
  ['ok, so be it', undefined],
])('%j', (line, reported) => {
  expect(reportedPackage(line)).toBe(reported);
});

describe('how many packages are done', () => {
  const done = (batch: readonly Step[], ...lines: readonly string[]) => {
    const progress = new BatchProgress(batch);
    for (const line of lines) progress.line(batch[0] ?? step(0), line);
    return progress.read(undefined).done;
  };

  test('all up to the one that was reported last, also where one of them says nothing', () => {
    const [one] = [step(4, 'm/a', 'm/b', 'm/c', 'm/d')];
    expect(done([one])).toBe(0);
    expect(done([one], 'ok  \tm/a\t0.1s')).toBe(1);
    expect(done([one], 'ok  \tm/a\t0.1s', '# m/b', 'ok  \tm/c\t0.1s')).toBe(3);
    expect(done([one], 'ok  \tm/d\t0.1s', 'ok  \tm/c\t0.1s')).toBe(4);
  });

  test('where a pattern stands for the packages, as many as were reported, and no more than there are', () => {
    const [one] = [step(2, './...')];
    expect(done([one], 'ok  \tm/a\t0.1s')).toBe(1);
    expect(done([one], ...['m/a', 'm/b', 'm/c'].map((name) => `ok  \t${name}\t0.1s`))).toBe(2);
  });

  test('of several commands together, and all of one that has ended', () => {
    const batch = [step(1, 'm/a'), step(1, 'm/b'), step(1, 'm/c')];
    const progress = new BatchProgress(batch);
    progress.line(batch[1] ?? step(0), 'ok  \tm/b\t0.1s');
    progress.ended(batch[2] ?? step(0));
    expect(progress.read(310)).toEqual({ done: 2, total: 3, note: '310 compiled' });
  });

  test('what an earlier command of the pass has named again is none of its own', () => {
    const [one] = [step(1, 'm/untested', 'm/c')];
    expect(done([one], 'ok  \tm/untested\t0.1s')).toBe(0);
    expect(done([one], 'ok  \tm/c\t0.1s')).toBe(1);
  });
});
