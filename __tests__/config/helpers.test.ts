import { describe, expect, test } from 'vitest';
import { parseHelpers } from '../../src/config/helpers.ts';

const line = (pattern: string, name?: string) => ({ name, pattern });

test.each([
  ['', []],
  ['\n  # none\n', []],
  ['./cmd/gen', [line('./cmd/gen')]],
  ['./cmd/gen/\r\n./cmd/gen', [line('./cmd/gen'), line('./cmd/gen')]],
  ['gen=./internal/cmd/generate\n./cmd/...', [line('./internal/cmd/generate', 'gen'), line('./cmd/...')]],
  ['gen = ./a', [line('./a', 'gen')]],
  ['./scripts/*\ntool', [line('./scripts/*'), line('tool')]],
  ['go.uber.org/mock/mockgen', [line('go.uber.org/mock/mockgen')]],
])('%j', (text, lines) => {
  expect(parseHelpers(text)).toEqual(lines);
});

describe('wrong lines', () => {
  test.each([
    ['=./a', '=./a: a name is 1 to 100 letters'],
    ['gen=', 'gen=: it names no package: write name=package, as in gen=./internal/cmd/generate'],
    ['bin/gen=./a', 'bin/gen=./a: a name is a file in helpers-dir, without a directory'],
    ['bin\\gen=./a', 'bin\\gen=./a: a name is a file in helpers-dir, without a directory'],
    ['..=./a', '..=./a: a name is 1 to 100 letters'],
    ['gen.=./a', 'gen.=./a: a name is 1 to 100 letters'],
    ['gen.exe=./a', 'gen.exe=./a: leave .exe out: it is added on Windows'],
    ['nul=./a', 'nul=./a: a device name on Windows: choose another'],
    ['a=./a\nA=./b', 'two lines have the name A: give each helper one of its own'],
    ['-tags=./a', '-tags=./a: a name is 1 to 100 letters'],
    ['-race', '-race: a flag is no package: helpers are built with GOFLAGS alone'],
    ['./a ./b', './a ./b: one package a line'],
    ['./a/main.go', './a/main.go: it is a file: name its package'],
    ['example.com/gen@latest', "example.com/gen@latest: no version here: go.mod's own is built"],
  ])('%j', (text, message) => {
    expect(() => parseHelpers(text)).toThrow(message);
  });
});
