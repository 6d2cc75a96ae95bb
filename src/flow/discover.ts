import type { Inputs } from '../config/inputs.ts';
import type { ModulesState } from '../config/state.ts';
import { helpersText } from '../flags.ts';
import { digest } from '../go/content.ts';
import { prepareRecipe } from '../go/recipe.ts';
import type { Ingredient } from '../go/shape.ts';
import { commandLimit } from '../go/split.ts';
import type { CacheStore } from '../store/cache.ts';
import { type SetKeys, setKeys } from '../store/key.ts';
import { type Helpers, surveyHelpers } from './helpers.ts';
import { noteUsed, restoreModules } from './modules.ts';
import type { Opened } from './open.ts';
import type { Surroundings } from './prepare.ts';
import { beginRestore, type Early } from './restore.ts';
import { type Survey, survey } from './survey.ts';
import { openUnits, type Unit, type Units } from './units.ts';

/** What is to be compiled, under which key it is kept, and the download that has been begun meanwhile. */
export interface Discovered {
  readonly units: readonly Unit[];
  readonly surveyed: Survey;
  readonly ingredients: readonly Ingredient[];
  readonly keys: SetKeys;
  readonly modules: ModulesState | null;
  readonly early: Early;
  readonly helpers: Helpers | null;
}

/** @throws UserError for a pattern, a flag or a command that Go refuses */
export async function discover(
  inputs: Inputs,
  options: {
    readonly opened: Opened;
    readonly surroundings: Surroundings;
    readonly store: CacheStore;
  },
): Promise<Discovered> {
  const { opened, surroundings, store } = options;
  const { context, platform, console } = surroundings;
  const { work } = opened.use;
  const recipe = prepareRecipe({ link: inputs.link, platform, directory: work });
  const opening = await openUnits({ ...opened, ...surroundings, inputs });
  const { units } = opening;
  const { ingredients, shape } = withHelpers(opening, inputs);
  const parts = { ...context, name: inputs.name, goVersion: opened.goVersion, shape };
  const early = beginRestore(parts, { store, console });
  try {
    const modules = inputs.moduleCache
      ? await restoreModules({ ...opened, directories: units }, context, { store, console })
      : null;
    const limit = commandLimit(platform);
    const [surveyed, helpers] = await Promise.all([
      survey(units, { ...context, ...surroundings, recipe, limit }),
      surveyHelpers(inputs, opened, surroundings),
    ]);
    const used = [...surveyed.packages, ...(helpers?.packages ?? [])];
    if (modules !== null) noteUsed(opened.use.work, units, used);
    // What helpers are compiled from is in the set, too.
    const { content } = surveyed;
    const whole = helpers === null ? content : digest([content, helpers.content], 32);
    const told = helpers === null ? [] : [['content of helpers', helpers.content] as const];
    return {
      ...{ units, surveyed, modules, early, helpers },
      ingredients: [...ingredients, ...surveyed.ingredients, ...told],
      keys: setKeys({ ...parts, content: whole }),
    };
  } catch (error) {
    await early.abandon();
    throw error;
  }
}

/** Jobs with other helpers keep other sets. */
function withHelpers(
  { ingredients, shape }: Pick<Units, 'ingredients' | 'shape'>,
  { helpers }: Inputs,
): Pick<Units, 'ingredients' | 'shape'> {
  if (helpers.length === 0) return { ingredients, shape };
  const text = helpersText(helpers);
  return { ingredients: [...ingredients, ['helpers', text]], shape: digest([shape, text], 16) };
}
