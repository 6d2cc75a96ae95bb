import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { printedLines } from './log-lines.ts';

/** docs/troubleshooting.md: every line of the log that it quotes is one that the code prints, and the other way round. */
const page = readFileSync(resolve(import.meta.dirname, '../../docs/troubleshooting.md'), 'utf8');
const quoted = [...page.matchAll(/```text\n(.*?)```/gs)].flatMap(([, block = '']) =>
  block.trimEnd().split('\n'),
);

describe('docs/troubleshooting.md', () => {
  it.each(quoted)('quotes what the log says: %s', (line) => {
    expect(printedLines().filter((printed) => formOf(line).test(printed))).toHaveLength(1);
  });

  it.each(printedLines())('has what the log says: %s', (printed) => {
    expect(quoted.filter((line) => formOf(line).test(printed))).toHaveLength(1);
  });
});

/** What stands in angle brackets is anything. */
function formOf(line: string): RegExp {
  return new RegExp(
    `^${line
      .split(/<[^>]*>/)
      .map(literally)
      .join('.+')}$`,
  );
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
