import { describe, expect, test } from 'vitest';
import {
  baseKey,
  baseKeyOf,
  basePrefix,
  helperKeys,
  isExact,
  type KeyParts,
  moduleKeys,
  setKeys,
  topKey,
} from '../../src/store/key.ts';

const parts = (overrides: Partial<KeyParts> = {}): KeyParts => ({
  os: 'linux',
  arch: 'x64',
  goVersion: 'go1.26.8',
  shape: '0123456789abcdef',
  name: 'default',
  content: 'c'.repeat(32),
  run: '8123.1',
  ...overrides,
});
const keys = (overrides: Partial<KeyParts> = {}) => setKeys(parts(overrides));

test('the form of the keys', () => {
  const named = 'gobuild-test-2-linux-x64-go1.26.8-0123456789abcdef-default';
  const primary = `${named}-${'c'.repeat(32)}`;
  expect(keys()).toEqual({
    prefix: `${named}-`,
    primary,
    restore: [`${primary}-`, `${named}-`],
    save: `${primary}-8123.1`,
    unwarmed: `${named}-unwarmed-8123.1`,
  });
});

describe('which set finds which: the saved key against the prefixes of a look-up', () => {
  type Found = 'exact' | 'partial' | 'not';
  const find = (saved: string, by: Partial<KeyParts>): Found => {
    const wanted = keys(by);
    if (!wanted.restore.some((prefix) => saved.startsWith(prefix))) return 'not';
    return isExact(wanted, saved) ? 'exact' : 'partial';
  };
  const table: readonly (readonly [string, Partial<KeyParts>, Partial<KeyParts>, Found])[] = [
    ['the same, of another run', {}, { run: '9.1' }, 'exact'],
    ['the same, of another attempt', {}, { run: '8123.2' }, 'exact'],
    ['another content', {}, { content: 'd'.repeat(32) }, 'partial'],
    ['a content that begins alike', { content: 'cc' }, { content: 'c' }, 'partial'],
    ['another shape', {}, { shape: 'fedcba9876543210' }, 'not'],
    ['another Go', {}, { goVersion: 'go1.26.9' }, 'not'],
    ['a Go that begins alike', { goVersion: 'go1.26.10' }, { goVersion: 'go1.26.1' }, 'not'],
    ['another system', {}, { os: 'macos' }, 'not'],
    ['another processor', {}, { arch: 'arm64' }, 'not'],
    ['a name that begins alike', { name: 'a-b' }, { name: 'a' }, 'not'],
    ['and the other way round', { name: 'a' }, { name: 'a-b' }, 'not'],
    ['a name that ends like a content', { name: `a-${'c'.repeat(32)}` }, { name: 'a' }, 'not'],
    ['names that differ in the kind of a sign', { name: 'a_b' }, { name: 'a-b' }, 'not'],
    ['names that differ in a dot', { name: 'a.b' }, { name: 'a-b' }, 'not'],
    ['names that begin alike', { name: 'ab' }, { name: 'a' }, 'not'],
  ];
  test.each(table)('%s', (_, saved, by, expected) => {
    expect(find(keys(saved).save, by)).toBe(expected);
  });

  test('an unwarmed set is found and never exact', () => {
    expect(find(keys().unwarmed, {})).toBe('partial');
    expect(find(keys().unwarmed, { name: 'other' })).toBe('not');
    expect(find(keys({ name: 'a-unwarmed' }).unwarmed, { name: 'a' })).toBe('not');
  });
});

test.each([
  ['go1.26.8', 'go1.26.8'],
  ['go1.26-custom build, X:a', 'go1.26~custom_build__X_a'],
  ['devel go1.27-0a1b2c3d Tue, 5 May', 'devel_go1.27~0a1b2c3d_Tue__5_May'],
])('the Go version %s is one field', (goVersion, field) => {
  expect(keys({ goVersion, content: 'c' }).primary).toBe(
    `gobuild-test-2-linux-x64-${field}-0123456789abcdef-default-c`,
  );
});

test("the service's limits hold for the longest name: under 512 characters, no comma", () => {
  const longGo = `devel go1.27-${'0'.repeat(40)} Tue May 5 10:00:00 2026 +0000, X:jsonv2,greenteagc`;
  const longRun = '99999999999999999.999';
  const long = keys({ name: `${'n-'.repeat(49)}xx`, goVersion: longGo, run: longRun });
  const modules = moduleKeys({ os: 'windows', goVersion: longGo, sums: 'f'.repeat(32), run: longRun });
  for (const key of [long.primary, long.save, long.unwarmed, ...long.restore, modules.save]) {
    expect(key.length).toBeLessThan(400);
    expect(key).toMatch(/^[A-Za-z0-9._~-]+$/);
  }
});

test('the keys of the module cache', () => {
  expect(moduleKeys({ os: 'linux', goVersion: 'go1.26-x', sums: 'f'.repeat(32), run: '7.1' })).toEqual({
    primary: `gobuild-test-2-modules-linux-go1.26~x-${'f'.repeat(32)}`,
    restore: [
      `gobuild-test-2-modules-linux-go1.26~x-${'f'.repeat(32)}-`,
      'gobuild-test-2-modules-linux-go1.26~x-',
    ],
    save: `gobuild-test-2-modules-linux-go1.26~x-${'f'.repeat(32)}-7.1`,
  });
});

describe('the keys of layers', () => {
  const identity = `0123456789abcdef${'f'.repeat(48)}`;
  const set = keys({ name: 'a-b', goVersion: 'go1.27-x' });
  const base = baseKey({ prefix: set.prefix, identity });

  test('their form', () => {
    expect(base).toBe('gobuild-test-2-base-linux-x64-go1.27~x-0123456789abcdef-a~b-0123456789abcdef');
    expect(topKey(set.save, { identity })).toBe(`${set.primary}-0123456789abcdef-8123.1`);
    expect(topKey(set.unwarmed, { identity })).toBe(`${set.prefix}unwarmed-0123456789abcdef-8123.1`);
    expect(base.startsWith(basePrefix(set.prefix))).toBe(true);
  });

  test("a top's key names its base; no other key does", () => {
    for (const key of [set.save, set.unwarmed]) expect(baseKeyOf(topKey(key, { identity }))).toBe(base);
    const modules = moduleKeys({ os: 'linux', goVersion: 'go1.26', sums: 'f'.repeat(32), run: '7.1' });
    for (const key of [
      set.save,
      set.unwarmed,
      base,
      modules.save,
      '',
      `x${topKey(set.save, { identity })}`,
    ]) {
      expect(baseKeyOf(key)).toBeUndefined();
    }
    // As one of another version of this action would look.
    expect(baseKeyOf(topKey(set.save, { identity }).replace('-2-', '-3-'))).toBeUndefined();
  });

  test('a top is found as its set is, a base never', () => {
    const top = topKey(set.save, { identity });
    expect(isExact(set, top)).toBe(true);
    expect(isExact(set, topKey(keys({ content: 'd'.repeat(32) }).save, { identity }))).toBe(false);
    expect(isExact(set, topKey(set.unwarmed, { identity }))).toBe(false);
    expect(set.restore.every((prefix) => top.startsWith(prefix))).toBe(true);
    const modules = moduleKeys({ os: 'linux', goVersion: 'go1.26', sums: 'f'.repeat(32), run: '7.1' });
    for (const os of ['linux', 'macos', 'windows']) {
      const prefixes = [...keys({ os }).restore, ...modules.restore];
      expect(
        prefixes.filter((prefix) => baseKey({ prefix: keys({ os }).prefix, identity }).startsWith(prefix)),
      ).toEqual([]);
    }
  });

  test('a base is of one shape and name', () => {
    const [a, ab] = [keys({ name: 'a' }), keys({ name: 'a-b' })];
    expect(baseKey({ prefix: ab.prefix, identity }).startsWith(basePrefix(a.prefix))).toBe(false);
    expect(baseKey({ prefix: a.prefix, identity }).startsWith(basePrefix(ab.prefix))).toBe(false);
  });
});

test('the keys of helpers', () => {
  const own = { os: 'linux', arch: 'x64', goVersion: 'go1.26.8', shape: 's', content: 'c', run: '7.1' };
  expect(helperKeys(own)).toEqual({
    prefix: 'gobuild-test-2-helpers-linux-x64-go1.26.8-s-',
    primary: 'gobuild-test-2-helpers-linux-x64-go1.26.8-s-c',
    restore: [
      'gobuild-test-2-helpers-linux-x64-go1.26.8-s-c-',
      'gobuild-test-2-helpers-linux-x64-go1.26.8-s-',
    ],
    save: 'gobuild-test-2-helpers-linux-x64-go1.26.8-s-c-7.1',
  });
});
