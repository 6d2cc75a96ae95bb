import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { compiledPackages, links } from '../../local/graph.ts';

let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'graph-'));
  mkdirSync(join(root, 'a'));
  writeFileSync(join(root, 'go.mod'), 'module example.com/tiny\n\ngo 1.24\n');
  writeFileSync(join(root, 'a', 'a.go'), 'package a\n\nfunc One() int { return 1 }\n');
  writeFileSync(
    join(root, 'a', 'a_test.go'),
    'package a\n\nimport "testing"\n\nfunc TestOne(t *testing.T) {\n\tif One() != 1 {\n\t\tt.Fatal(One())\n\t}\n}\n',
  );
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

test('real go: everything is compiled into an empty cache, and nothing into a full one', () => {
  const cold = goTest('cold.json');
  expect(compiledPackages(cold)).toEqual(
    expect.arrayContaining(['example.com/tiny/a', 'example.com/tiny/a.test', 'fmt']),
  );
  expect(links(cold)).toEqual(['example.com/tiny/a.test']);

  const warm = goTest('warm.json');
  expect(compiledPackages(warm)).toEqual([]);

  writeFileSync(join(root, 'a', 'a.go'), 'package a\n\nfunc One() int { return 2 - 1 }\n');
  expect(compiledPackages(goTest('edited.json'))).toEqual(['example.com/tiny/a', 'example.com/tiny/a.test']);
});

test('a file that is no action graph is refused', () => {
  const file = join(root, 'other.json');
  writeFileSync(file, '{}');
  expect(() => compiledPackages(file)).toThrow(/no actions in/);
});

function goTest(name: string): string {
  const file = join(root, name);
  const result = spawnSync('go', ['test', '-vet=off', `-debug-actiongraph=${file}`, './...'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, GOCACHE: join(root, 'gocache'), GOFLAGS: '', GOWORK: 'off' },
  });
  if (result.status !== 0) throw new Error(result.stderr || result.stdout);
  return file;
}
