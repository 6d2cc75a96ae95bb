import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compiledPackages } from '../../local/graph.ts';
import { ActRepository, noAct, type Pushed, rewritten } from './act.ts';

/**
 * Workflows as a runner reads them: `uses:` by name and path, contexts, outputs from step to job to workflow, post steps. `act`
 * takes them from this checkout, and nothing from the network.
 */

const checkout = 'actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1';
const seeder = 'OWNER/gobuild-test/.github/workflows/gobuild-test.yml@v1';

/** The job's own tests. */
const tests = `
      - name: The tests
        run: |
          go test -debug-actiongraph="$RESULTS/cover" -cover ./cmd/... ./core ./leaf ./plainlib
          go test -debug-actiongraph="$RESULTS/plain" ./tests/...`;

/** What they have compiled. */
const compiled = ({ path }: Pushed): string[] =>
  ['cover', 'plain'].flatMap((name) => compiledPackages(path(name)));

/** Another content than that which the seeder has seen. */
const change = (number: number): string => `
      - run: echo 'func Other${number}() {}' >> leaf/leaf.go`;

const readme = readFileSync(resolve(import.meta.dirname, '../../README.md'), 'utf8');
const chapter = readme.slice(readme.indexOf('\n## Ways to use it\n'), readme.indexOf('\n## Try it'));
const [stepsOfReadme = '', workflowOfReadme = ''] = [...chapter.matchAll(/```yaml\n(.*?)```/gs)].map(
  ([, text]) => text,
);

const composite = (...uses: readonly string[]) => ({
  'action.yml': `name: composite
runs:
  using: composite
  steps:
${uses.map((one) => `    - uses: ${one}\n`).join('')}`,
});

/** The outer ones are used by a workflow, the inner ones by the outer. */
const nested = {
  'OWNER/outer@v1': composite('OWNER/inner@v1'),
  'OWNER/inner@v1': composite('OWNER/gobuild-test@v1'),
  'OWNER/outer-save@v1': composite('OWNER/inner-save@v1'),
  'OWNER/inner-save@v1': composite('OWNER/gobuild-test/restore@v1', 'OWNER/gobuild-test/save@v1'),
};

describe.skipIf(noAct !== undefined)(noAct ?? 'with act', () => {
  let repository: ActRepository;
  let seeded: Pushed;

  beforeAll(async () => {
    repository = await ActRepository.start({ others: nested });
    seeded = await repository.push(`on: push
jobs:
  first:
    uses: ${seeder}
    with: { runs-on: '"ubuntu-latest"', prepare: 'echo prepared > "$RESULTS/prepared"' }
  second:
    needs: first
    uses: ${seeder}
    with: { runs-on: '["ubuntu-latest"]', go-version: 1.26.x }
  third:
    needs: [first, second]
    runs-on: ubuntu-latest
    steps:
      - env:
          NEEDS: \${{ toJSON(needs) }}
        run: echo "$NEEDS" > "$RESULTS/needs"
`);
  }, 900_000);
  afterAll(async () => repository.remove());

  test('the reusable workflow, called twice: the second restores exactly what the first has saved', () => {
    expect(seeded.exitCode, seeded.log).toBe(0);
    const { first, second }: Record<string, { outputs: unknown }> = JSON.parse(seeded.results('needs'));
    const [key, ...others] = repository.setKeys();
    expect(others).toEqual([]);
    expect(first?.outputs).toMatchObject({
      ...{ 'cache-hit': 'false', 'warm-outcome': 'warmed', saved: 'true', reason: '', 'cache-key': key },
      'saved-bytes': expect.stringMatching(/^[1-9]\d+$/),
    });
    expect(second?.outputs).toMatchObject({
      ...{ 'cache-hit': 'true', saved: 'false', 'cache-key': '', 'saved-bytes': '0' },
      reason: 'the restored set is exact, and nothing was compiled that it lacks',
    });
  });

  test('its own inputs reach Go and bash', () => {
    expect(seeded.results('prepared')).toBe('prepared\n');
    expect(seeded.log).toContain('setup-go version [] file [go.mod] cache [false]');
    expect(seeded.log).toContain('setup-go version [1.26.x] file [] cache [false]');
  });

  test('the lines of the README call it', async () => {
    const done = await repository.push(workflowOfReadme);
    expect(done.exitCode, done.log).toBe(0);
    expect(done.log).toContain('an exact set: ');
  });

  test('the lines of the README restore, test and save', async () => {
    const steps = stepsOfReadme.trimEnd().replaceAll('\n', '\n      ');
    const done = await repository.push(`on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}
      ${steps}
`);
    expect(done.exitCode, done.log).toBe(0);
    expect(done.log).toContain('saved false');
  });

  test('a job with the action finds what the reusable workflow has saved, and compiles nothing', async () => {
    const done = await repository.push(`on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}
      - uses: OWNER/gobuild-test@v1
        id: warm${tests}
      - env:
          HIT: \${{ steps.warm.outputs.cache-hit }}
        run: echo "$HIT" > "$RESULTS/hit"
`);
    expect(done.exitCode, done.log).toBe(0);
    expect(done.results('hit')).toBe('true\n');
    expect(compiled(done)).toEqual([]);
    expect(done.log).toContain(
      'The set not saved: the restored set is exact, and nothing was compiled that it lacks',
    );
  });

  test('restore/ and save/, and the older entry is deleted by the token of the job', async () => {
    const [older] = repository.setKeys();
    const done = await repository.push(`on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}${change(1)}
      - uses: OWNER/gobuild-test/restore@v1
        id: restore${tests}
      - uses: OWNER/gobuild-test/save@v1
        id: save
      - env:
          OUTPUTS: \${{ toJSON(steps.save.outputs) }}
          HIT: \${{ steps.restore.outputs.cache-hit }}
        run: |
          echo "$OUTPUTS" > "$RESULTS/outputs"
          echo "$HIT" > "$RESULTS/hit"
`);
    expect(done.exitCode, done.log).toBe(0);
    const [key, ...others] = repository.setKeys();
    expect(JSON.parse(done.results('outputs'))).toMatchObject({
      ...{ saved: 'true', 'cache-key': key, 'compiled-after-warm': '0' },
    });
    expect(done.results('hit')).toBe('false\n');
    expect(compiled(done)).toEqual([]);
    expect(others).toEqual([]);
    expect(key).not.toBe(older);
  });

  test('save/ after a failed test: nothing is swept, and the job stays failed', async () => {
    const done = await repository.push(`on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}${change(2)}
      - uses: OWNER/gobuild-test/restore@v1
      - run: exit 1
      - uses: OWNER/gobuild-test/save@v1
        id: save
        if: \${{ !cancelled() }}
      - if: \${{ !cancelled() }}
        env:
          OUTPUTS: \${{ toJSON(steps.save.outputs) }}
        run: echo "$OUTPUTS" > "$RESULTS/outputs"
`);
    expect(done.exitCode).toBe(1);
    const outputs: Record<string, string> = JSON.parse(done.results('outputs'));
    expect(outputs).toMatchObject({ saved: 'true', 'swept-bytes': '0' });
    expect(outputs['cache-key']).toContain('-unwarmed-');
  });

  test('the action within nested composite actions: its post step saves', async () => {
    const before = repository.setKeys();
    const done = await repository.push(`on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}${change(3)}
      - uses: OWNER/outer@v1${tests}
  again:
    needs: test
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}${change(3)}
      - uses: OWNER/gobuild-test/restore@v1
        id: restore
      - env:
          KEY: \${{ steps.restore.outputs.cache-matched-key }}
          HIT: \${{ steps.restore.outputs.cache-hit }}
        run: echo "$HIT $KEY" > "$RESULTS/hit"
`);
    expect(done.exitCode, done.log).toBe(0);
    expect(compiled(done)).toEqual([]);
    const added = repository.setKeys().filter((key) => !before.includes(key));
    expect(added).toHaveLength(1);
    expect(done.results('hit')).toBe(`true ${added[0]}\n`);
  });

  test('the sub-actions within nested composite actions: save/ has its token, and deletes what it replaces', async () => {
    const done = await repository.push(`on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: ${checkout}${change(4)}
      - uses: OWNER/outer-save@v1
`);
    expect(done.exitCode, done.log).toBe(0);
    expect(done.log).toContain('The set saved, ');
    expect(repository.setKeys()).toHaveLength(1);
  });
});

test('the form without $/ is the workflow but for its two lines', () => {
  const file = resolve(import.meta.dirname, '../../.github/workflows/gobuild-test.yml');
  const text = readFileSync(file, 'utf8');
  const lines = rewritten(text).split('\n');
  const changed = lines.filter((line, at) => line !== text.split('\n')[at]).map((line) => line.trim());
  expect(changed).toEqual(['- uses: OWNER/gobuild-test/restore@v1', '- uses: OWNER/gobuild-test/save@v1']);
  // As the README says to write it on GitHub Enterprise Server.
  expect(readme.replace(/\s+/g, ' ')).toContain(
    '`OWNER/gobuild-test/restore@v1` and `OWNER/gobuild-test/save@v1`',
  );
});
