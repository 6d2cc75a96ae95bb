import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { restoreAction, saveAction } from './sub-actions.ts';

/** What of an `action.yml`, or of a workflow that is called, the README repeats. */
interface Described {
  readonly inputs: Readonly<
    Record<string, { readonly description: string; readonly default?: string | number | boolean }>
  >;
  readonly outputs: Readonly<Record<string, { readonly description: string }>>;
}

interface Called {
  readonly on: { readonly workflow_call: Described };
}

/** The texts that the README's tables are made from. */
export interface Sources {
  readonly action: string;
  readonly save: string;
  readonly workflow: string;
}

/**
 * The README with its tables written anew from the text of `action.yml`, of `save/action.yml` and of the reusable workflow:
 * what lies between `<!-- inputs -->` and `<!-- /inputs -->`, and between the same marks of the others.
 * @throws Error where a pair of marks is missing
 */
export function withTables(readme: string, { action, save, workflow }: Sources): string {
  const { inputs, outputs }: Described = parse(action);
  const saves: Described = parse(save);
  const called: Called = parse(workflow);
  const tables: Record<string, string> = {
    inputs: inputTable(inputs),
    outputs: outputTable(outputs),
    'save-outputs': outputTable(saves.outputs),
    'workflow-inputs': inputTable(called.on.workflow_call.inputs),
    'workflow-outputs': outputTable(called.on.workflow_call.outputs),
  };
  return Object.entries(tables).reduce((text, [name, content]) => between(text, name, content), readme);
}

function inputTable(inputs: Described['inputs']): string {
  const rows = Object.entries(inputs).map(([name, input]) => [
    `\`${name}\``,
    input.default === undefined || input.default === '' ? '' : `\`${input.default}\``,
    cell(input.description),
  ]);
  return table(['input', 'default', 'meaning'], rows);
}

function outputTable(outputs: Described['outputs']): string {
  const rows = Object.entries(outputs).map(([name, output]) => [`\`${name}\``, cell(output.description)]);
  return table(['output', 'meaning'], rows);
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
  const read = (name: string) => readFileSync(join(root, name), 'utf8');
  const [action, workflow] = [read('action.yml'), read('.github/workflows/gobuild-test.yml')];
  writeFileSync(join(root, 'restore', 'action.yml'), restoreAction(read('restore/action.yml'), action));
  writeFileSync(join(root, 'save', 'action.yml'), saveAction(read('save/action.yml'), action));
  const save = read('save/action.yml');
  writeFileSync(join(root, 'README.md'), withTables(read('README.md'), { action, save, workflow }));
}
