import type { RunContext } from '../../src/config/context.ts';
import { moduleDirectories } from '../../src/config/directories.ts';
import { type Inputs, parseInputs } from '../../src/config/inputs.ts';
import { openDirectory, type Survey, survey } from '../../src/flow/survey.ts';
import { readGoEnv } from '../../src/go/environment.ts';
import { goRunner } from './module.ts';

/** The texts of action.yml's defaults. */
const defaults: Readonly<Record<string, string>> = {
  'working-directory': '.',
  'cover-packages': './...',
  'plain-packages': './tests/...',
  'module-cache': 'true',
};

export type InputTexts = Readonly<Record<string, string>>;

/** Inputs as the runner gives them, those of action.yml unless overridden. */
export function makeInputs(overrides: InputTexts = {}, processors = 4): Inputs {
  const texts = { ...defaults, ...overrides };
  return parseInputs((name) => texts[name] ?? '', processors);
}

/** A push to the default branch `main`. */
export function makeContext(overrides: Partial<RunContext> = {}): RunContext {
  return {
    workspace: '/workspace',
    temp: '/temp',
    run: '7.1',
    event: 'push',
    ref: 'refs/heads/main',
    defaultBranch: 'main',
    os: 'linux',
    arch: 'x64',
    ...overrides,
  };
}

/** What main would find out about a checkout: real `go env` and `go list`. */
export async function surveyOf(
  workspace: string,
  options: {
    readonly gocache: string;
    readonly inputs?: InputTexts;
    /** Set for every go command. */
    readonly env?: NodeJS.ProcessEnv;
  },
): Promise<Survey> {
  const { gocache, inputs: texts = {}, env = {} } = options;
  const inputs = makeInputs(texts);
  const run = goRunner(gocache, env);
  const paths = await moduleDirectories(inputs.workingDirectories, workspace);
  const directories = await Promise.all(
    paths.map(async (path) => openDirectory(run, path, await readGoEnv(run, path))),
  );
  return survey({ run, directories, inputs, context: makeContext({ workspace }), env, processors: 2 });
}

/** The import paths of a pass, of all module directories. */
export function pathsOf(lists: Survey['cover']): string[] {
  return lists.flatMap((list) => list.packages.map((one) => one.importPath));
}
