import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseInputs } from '../../src/config/inputs.ts';

/** `action-types.yml`, which editors and generators of bindings read, against action.yml and against the code. */
const root = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const types: Sides<Type> = parse(read('action-types.yml'));
const action: Sides<unknown> = parse(read('action.yml'));
const inputs = Object.entries(types.inputs);

/** What the code says to a text that no input takes but those that take any, by input. */
function complaints(text: string): Map<string, string> {
  try {
    parseInputs((name) => (name === 'test-commands' ? '' : text), 2);
    return new Map();
  } catch (error) {
    const lines = String(error)
      .replace(/^\w*Error: /, '')
      .split('\n');
    return new Map(lines.map((line) => [/^input ([\w-]+): /.exec(line)?.[1] ?? '', line]));
  }
}

const none = complaints('?');

describe('action-types.yml', () => {
  it('names the inputs and outputs of action.yml, in their order', () => {
    expect(Object.keys(types.inputs)).toEqual(Object.keys(action.inputs));
    expect(Object.keys(types.outputs)).toEqual(Object.keys(action.outputs));
  });

  it('has the choices of the code, the default first', () => {
    const listed = inputs.filter(([, { type }]) => type === 'enum');
    const choices = listed.map(([name, type]) => [name, type['allowed-values']?.join(', ')]);
    const asked = [...none].flatMap(([name, line]) => {
      const [, choices] = /must be one of (.+)$/.exec(line) ?? [];
      return choices === undefined ? [] : [[name, choices]];
    });
    expect(choices.sort()).toEqual(asked.sort());
  });

  it('has as booleans what is true or false', () => {
    const listed = inputs.flatMap(([name, { type }]) => (type === 'boolean' ? [name] : []));
    const asked = [...none].flatMap(([name, line]) => (line.endsWith('must be true or false') ? [name] : []));
    expect(listed.sort()).toEqual(asked.sort());
  });

  it('has as integers what must be a whole number', () => {
    const listed = inputs.flatMap(([name, { type }]) => (type === 'integer' ? [name] : []));
    const asked = [...none].flatMap(([name, line]) =>
      line.includes('must be a whole number') ? [name] : [],
    );
    expect(listed.sort()).toEqual(asked.sort());
  });

  it('parts lists as the code does', () => {
    const items = ['./a', './b'];
    const apart = new Set(['test-commands', 'helpers']); // Their lines are more than texts.
    const lists = inputs.filter(([name, { type }]) => type === 'list' && !apart.has(name));
    for (const [input, { separator = '' }] of lists) {
      const parsed = parseInputs((name) => (name === input ? items.join(separator) : ''), 2);
      expect(JSON.stringify(parsed), input).toContain(JSON.stringify(items));
    }
    const commands = parseInputs((name) => (name === 'test-commands' ? 'go vet ./a\ngo vet ./b' : ''), 2);
    expect(commands.compile).toMatchObject({ commands: [expect.anything(), expect.anything()] });
    const { helpers } = parseInputs((name) => (name === 'helpers' ? './a\n./b' : ''), 2);
    expect(helpers.map(({ pattern }) => pattern)).toEqual(items);
  });
});

interface Sides<T> {
  readonly inputs: Readonly<Record<string, T>>;
  readonly outputs: Readonly<Record<string, T>>;
}

interface Type {
  readonly type: 'string' | 'boolean' | 'integer' | 'float' | 'enum' | 'list';
  readonly separator?: string;
  readonly 'allowed-values'?: readonly string[];
}
