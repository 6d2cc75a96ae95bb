import { globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { type Inputs, parseInputs } from '../../src/config/inputs.ts';
import { messageOf } from '../../src/errors.ts';

/** The recipes under docs/recipes/, and what they hand to this project's own actions and workflow. */
const root = resolve(import.meta.dirname, '../..');

/** Their names, sorted: `one-job` for docs/recipes/one-job.yml. */
export const recipeNames: readonly string[] = globSync('docs/recipes/*.yml', { cwd: root })
  .map((file) => basename(file, '.yml'))
  .sort();

export function recipe(name: string): Recipe {
  return parse(readFileSync(join(root, 'docs/recipes', `${name}.yml`), 'utf8'));
}

/** Each place of a recipe that uses this project, in the file's order. */
export function usesOf({ jobs }: Recipe): Use[] {
  const all = Object.values(jobs).flatMap((job) => [job, ...(job.steps ?? [])]);
  return all.flatMap(({ uses, with: given = {} }) => {
    const [, path] = /^OWNER\/gobuild-test\/?(.*)@v1$/.exec(uses ?? '') ?? [];
    return path === undefined ? [] : [{ path, given }];
  });
}

/**
 * What the action reads: what is given, else the default. A text with an expression is not known here, and counts as left
 * out.
 * @throws UserError where the action would refuse it
 */
export function inputsOf(use: Use): Inputs {
  const declared = declaredInputs(use.path);
  return parseInputs((name) => {
    const given = String(use.given[name] ?? '${{');
    return given.includes('${{') ? String(declared[name]?.default ?? '') : given;
  }, 2);
}

/** What is wrong with it: an input that there is not, one of another type, a value that the action refuses. */
export function complaints(use: Use): string[] {
  const declared = declaredInputs(use.path);
  const wrong = Object.entries(use.given).flatMap(([name, value]) => {
    const { type = typeof value } = declared[name] ?? {};
    if (declared[name] === undefined) return [`${use.path || 'the action'} has no input ${name}`];
    return type === typeof value ? [] : [`${use.path} wants a ${type} as ${name}`];
  });
  try {
    inputsOf(use);
  } catch (error) {
    wrong.push(messageOf(error));
  }
  return wrong;
}

function declaredInputs(path: string): Readonly<Record<string, Declared>> {
  if (path.endsWith('.yml')) {
    const workflow: { on: { workflow_call: Described } } = parse(readFileSync(join(root, path), 'utf8'));
    return workflow.on.workflow_call.inputs;
  }
  const action: Described = parse(readFileSync(join(root, path, 'action.yml'), 'utf8'));
  return action.inputs;
}

export interface Recipe {
  readonly permissions: unknown;
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job extends Step {
  readonly permissions?: unknown;
  readonly steps?: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly with?: Given;
}

type Given = Readonly<Record<string, string | number | boolean>>;

/** `path` within this repository: empty for the action at its root. */
export interface Use {
  readonly path: string;
  readonly given: Given;
}

interface Described {
  readonly inputs: Readonly<Record<string, Declared>>;
}

interface Declared {
  readonly type?: string;
  readonly default?: string | number | boolean;
}
