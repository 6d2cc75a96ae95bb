import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** What of an `action.yml` the runner uses. */
export interface ActionFile {
  /** Defaults by input name, unevaluated; an input without one has the empty text. */
  readonly defaults: Readonly<Record<string, string>>;
  /** Absolute paths. */
  readonly main: string;
  readonly post: string | undefined;
  /** Condition of the post step; the runner's own default is `always()`. */
  readonly postIf: string;
}

/** What an expression of a default can name. */
export interface Context {
  readonly 'job.status': string;
  readonly 'github.token': string;
}

/**
 * Reads `action.yml` (or `action.yaml`) of a JavaScript action.
 * @throws Error when it is missing, or names no `runs.main`
 */
export function readActionFile(directory: string): ActionFile {
  const file = ['action.yml', 'action.yaml'].map((name) => join(directory, name)).find(existsSync);
  if (file === undefined) throw new Error(`no action.yml in ${directory}`);
  const action: unknown = parse(readFileSync(file, 'utf8'));
  const runs = member(action, 'runs');
  const [main, post] = [member(runs, 'main'), member(runs, 'post')];
  if (typeof main !== 'string') throw new Error(`no runs.main in ${file}`);
  const inputs = Object.entries(Object(member(action, 'inputs')));
  return {
    defaults: Object.fromEntries(
      inputs.map(([name, input]) => [name, String(member(input, 'default') ?? '')]),
    ),
    main: join(directory, main),
    post: typeof post === 'string' ? join(directory, post) : undefined,
    postIf: String(member(runs, 'post-if') ?? 'always()'),
  };
}

/** Puts the values of `${{ job.status }}` and `${{ github.token }}` into a default. @throws Error for any other */
export function evaluate(text: string, context: Context): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (whole, name: string) => {
    if (name === 'job.status' || name === 'github.token') return context[name];
    throw new Error(`the local runner does not know the expression ${whole}`);
  });
}

/** Whether a `post-if` holds for a job's status. @throws Error for a condition that is not a status function */
export function holds(condition: string, jobStatus: string): boolean {
  const status = /^\s*(?:\$\{\{)?\s*(!?)\s*(always|success|failure|cancelled)\(\)\s*(?:\}\})?\s*$/.exec(
    condition,
  );
  const [, not, name] = status ?? [];
  if (name === undefined) throw new Error(`the local runner does not know the condition ${condition}`);
  return (name === 'always' || name === jobStatus) !== (not === '!');
}

/** `INPUT_<NAME>` variables: upper case, spaces to underscores, dashes kept (actions/runner, `Handler.cs`). */
export function inputVariables(inputs: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  );
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  return new Map<string, unknown>(Object.entries(value)).get(name);
}
