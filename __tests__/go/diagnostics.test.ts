import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Diagnostic, diagnostics, failureLine, withoutColumns } from '../../src/go/diagnostics.ts';

const workspace = resolve('/repo');
const place = (file: string, line: number, column: number | undefined, message: string): Diagnostic => ({
  ...{ file, line, column, message },
});

describe('diagnostics', () => {
  const table: readonly (readonly [string, readonly string[], readonly Diagnostic[]])[] = [
    ['nothing', [''], []],
    [
      'a compile error',
      ['# example.com/m/a', 'a/a.go:3:5: undefined: x', 'FAIL\texample.com/m/a [build failed]', 'FAIL'],
      [place('mod/a/a.go', 3, 5, 'undefined: x')],
    ],
    ['no column', ['./a.go:12: some words'], [place('mod/a.go', 12, undefined, 'some words')]],
    [
      'a source that cover cannot parse',
      [
        "2026/05/05 10:00:00 cover: /repo/mod/a b/a.go: /repo/mod/a b/a.go:2:6: expected 'IDENT' (and 1 more errors)",
      ],
      [place('mod/a b/a.go', 2, 6, "expected 'IDENT' (and 1 more errors)")],
    ],
    ['vet', ['vet: ./a_test.go:5:2: undefined: y'], [place('mod/a_test.go', 5, 2, 'undefined: y')]],
    ['above the module', ['../other/b.go:1:1: z'], [place('other/b.go', 1, 1, 'z')]],
    ['an absolute path', [`${resolve('/repo/x/c.go')}:7:8: z`], [place('x/c.go', 7, 8, 'z')]],
    ['a path with a space', ['my dir/a.go:1:2: z'], [place('mod/my dir/a.go', 1, 2, 'z')]],
    [
      'other languages',
      ['a.s:1: z', 'b.c:2:3: error: y'],
      [place('mod/a.s', 1, undefined, 'z'), place('mod/b.c', 2, 3, 'error: y')],
    ],
    ['lines that end as on Windows', ['a.go:1:2: z\r', ''], [place('mod/a.go', 1, 2, 'z')]],
    [
      'lines that continue a message',
      ['a.go:3:8: cannot use x:', '\thave (int)', '\twant (string)', 'b.go:1:1: y', '\tz'],
      [place('mod/a.go', 3, 8, 'cannot use x: have (int) want (string)'), place('mod/b.go', 1, 1, 'y z')],
    ],
    [
      'the same place twice is told once, two messages there twice',
      ['a.go:1:2: z', '# p [p.test]', 'a.go:1:2: z', 'a.go:1:2: y'],
      [place('mod/a.go', 1, 2, 'z'), place('mod/a.go', 1, 2, 'y')],
    ],
    [
      'what is no place',
      [
        '\ta.go:1:2: z',
        '    a_test.go:3: logged',
        'a.go: z',
        'a.txt:1:2: z',
        'main.go:x: z',
        'ok  \tp\t0.1s',
        '\t/x/a.go:12 +0x1d',
      ],
      [],
    ],
  ];
  test.each(table)('%s', (_, lines, expected) => {
    expect(diagnostics(lines.join('\n'), resolve('/repo/mod'), workspace)).toEqual(expected);
  });

  test('a drive letter is a part of the path', () => {
    const [found] = diagnostics('C:\\repo\\mod\\a.go:3:5: z', workspace, workspace);
    expect(found).toMatchObject({ line: 3, column: 5, message: 'z' });
    expect(found?.file).toMatch(/a\.go$/);
  });

  // As Go prints a place below the directory of the command on Windows, and its line ends there.
  test('so is a backslash, and a carriage return is no part of the message', () => {
    const [found, ...others] = diagnostics('# m\r\n.\\a\\b.go:3:5: z\r\n', workspace, workspace);
    expect(others).toEqual([]);
    expect(found).toMatchObject({ line: 3, column: 5, message: 'z' });
    expect(found?.file).toMatch(/a[/\\]b\.go$/);
  });
});

test('without columns, what differs in them alone is one', () => {
  const found = [
    place('a.go', 1, 9, 'x'),
    place('a.go', 1, 40, 'x'),
    place('a.go', 2, 9, 'x'),
    place('a.go', 1, 9, 'y'),
  ];
  expect(withoutColumns(found)).toEqual([
    place('a.go', 1, undefined, 'x'),
    place('a.go', 2, undefined, 'x'),
    place('a.go', 1, undefined, 'y'),
  ]);
});

describe('failureLine', () => {
  test.each([
    [
      'an import cycle',
      [
        '# m/x',
        'package m/x',
        '\timports m/y from x.go',
        '\timports m/x from y.go: import cycle not allowed',
        'FAIL\tm/x [setup failed]',
      ],
      'imports m/x from y.go: import cycle not allowed',
    ],
    [
      'a panic',
      ['go: downloading x v1', 'panic: no database', '', 'goroutine 1 [running]:', 'FAIL\tm/x 0.01s'],
      'panic: no database',
    ],
    [
      'a missing module',
      ['FAIL', 'm.go: no required module provides package x; to add it:'],
      'm.go: no required module provides package x; to add it:',
    ],
    [
      'a refusal of the go command',
      ['', 'go: updates to go.mod needed', 'FAIL'],
      'go: updates to go.mod needed',
    ],
    [
      'a bad flag',
      ['flag provided but not defined: -x', 'usage: go test [build/test flags]'],
      'flag provided but not defined: -x',
    ],
    [
      'a bad value',
      ['invalid boolean value "x" for -race: parse', 'usage: go test'],
      'invalid boolean value "x" for -race: parse',
    ],
    [
      'a TestMain that fails',
      ['ok  \tm/a\t0.1s', '# m/x', 'connecting', 'FAIL\tm/x\t0.003s', 'FAIL'],
      'the test binary of m/x was started without a test, and its init or TestMain failed: connecting',
    ],
    [
      'a TestMain that fails silently',
      [
        'ok  \tm/a\t0.1s',
        '?   \tm/b\t[no test files]',
        '\tm/c\t\tcoverage: 0.0% of statements',
        '# m/x',
        'FAIL\tm/x\t0.003s',
      ],
      'the test binary of m/x was started without a test, and its init or TestMain failed',
    ],
    [
      'a package that fails to build',
      ['# m/x', 'FAIL\tm/x [build failed]', 'FAIL'],
      'FAIL\tm/x [build failed]',
    ],
    ['other words', ['# m/x', ' signal: killed '], 'signal: killed'],
    ['silence', ['', '# m/x', ''], 'it printed nothing'],
  ])('%s', (_, lines, expected) => {
    expect(failureLine(lines.join('\n'))).toBe(expected);
  });
});
