import { afterAll, describe, expect, test } from 'vitest';
import { jobCachesWithSetupGo, setupGoCaches } from '../../src/config/setup-go.ts';
import { makeTree } from '../helpers/module.ts';

/** A workflow whose job `test` has one step. */
const workflow = (...step: readonly string[]): string =>
  ['on: push', 'jobs:', '  test:', '    steps:', '      - uses: actions/checkout@v5', ...step].join('\n');
const setupGo = (...inputs: readonly string[]): string =>
  workflow('      - uses: actions/setup-go@v6', ...inputs.map((line) => `        ${line}`));

describe('jobCachesWithSetupGo', () => {
  test.each([
    ['without inputs', setupGo(), true],
    ['with others', setupGo('with:', '  go-version: stable'), true],
    ['on', setupGo('with:', '  cache: true'), true],
    ['on, as a text', setupGo('with:', "  cache: 'True'"), true],
    ['off', setupGo('with:', '  cache: false'), false],
    ['off, as a text', setupGo('with:', '  cache: "false"'), false],
    ['an expression', setupGo('with:', '  cache: ${' + '{ inputs.cache }}'), false],
    ['by its SHA, in other letters', workflow('      - uses: Actions/Setup-Go@4b73464bb391 # v6'), true],
    ['another action', workflow('      - uses: actions/setup-node@v5'), false],
    ['a fork of another owner', workflow('      - uses: example/setup-go@v6'), false],
    ['a reusable workflow, no steps', 'jobs:\n  test:\n    uses: ./.github/workflows/x.yml', false],
    ['steps that are no list', 'jobs:\n  test:\n    steps: none', false],
    ['a step that is none', 'jobs:\n  test:\n    steps: [null, 3, {run: x}]', false],
    ['no workflow', 'a text', false],
    ['no YAML', 'jobs: [', false],
    ['nothing', '', false],
  ])('%s: %s', (_, text, expected) => {
    expect(jobCachesWithSetupGo(text, 'test')).toBe(expected);
  });

  test('only the job that runs is asked', () => {
    expect(jobCachesWithSetupGo(setupGo(), 'other')).toBe(false);
  });
});

describe('setupGoCaches: the file that GITHUB_WORKFLOW_REF names', () => {
  const { root } = makeTree(
    {
      '.github/workflows/ci.yml': setupGo(),
      '.github/workflows/off.yaml': setupGo('with:', '  cache: false'),
    },
    afterAll,
  );
  test.each([
    ['owner/name/.github/workflows/ci.yml@refs/heads/main', true],
    ['owner/name/.github/workflows/ci.yml@refs/heads/me@work', true],
    ['owner/name/.github/workflows/off.yaml@refs/heads/main', false],
    ['owner/name/.github/workflows/gone.yml@refs/heads/main', false],
    ['owner/name', false],
    ['', false],
    [undefined, false],
  ])('%s: %s', (ref, expected) => {
    expect(setupGoCaches(root, { GITHUB_WORKFLOW_REF: ref, GITHUB_JOB: 'test' })).toBe(expected);
  });
});
