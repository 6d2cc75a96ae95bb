import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseInputs } from '../../src/config/inputs.ts';

/** docs/shapes.md: the first table says which inputs serve which command lines. */
const page = readFileSync(resolve(import.meta.dirname, '../../docs/shapes.md'), 'utf8');
const [, ...rows] = page.slice(0, page.indexOf('\n## ')).match(/^\| .*$/gm) ?? [];
const choices = rows.slice(1).map((row) => row.split(/(?<!\\) \| /) as [string, string]);

describe('the inputs of docs/shapes.md', () => {
  it('are there', () => {
    expect(choices.length).toBeGreaterThan(5);
  });

  it.each(choices)('%s', (line, inputs) => {
    const written = [...inputs.matchAll(/`([\w-]+: [^`]+)`/g)].map(([, text = '']) => text);
    const named = Object.assign({}, ...written.map((text) => parse(text)));
    const asked = new Set<string>();
    const parsed = parseInputs((name) => {
      asked.add(name);
      return named[name] ?? '';
    }, 2);
    expect([...asked]).toEqual(expect.arrayContaining(Object.keys(named)));
    // The command is the job's own, as it stands in the left column.
    if (parsed.compile.kind === 'commands') expect(line).toContain(`\`${named['test-commands']}\``);
  });
});
