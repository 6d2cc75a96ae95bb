import { describe, expect, test } from 'vitest';
import { isVendored, usedFiles } from '../../src/go/modules.ts';
import { makeTree } from '../helpers/module.ts';

const sum = (...modules: readonly string[]): string =>
  modules.map((module) => `${module} h1:x=\n${module}/go.mod h1:y=\n`).join('');
const zips = (files: readonly string[]): string[] => files.filter((file) => file.endsWith('.zip'));

describe('usedFiles', () => {
  const goSum = sum('a.com/used v1.0.0', 'a.com/used v1.1.0', 'a.com/other v1.0.0', 'a.com/Fork v0.1.0');
  const used = { ImportPath: 'a.com/used/deep', Module: { Path: 'a.com/used', Version: 'v1.1.0' } };

  test('zips of the modules of listed packages alone, in their versions; every go.mod', () => {
    const files = usedFiles(goSum, [{ ImportPath: 'fmt' }, used]);
    expect(zips(files)).toEqual(['cache/download/a.com/used/@v/v1.1.0.zip']);
    expect(files.filter((file) => file.endsWith('.mod'))).toHaveLength(4);
  });

  test('of a replaced module the zip of what replaces it', () => {
    const replaced = {
      ImportPath: 'a.com/lib',
      Module: { Path: 'a.com/lib', Version: 'v9.0.0', Replace: { Path: 'a.com/Fork', Version: 'v0.1.0' } },
    };
    const local = { ImportPath: 'b.com/lib', Module: { Path: 'b.com/lib', Replace: { Path: '../lib' } } };
    expect(zips(usedFiles(goSum, [replaced, local]))).toEqual(['cache/download/a.com/!fork/@v/v0.1.0.zip']);
  });

  test('a module whose path a package of another one begins with: Go looks into it', () => {
    const nested = {
      ImportPath: 'a.com/other/nested/p [a.com/q.test]',
      Module: { Path: 'a.com/other/nested', Version: 'v2.0.0' },
    };
    expect(zips(usedFiles(goSum, [nested]))).toEqual(['cache/download/a.com/other/@v/v1.0.0.zip']);
    // Not by its letters alone.
    const longer = { ImportPath: 'a.com/otherwise', Module: { Path: 'a.com/otherwise', Version: 'v1.0.0' } };
    expect(zips(usedFiles(goSum, [longer]))).toEqual([]);
  });
});

test('a vendor directory counts as Go counts it', () => {
  const { root } = makeTree({ 'go.mod': 'module m\n', 'vendor/modules.txt': '', 'sub/go.mod': 'module s\n' });
  const own = { GOMOD: `${root}/go.mod`, GOFLAGS: '', GOWORK: '' };
  expect(isVendored(own, [])).toBe(true);
  expect(isVendored(own, ['-mod=mod'])).toBe(false);
  expect(isVendored({ ...own, GOFLAGS: '-mod=readonly' }, [])).toBe(false);
  const sub = { ...own, GOMOD: `${root}/sub/go.mod` };
  expect(isVendored(sub, [])).toBe(false);
  expect(isVendored({ ...sub, GOFLAGS: '-mod=vendor' }, [])).toBe(true);
  // With a go.work the directory beside it is the one.
  expect(isVendored({ ...sub, GOWORK: `${root}/go.work` }, [])).toBe(true);
});
