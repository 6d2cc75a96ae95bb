import type { RunContext } from '../../src/config/context.ts';
import { moduleDirectories } from '../../src/config/directories.ts';
import { type Inputs, parseInputs } from '../../src/config/inputs.ts';
import { openDirectory } from '../../src/flow/directory.ts';
import { type Survey, survey } from '../../src/flow/survey.ts';
import { openUnits, type Units } from '../../src/flow/units.ts';
import { readGoEnv } from '../../src/go/environment.ts';
import type { Recipe } from '../../src/go/recipe.ts';
import { commandLimit } from '../../src/go/split.ts';
import type { PassKind } from '../../src/go/steps.ts';
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
    commit: 'c0ffee',
    defaultBranch: 'main',
    os: 'linux',
    arch: 'x64',
    ...overrides,
  };
}

export type Surveyed = Survey &
  Omit<Units, 'ingredients'> &
  Readonly<Record<'cover' | 'plain', readonly string[]>>;

/** What main would find out about a checkout: real `go env` and `go list`. `cover` and `plain` are import paths. */
export async function surveyOf(
  workspace: string,
  options: {
    readonly gocache: string;
    readonly inputs?: InputTexts;
    /** Set for every go command. */
    readonly env?: NodeJS.ProcessEnv;
    readonly limit?: number;
    readonly recipe?: Recipe;
  },
): Promise<Surveyed> {
  const { gocache, inputs: texts = {}, env = {}, limit = commandLimit(process.platform) } = options;
  const inputs = makeInputs(texts);
  const run = goRunner(gocache, env);
  const paths = await moduleDirectories(inputs.workingDirectories, workspace);
  const directories = await Promise.all(
    paths.map(async (path) => openDirectory(run, path, await readGoEnv(run, path))),
  );
  const context = makeContext({ workspace });
  const units = await openUnits({ run, directories, inputs, context, env, processors: 2 });
  const { recipe = { wrapper: undefined, platform: process.platform } } = options;
  const surveyed = await survey(units.units, {
    workspace,
    processors: 2,
    recipe,
    limit,
  });
  const ingredients = [...units.ingredients, ...surveyed.ingredients];
  return {
    ...units,
    ...surveyed,
    ingredients,
    cover: pathsOf(surveyed, 'cover'),
    plain: pathsOf(surveyed, 'plain'),
  };
}

/** The import paths on the command lines of a pass, of all module directories. */
function pathsOf({ steps }: Survey, kind: PassKind): string[] {
  const words = steps.filter((step) => step.kind === kind).flatMap((step) => step.args.slice(1));
  return words.filter((word) => !word.startsWith('-'));
}
