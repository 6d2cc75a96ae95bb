import { devNull } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compiledPackages } from '../../local/graph.ts';
import {
  type Files,
  goMod,
  goRunner,
  makeTree,
  temporaryDirectory,
  tested,
  testOf,
  untested,
  warmedGocache,
} from '../helpers/module.ts';
import { type Surveyed, surveyOf } from '../helpers/survey.ts';
import { warmSurveyed } from '../helpers/warm.ts';

/** `text` has no tests and is imported by two that have: measured, it is instrumented for both. */
const files: Files = {
  'go.mod': goMod('example.com/m'),
  ...untested('text'),
  ...untested('alone'),
  ...tested('core', ['example.com/m/text']),
  ...tested('shop', ['example.com/m/core', 'example.com/m/text']),
  ...tested('tool'),
  'tests/e2e/e2e_test.go': testOf('e2e')
    .replace('Value()', 'core.Value()')
    .replace('import "testing"', 'import "testing"\nimport "example.com/m/core"'),
  'tests/help/help.go': 'package help\n',
};

const gocache = warmedGocache(afterAll);
const { root } = makeTree(files, afterAll);
let surveyed: Surveyed;

beforeAll(async () => {
  surveyed = await surveyOf(root, { gocache });
});

/** The packages that the job's own `go test` compiles. */
async function compiles(...args: readonly string[]): Promise<readonly string[]> {
  const graph = join(temporaryDirectory(), 'graph.json');
  const { exitCode, stdout } = await goRunner(gocache)(
    'go',
    ['test', `-debug-actiongraph=${graph}`, ...args],
    { cwd: root },
  );
  expect(exitCode, stdout).toBe(0);
  return compiledPackages(graph);
}

const atomic = ['-covermode=atomic'];
const others = ['-gcflags=-N', '-tags=it'];

test('before the warm the job compiles all of it', async () => {
  const found = await compiles('-cover', ...surveyed.cover);
  expect(found).toEqual(
    expect.arrayContaining(['example.com/m/core', 'example.com/m/text', 'example.com/m/core.test']),
  );
});

describe('after the warm the job compiles nothing', () => {
  test.each([
    ['without flags', []],
    ['with -covermode', atomic],
    ['with other flags', others],
  ])('%s', async (_, flags) => {
    const { cover, steps } = await surveyOf(root, { gocache, inputs: { 'build-flags': flags.join(' ') } });
    const { error } = await warmSurveyed({ steps }, { workspace: root, gocache });
    expect(error).toBeUndefined();
    expect(await compiles('-cover', ...flags, ...cover)).toEqual([]);
    expect(await compiles(...flags, '-count=1', `-coverprofile=${devNull}`, ...cover.toReversed())).toEqual(
      [],
    );
    expect(await compiles(...flags.filter((flag) => !atomic.includes(flag)), './tests/...')).toEqual([]);
  });
});

test('a list that is divided over several commands warms the one command of the job', async () => {
  const flags = ['-tags=divided'];
  // Room for the two packages without tests and two more.
  const divided = await surveyOf(root, { gocache, inputs: { 'build-flags': '-tags=divided' }, limit: 86 });
  const { passes, error } = await warmSurveyed(divided, { workspace: root, gocache });
  expect(error).toBeUndefined();
  expect(passes.map(({ kind, packages }) => [kind, packages])).toEqual([
    ['cover', 4],
    ['cover', 1],
    ['plain', 2],
  ]);
  expect(await compiles('-cover', ...flags, ...surveyed.cover)).toEqual([]);
});

test('what the warm did not name is told by the graph', async () => {
  // Without `text` in its list the job compiles what imports it once more (design.md, fact 1).
  expect(await compiles('-cover', ...others, './core')).toEqual([
    'example.com/m/core',
    'example.com/m/core.test',
  ]);
  expect(await compiles(...others, './shop')).toEqual(expect.arrayContaining(['example.com/m/shop.test']));
});
