import { expect, test } from 'vitest';
import { keyGroup, repositoryUsage } from '../../src/store/quota.ts';

test.each([
  [
    'gobuild-test-2-linux-x64-go1.26.8-0123456789abcdef-default-04289534dd5328963c1d88ba6f2a9fa5-812.1',
    'gobuild-test-2-linux-x64-go1.26.8-0123456789abcdef-default',
  ],
  [
    'gobuild-test-2-modules-linux-go1.26.8-04289534dd5328963c1d-812.1',
    'gobuild-test-2-modules-linux-go1.26.8',
  ],
  ['node-cache-Linux-x64-npm-3fa94b1', 'node-cache-Linux-x64-npm'],
  ['setup-go-Linux-x64-ubuntu24-go-1.26.8-3FA94B1C', 'setup-go-Linux-x64-ubuntu24-go-1.26.8'],
  ['buildkit-blob-1-sha256:3fa94b1', 'buildkit-blob-1-sha256:3fa94b1'],
  ['feedface-cafe', 'feedface-cafe'],
  ['1234567-1', '1234567-1'],
  ['plain', 'plain'],
])('keyGroup(%s)', (key, group) => {
  expect(keyGroup(key)).toBe(group);
});

const main = 'refs/heads/main';

test('an empty repository', () => {
  const none = { entries: 0, bytes: 0 };
  expect(repositoryUsage([], main)).toEqual({ ...none, own: none, onRef: none, largest: [] });
});

test("adds up all, this action's share, and the five largest groups", () => {
  const others = ['a', 'b', 'c', 'd', 'e'].map((name, at) => ({
    key: `${name}-${at}`,
    ref: main,
    bytes: 10 * (at + 1),
  }));
  const own = [
    { key: 'gobuild-test-2-linux-x-0123456789abcdef-1.1', ref: main, bytes: 20 },
    { key: 'gobuild-test-2-linux-x-0123456789abcde0-2.1', ref: 'refs/heads/topic', bytes: 25 },
    { key: 'gobuild-test-2-linux', ref: main, bytes: 1 },
  ];
  const foreign = { key: 'gobuild-testing-1', ref: main, bytes: 2 };
  expect(repositoryUsage([...others, ...own, foreign], main)).toEqual({
    entries: 9,
    bytes: 198,
    own: { entries: 3, bytes: 46 },
    onRef: { entries: 2, bytes: 21 },
    largest: [
      { prefix: 'e', entries: 1, bytes: 50 },
      { prefix: 'gobuild-test-2-linux-x', entries: 2, bytes: 45 },
      { prefix: 'd', entries: 1, bytes: 40 },
      { prefix: 'c', entries: 1, bytes: 30 },
      { prefix: 'b', entries: 1, bytes: 20 },
    ],
  });
});
