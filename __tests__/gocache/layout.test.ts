import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { objectRules, parseRecord, recordBytes } from '../../src/gocache/layout.ts';

const id = `ab${'0'.repeat(61)}1`;
const output = createHash('sha256').update('').digest('hex');
const record = `ab/${id}-a`;

/** The text that putIndexEntry writes. */
function text(parts: Partial<{ id: string; output: string; bytes: string; time: string }> = {}): string {
  const { bytes = '4096', time = '1790000000123456789' } = parts;
  return `v1 ${parts.id ?? id} ${parts.output ?? output} ${bytes.padStart(20)} ${time.padStart(20)}\n`;
}

const contentRule = objectRules.find((rule) => rule.content !== undefined)?.content;

describe('parseRecord', () => {
  test('reads every field', () => {
    expect(text()).toHaveLength(recordBytes);
    const read = parseRecord(text(), record);
    expect(read).toEqual({ actionId: id, outputId: output, bytes: 4096, time: 1790000000123456789n });
  });

  test('reads sizes of nought', () => {
    expect(parseRecord(text({ bytes: '0', time: '0' }), record)).toMatchObject({ bytes: 0, time: 0n });
  });

  test.each([
    ['nothing', ''],
    ['no end of line', text().slice(0, -1)],
    ['one byte more', `${text()}\n`],
    ['another version', text().replace('v1', 'v2')],
    ['another action', text({ id: id.replace('1', '2') })],
    ['an ID of upper case', text({ output: output.toUpperCase() })],
    ['an ID that is too short', text({ output: output.slice(1), bytes: '4096'.padStart(21) })],
    ['a negative size', text({ bytes: '-1' })],
    ['a size in two words', text({ bytes: '4 096' })],
    ['no size', text({ bytes: '' })],
    ['zeros before', text({ bytes: '1'.padStart(21, '0') })],
    [
      'a column that is one too wide and one too narrow',
      text({ bytes: '4096'.padStart(21), time: '1' }).replace('  1\n', ' 1\n'),
    ],
    ['a time past int64', text({ time: '9223372036854775808' })],
    ['a size that no number holds', text({ bytes: '9007199254740993' })],
    ['letters', text({ time: 'x' })],
    ['a line in the middle', text().replace(' '.repeat(10), `${' '.repeat(9)}\n`)],
  ])('refuses %s', (_, bad) => {
    expect(parseRecord(bad, record)).toBeUndefined();
  });

  test('refuses a name that is no record', () => {
    expect(parseRecord(text(), `ab/${id}-d`)).toBeUndefined();
    expect(parseRecord(text(), `ac/${id}-a`)).toBeUndefined();
  });

  test('the rule for restored objects agrees', () => {
    expect(contentRule?.exec(text())?.groups?.['id']).toBe(id);
    expect(contentRule?.test(text({ bytes: '4 096' }))).toBe(false);
    expect(contentRule?.test(`${text()}\n`)).toBe(false);
  });
});

describe('objectRules', () => {
  const hash = output;
  const directory = hash.slice(0, 2);
  const matching = (name: string) => objectRules.filter((rule) => rule.name.test(name));

  test.each([
    [`ab/${id}-a`, { executable: false, groups: { id } }],
    [`${directory}/${hash}-d`, { executable: false, groups: { sha256: hash } }],
    [`${directory}/${hash}-d/covdata`, { executable: true, groups: { sha256: hash } }],
    [`${directory}/${hash}-d/my tool.exe`, { executable: true, groups: { sha256: hash } }],
    [`${directory}/${hash}-d/.hidden`, { executable: true, groups: { sha256: hash } }],
    [`${directory}/${hash}-d/ünï😀`, { executable: true, groups: { sha256: hash } }],
    [`${directory}/${hash}-d/${'x'.repeat(255)}`, { executable: true, groups: { sha256: hash } }],
  ])('one rule takes %s', (name, expected) => {
    const [rule, ...others] = matching(name);
    expect(others).toEqual([]);
    expect(rule?.executable).toBe(expected.executable);
    expect(rule?.name.exec(name)?.groups).toMatchObject(expected.groups);
    expect(rule?.content === undefined).toBe('sha256' in expected.groups);
  });

  const inside = `${directory}/${hash}-d`;
  test.each([
    '',
    'trim.txt',
    'README',
    'fuzz/x',
    `${id}-a`,
    `ac/${id}-a`,
    `AB/${id.toUpperCase()}-a`,
    `ab/${id}-b`,
    `ab/${id}-a\n`,
    `ab/${id}-a/x`,
    `/ab/${id}-a`,
    `./ab/${id}-a`,
    `ab\\${id}-a`,
    `ab/${id}0-a`,
    `${inside}/`,
    `${inside}/.`,
    `${inside}/..`,
    `${inside}/a/b`,
    `${inside}/a\\b`,
    `${inside}/a\n`,
    `${inside}/a\0`,
    `${inside}/a\u0085`,
    `${inside}/dot.`,
    `${inside}/space `,
    `${inside}/c:x`,
    `${inside}/a*`,
    `${inside}/a?`,
    `${inside}/a|b`,
    `${inside}/"a"`,
    `${inside}/<a>`,
    `${inside}/${'x'.repeat(256)}`,
    `${inside}/${'😀'.repeat(64)}`,
  ])('no rule takes %j', (name) => {
    expect(matching(name)).toEqual([]);
  });
});
