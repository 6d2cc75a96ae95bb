import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { discardAside, type RestoredBase, readBase, writeBase } from '../../src/flow/base.ts';

const base: RestoredBase = {
  ...{ key: 'gobuild-test-2-base-x', storedBytes: 7 },
  files: [
    { name: 'b', bytes: 2 },
    { name: 'a', bytes: 1, sha256: '0'.repeat(64) },
  ],
  aside: [{ name: 'b', path: '/aside/b', bytes: 2 }],
};
let work: string;
beforeEach(() => {
  work = mkdtempSync(join(tmpdir(), 'gobuild-test-base-'));
  onTestFinished(() => rmSync(work, { recursive: true, force: true }));
});

test('post knows what main has written, a base or none', () => {
  writeBase(work, base);
  expect(readBase(work)).toEqual(base);
  writeBase(work, null);
  expect(readBase(work)).toBe(null);
});

test.each<[string, (text: string) => string]>([
  ['nothing', () => ''],
  ['no JSON', (text) => text.slice(0, -3)],
  ['JSON of another shape', () => '{"base":{"files":3}}'],
  ['null', () => 'null'],
  ['a file fewer', (text) => text.replace('{"name":"b","bytes":2},', '')],
  ['another size', (text) => text.replace('"bytes":1', '"bytes":3')],
  ['another name', (text) => text.replace('"name":"a"', '"name":"c"')],
])('where the job has made %s of it, no base is known', (_, change) => {
  writeBase(work, base);
  const path = join(work, 'base.json');
  const text = readFileSync(path, 'utf8');
  expect(change(text)).not.toBe(text);
  writeFileSync(path, change(text));
  expect(readBase(work)).toBe(null);
});

test('where the job has removed it, none is known; in the end neither it nor what stands aside is there', () => {
  expect(readBase(work)).toBe(null);
  discardAside(work);
  writeBase(work, base);
  mkdirSync(join(work, 'aside/ab'), { recursive: true });
  writeFileSync(join(work, 'aside/ab/x'), 'dead');
  discardAside(work);
  expect(['base.json', 'aside'].filter((name) => existsSync(join(work, name)))).toEqual([]);
});
