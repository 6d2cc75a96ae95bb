import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';

/** What of an `action.yml` the README repeats. */
interface Described {
  readonly inputs: Readonly<Record<string, { readonly description: string; readonly default?: string }>>;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

/**
 * The README with its tables of inputs and outputs written anew from the text of `action.yml`: what lies between
 * `<!-- inputs -->` and `<!-- /inputs -->`, and between the same marks of the outputs.
 * @throws Error where a pair of marks is missing
 */
export function withTables(readme: string, actionYml: string): string {
  const { inputs, outputs }: Described = parse(actionYml);
  const inputRows = Object.entries(inputs).map(([name, input]) => [
    `\`${name}\``,
    input.default ? `\`${input.default}\`` : '',
    cell(input.description),
  ]);
  const outputRows = Object.entries(outputs).map(([name, output]) => [
    `\`${name}\``,
    cell(output.description),
  ]);
  const done = between(readme, 'inputs', table(['input', 'default', 'meaning'], inputRows));
  return between(done, 'outputs', table(['output', 'meaning'], outputRows));
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A description as a cell: in one line, and none of its characters markup. */
function cell(description: string): string {
  return description.trim().replace(/\s+/g, ' ').replace(/[|*<]/g, '\\$&');
}

function between(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the marks ${start} and ${end} are missing`);
  return `${text.slice(0, from + start.length)}\n${content}\n${text.slice(to)}`;
}

if (import.meta.main) {
  const root = resolve(import.meta.dirname, '..');
  const readme = join(root, 'README.md');
  const action = readFileSync(join(root, 'action.yml'), 'utf8');
  writeFileSync(readme, withTables(readFileSync(readme, 'utf8'), action));
}
