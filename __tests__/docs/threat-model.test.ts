import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** docs/threat-model.md: whatever it says is checked, a test holds. */
const root = resolve(import.meta.dirname, '../..');
const lines = readFileSync(join(root, 'docs', 'threat-model.md'), 'utf8').split('\n');

/** The rows of the tables whose last column is `held by`. */
const held = tables().filter(([head = '']) => head.endsWith('| held by |'));
const rows = held.flatMap(([, , ...below]) => below.map((row) => row.split(' | ')));

describe('what is held by a test', () => {
  it('is in seven tables', () => {
    expect(held).toHaveLength(7);
  });

  it.each(rows)('%s', (_, by = '') => {
    const links = [...by.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
    expect(links).not.toEqual([]);
    for (const link of links) {
      expect(link).toMatch(/^\.\.\/__tests__\/[\w/-]+(\.test)?\.ts$/);
      expect(existsSync(join(root, 'docs', link)), link).toBe(true);
    }
  });
});

it('names the bundled versions that there are', () => {
  const sbom: { components: readonly { name: string; version: string }[] } = JSON.parse(
    readFileSync(join(root, 'dist', 'sbom.json'), 'utf8'),
  );
  const [, , ...compared] = tables().find(([head = '']) => head.startsWith('| package | bundled')) ?? [];
  expect(compared).not.toEqual([]);
  for (const row of compared) {
    const [, name, version] = /^\| `(.+?)` \| (\S+) \|/.exec(row) ?? [];
    expect(sbom.components).toContainEqual(expect.objectContaining({ name, version }));
  }
});

/** Runs of lines that begin with a bar. */
function tables(): string[][] {
  const blocks = lines.join('\n').split(/\n(?!\|)/);
  return blocks
    .map((block) => block.split('\n').filter((line) => line.startsWith('|')))
    .filter((rows) => rows.length > 2);
}
