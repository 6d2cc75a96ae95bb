import { describe, expect, test } from 'vitest';
import { readContext } from '../../src/config/context.ts';
import { UserError } from '../../src/errors.ts';
import { makeTree } from '../helpers/module.ts';

const env = {
  GITHUB_WORKSPACE: '/home/runner/work/a/a',
  RUNNER_TEMP: '/home/runner/work/_temp',
  GITHUB_RUN_ID: '8123',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_EVENT_NAME: 'push',
  GITHUB_REF: 'refs/heads/main',
};

test('what the runner says', () => {
  expect(readContext(env, 'linux', 'x64')).toEqual({
    workspace: '/home/runner/work/a/a',
    temp: '/home/runner/work/_temp',
    run: '8123.2',
    event: 'push',
    ref: 'refs/heads/main',
    commit: '',
    defaultBranch: '',
    os: 'linux',
    arch: 'x64',
  });
});

test('what it may leave out', () => {
  const { GITHUB_WORKSPACE, RUNNER_TEMP } = env;
  const context = readContext({ GITHUB_WORKSPACE, RUNNER_TEMP }, 'linux', 'arm64');
  expect(context).toMatchObject({ run: '0.1', event: '', ref: '', defaultBranch: '', arch: 'arm64' });
});

test.each(['GITHUB_WORKSPACE', 'RUNNER_TEMP'])('without %s it is no runner', (name) => {
  const message = `${name} is not set: this is a GitHub action, to be started by a runner`;
  for (const value of [undefined, '']) {
    expect(() => readContext({ ...env, [name]: value }, 'linux', 'x64')).toThrow(new UserError(message));
  }
});

test.each([
  ['linux', 'linux'],
  ['darwin', 'macos'],
  ['win32', 'windows'],
  ['freebsd', 'freebsd'],
] as const)('%s is called %s', (platform, os) => {
  expect(readContext(env, platform, 'x64').os).toBe(os);
});

describe('the default branch, of the payload', () => {
  test.each([
    ['it names one', '{"repository": {"default_branch": "trunk"}}', 'trunk'],
    ['a branch that is no text', '{"repository": {"default_branch": 1}}', ''],
    ['no branch', '{"repository": {}}', ''],
    ['no repository, as of a schedule', '{"schedule": "0 4 * * *"}', ''],
    ['null', '{"repository": null}', ''],
    ['no object', 'null', ''],
    ['broken JSON', '{"repository": ', ''],
    ['an empty file', '', ''],
  ])('%s', (_, payload, branch) => {
    const { path } = makeTree({ 'event.json': payload });
    expect(readContext({ ...env, GITHUB_EVENT_PATH: path('event.json') }, 'linux', 'x64').defaultBranch).toBe(
      branch,
    );
  });

  test.each(['', '/nowhere/event.json'])('no payload at %j', (path) => {
    expect(readContext({ ...env, GITHUB_EVENT_PATH: path }, 'linux', 'x64').defaultBranch).toBe('');
  });
});
