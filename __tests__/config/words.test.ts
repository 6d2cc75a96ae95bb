import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { splitLines } from '../../src/config/words.ts';

const texts = (text: string): string[][] =>
  splitLines(text).map(({ words }) => words.map((word) => word.text));

describe('words are those of a shell', () => {
  const table: readonly (readonly [string, string[][]])[] = [
    ['', []],
    [' \t\n\n  \n', []],
    ['go  test\t./...', [['go', 'test', './...']]],
    ['a\nb c\r\n\r\nd', [['a'], ['b', 'c'], ['d']]],
    [`'a b' "c d" e\\ f`, [['a b', 'c d', 'e f']]],
    [`a'b c'"d e"f`, [['ab cd ef']]],
    [`'' ""`, [['', '']]],
    [`'a\\b' 'a"b' "a'b"`, [['a\\b', 'a"b', "a'b"]]],
    [String.raw`"\" \\ \$x \a" \$x \'`, [['" \\ $x \\a', '$x', "'"]]],
    ['"\\`a\\`" \\`a\\`', [['`a`', '`a`']]],
    ['a \\\n  b', [['a', 'b']]],
    ['a\\\nb "c\\\nd"', [['ab', 'cd']]],
    ['a \\\r\n b', [['a', 'b']]],
    ['a \\\n\\\nb', [['a', 'b']]],
    ["'a\\' b", [['a\\', 'b']]],
    ['# all of it\na # b\n#c', [['a']]],
    [`# it's "here | $x \\\na`, [['a']]],
    [`a#b '#c' "#d" \\#e`, [['a#b', '#c', '#d', '#e']]],
    ['a\\\n#b', [['a#b']]],
    ['a \\\n#b', [['a']]],
    ['-run=^$ ^$', [['-run=^$', '^$']]],
    ['"^(A|B)$" "$/x$" "a$.b"', [['^(A|B)$', '$/x$', 'a$.b']]],
    ["'$x $(z) `w` | & ; < > ( )'", [['$x $(z) `w` | & ; < > ( )']]],
    [`'\${y}' "\\\${y}"`, [[`\${y}`, `\${y}`]]],
    ['"| && ; < > ( )" \\| \\& \\; \\< \\> \\(', [['| && ; < > ( )', '|', '&', ';', '<', '>', '(']]],
    [`"$'" "a$" b$/ $.`, [["$'", 'a$', 'b$/', '$.']]],
    ['a=b -x={c} !', [['a=b', '-x={c}', '!']]],
    ['é😀 "é😀"', [['é😀', 'é😀']]],
    ['a\u00a0b', [['a\u00a0b']]],
    ['a \\', [['a', '\\']]],
  ];
  it.each(table)('%j', (text, lines) => {
    expect(splitLines(text).map((line) => line.wrong)).toEqual(lines.map(() => undefined));
    expect(texts(text)).toEqual(lines);
  });

  it.skipIf(process.platform === 'win32').each(table)('and so says bash: %j', (text, lines) => {
    const program = String.raw`shown() { printf '%s\0' "$#" "$@"; }`;
    const commands = bashLines(text);
    const output = execFileSync('bash', ['-c', `${program}\n${commands}`], { encoding: 'utf8' });
    expect(output).toBe(
      lines.map((words) => [words.length, ...words].map((one) => `${one}\0`).join('')).join(''),
    );
  });
});

/** The text with a call of `shown` before each command. */
function bashLines(text: string): string {
  const all = text.replaceAll('\r\n', '\n').split('\n');
  const starts = new Set(splitLines(text).map((line) => line.number - 1));
  return all.map((line, index) => (starts.has(index) ? `shown ${line}` : line)).join('\n');
}

it('says what was quoted', () => {
  expect(splitLines(`a'*'"\\?"\\[b* '~'`)[0]?.words).toEqual([
    { text: 'a*\\?[b*', bare: 'a\0\0\0\0b*' },
    { text: '~', bare: '\0' },
  ]);
});

it('numbers lines by their start', () => {
  expect(splitLines('\na\n\nb \\\nc\n# d\n  e').map((line) => line.number)).toEqual([2, 4, 7]);
});

describe('what asks for more of a shell is told with what to write instead', () => {
  const own = 'write each on a line of its own';
  const alone = 'write the go command alone';
  const leave = 'leave it out';
  const value = 'write its value';
  const prints = 'write what it prints, packages as a pattern such as ./...';
  const table: readonly (readonly [string, string, string])[] = [
    ['a && b', '&& joins commands', own],
    ['a; b', '; joins commands', own],
    ['a&&b', '&& joins commands', own],
    ['a | tee b', '| is for a shell', alone],
    ['a || true', '|| is for a shell', alone],
    ['a |& tee b', '| is for a shell', alone],
    ['a &', '& is for a shell', alone],
    ['(a)', '( is for a shell', alone],
    ['a )', ') is for a shell', alone],
    ['-run=A|B', '| is for a shell', 'or quote it'],
    ['a > b', '> redirects', leave],
    ['a >> b', '> redirects', leave],
    ['a 2>&1', '> redirects', leave],
    ['a &>b', '&> redirects', leave],
    ['a < b', '< redirects', leave],
    ['a $b', '$b is a variable', value],
    ['a x$b', '$b is a variable', value],
    ['a "x $b_1"', '$b_1 is a variable', value],
    [`a \${b}`, `\${b} is a variable`, value],
    [`a "\${b:-c d}"`, `\${b:-c d} is a variable`, value],
    ['a $1 "$@"', '$1 is a variable', value],
    ['a "$@"', '$@ is a variable', value],
    ['a $?', '$? is a variable', value],
    ['a $$', '$$ is a variable', value],
    ['a "\\\\$b"', '$b is a variable', value],
    ['a "\\$b$c"', '$c is a variable', value],
    ['a $(go list ./...)', '$(go list ./...) is a command', prints],
    ['a "$(pwd)/b"', '$(pwd) is a command', prints],
    ['a $(b', '$(b is a command', prints],
    ['a `go list`', '`go list` is a command', prints],
    ['a "x`b`"', '`b` is a command', prints],
    ["a $'b'", "$' is of bash alone", 'write ordinary quotes'],
    ['a $"b"', '$" is of bash alone', 'write ordinary quotes'],
    ["a 'b", "the quote ' is not closed", ''],
    ['a "b', 'the quote " is not closed', ''],
    ['a "b\\"', 'the quote " is not closed', ''],
    ['a "b\nc"', 'the quote " is not closed', ''],
    ['a && b | c $d', '&& joins commands', own],
  ];
  it.each(table)('%s', (text, what, instead) => {
    const wrong = splitLines(text)[0]?.wrong;
    expect(wrong?.startsWith(what), wrong).toBe(true);
    expect(wrong).toContain(instead);
  });

  it('and the lines after it are read', () => {
    const lines = splitLines("a 'b\nc | \\\n d\ne 'f'");
    expect(lines.map((line) => [line.number, line.wrong === undefined])).toEqual([
      [1, false],
      [2, false],
      [4, true],
    ]);
    expect(lines[2]?.words.map((word) => word.text)).toEqual(['e', 'f']);
  });
});
