import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { cleanPattern } from '../../src/config/patterns.ts';
import { goMod, makeTree, untested } from '../helpers/module.ts';

const table: readonly (readonly [string, string])[] = [
  ['.', '.'],
  ['./', '.'],
  ['./a/', './a'],
  ['././/a', './a'],
  ['./a/..', '.'],
  ['./a/../...', './...'],
  ['.\\a\\...', './a/...'],
  ['..', '..'],
  ['../m/./a', '../m/a'],
  ['./../m/a', '../m/a'],
  ['example.com//m/a/', 'example.com/m/a'],
  ['example.com/m/b/../...', 'example.com/m/...'],
  ['a/..', '.'],
  ['all', 'all'],
  ['./a/a.go', './a/a.go'],
  ['example.com\\m\\a', 'example.com/m/a'],
];

/** Those with a drive or of a share name something on Windows alone. */
const absolute: readonly (readonly [string, string])[] = [
  ['/a/./m/', '/a/m'],
  ['D:\\a\\m/b/...', 'D:\\a\\m\\b\\...'],
  ['D:/a/m/./b/', 'D:\\a\\m\\b'],
  ['D:\\a\\..\\...', 'D:\\...'],
  ['d:\\', 'd:\\'],
  ['\\\\server\\share\\m\\...', '\\\\server\\share\\m\\...'],
];

it.each([...table, ...absolute])('%s', (pattern, clean) => {
  expect(cleanPattern(pattern)).toBe(clean);
  expect(cleanPattern(clean)).toBe(clean);
});

it('what is clean is what go list gives back', () => {
  const tree = makeTree({ 'm/go.mod': goMod('example.com/m'), ...under('m', untested('a')) });
  const patterns = table.map(([, clean]) => clean).filter((clean) => !clean.endsWith('.go'));
  const format = '{{range .Match}}{{.}} {{end}}';
  const listed = execFileSync('go', ['list', '-e', '-f', format, ...patterns], {
    cwd: tree.path('m'),
    encoding: 'utf8',
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off' },
  });
  expect(new Set(listed.split(/\s+/).filter((word) => word !== ''))).toEqual(new Set(patterns));
});

const under = (directory: string, files: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(files).map(([name, text]) => [`${directory}/${name}`, text]));
