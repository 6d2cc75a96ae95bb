import { describe, expect, test } from 'vitest';
import { type SavePolicy, savePolicy } from '../../src/store/policy.ts';

const main = 'refs/heads/main';
const yes: SavePolicy = { allowed: true };
const no = (reason: string): SavePolicy => ({ allowed: false, reason });
const pull = no('a pull request; the cache is filled from main');
const foreign = (event: string): SavePolicy => no(`the event ${event}; the cache is filled from main`);
const other = (ref: string): SavePolicy =>
  no(`${ref || 'no ref'} is not the default branch; the cache is filled from main`);

const refs = [main, 'refs/heads/work', 'refs/tags/v1', 'refs/pull/7/merge', 'main', ''];
const trusted = [
  'push',
  'schedule',
  'workflow_dispatch',
  'merge_group',
  'release',
  'repository_dispatch',
  '',
];
const pulls = ['pull_request', 'pull_request_target', 'pull_request_review', 'pull_request_review_comment'];
const outside = ['issue_comment', 'workflow_run'];

describe('auto, where the default branch is main', () => {
  const table = refs.flatMap((ref) => [
    ...trusted.map((event) => [event, ref, ref === main ? yes : other(ref)] as const),
    ...pulls.map((event) => [event, ref, pull] as const),
    ...outside.map((event) => [event, ref, foreign(event)] as const),
  ]);
  test.each(table)('%s on %s', (event, ref, expected) => {
    expect(savePolicy({ save: 'auto', event, ref, defaultBranch: 'main' })).toEqual(expected);
  });
});

test('a default branch with a slash is taken whole', () => {
  const facts = { save: 'auto', event: 'push', defaultBranch: 'dev/next' } as const;
  expect(savePolicy({ ...facts, ref: 'refs/heads/dev/next' })).toEqual(yes);
  expect(savePolicy({ ...facts, ref: 'refs/heads/next' })).toMatchObject({ allowed: false });
});

describe('auto, where the payload names no default branch', () => {
  const unknown = no(
    'the event does not name the default branch; set save to always where this job fills the cache',
  );
  test.each([
    ['push', unknown],
    ['workflow_dispatch', unknown],
    ['', unknown],
    // It runs on the default branch alone, and its payload names no repository.
    ['schedule', yes],
    ['pull_request', no('a pull request; the cache is filled from the default branch')],
    ['workflow_run', no('the event workflow_run; the cache is filled from the default branch')],
  ])('%s', (event, expected) => {
    for (const ref of refs) {
      expect(savePolicy({ save: 'auto', event, ref, defaultBranch: '' })).toEqual(expected);
    }
  });
});

describe('always and never hold on every event and ref', () => {
  const table = [...trusted, ...pulls, ...outside].flatMap((event) =>
    refs.map((ref) => [event, ref] as const),
  );
  test.each(table)('%s on %s', (event, ref) => {
    for (const defaultBranch of ['main', '']) {
      expect(savePolicy({ save: 'always', event, ref, defaultBranch })).toEqual(yes);
      expect(savePolicy({ save: 'never', event, ref, defaultBranch })).toEqual(no('the input save is never'));
    }
  });
});
