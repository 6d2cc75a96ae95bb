import { describe, expect, test } from 'vitest';
import { parseState, type SetState, type State } from '../../src/config/state.ts';

const setState: SetState = {
  schema: 1,
  kind: 'set',
  report: '/temp dir/report.json',
  work: '/temp dir/gobuild-test/a-b',
  gocache: '/temp dir/gobuild-test/a-b/gocache',
  mark: 1_788_000_000,
  keys: { prefix: 's', primary: 'p', save: 'p-1.1', unwarmed: 'u-1.1' },
  restore: 'partial',
  seenKey: 'p-0.1',
  warm: 'warmed',
  onMiss: 'notice',
  trace: false,
  supersede: true,
  maxSize: 2 ** 31,
  commit: 'c0ffee',
  summary: 'true',
  name: 'default',
  ref: 'refs/heads/main',
  policy: { allowed: false, reason: 'a pull request; the cache is filled from "main" — ünï\n' },
  modules: { key: 'm-1.1', primary: 'm', seenKey: null, goModCache: '/home/me/go/pkg/mod' },
  helpers: { key: 'h-1.1', primary: 'h', prefix: 'h', seenKey: null, stored: false },
  isShared: true,
  keepExecutables: false,
};

describe('what main remembers is what post reads', () => {
  const states: readonly State[] = [
    setState,
    { ...setState, seenKey: null, modules: null, policy: { allowed: true }, restore: 'exact' },
    { schema: 1, kind: 'disabled', report: '/r.json', reason: 'GOCACHEPROG is set' },
  ];
  test.each(states)('$kind', (state) => {
    // core.saveState stores JSON.stringify of what is no text.
    expect(parseState(JSON.stringify(state))).toEqual(state);
  });
});

test('nothing remembered', () => {
  expect(parseState('')).toBeUndefined();
});

test.each([
  ['{"schema":2,"kind":"set"}', /^the state of another version of this action: \{"schema":2/],
  ['{}', /^the state of another version/],
  ['{"schema":', /JSON/],
])('%s is refused', (text, message) => {
  expect(() => parseState(text)).toThrow(message);
});
