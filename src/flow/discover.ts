import type { Inputs } from '../config/inputs.ts';
import type { ModulesState } from '../config/state.ts';
import { prepareRecipe } from '../go/recipe.ts';
import type { Ingredient } from '../go/shape.ts';
import { commandLimit } from '../go/split.ts';
import type { CacheStore } from '../store/cache.ts';
import { type SetKeys, setKeys } from '../store/key.ts';
import { restoreModules } from './modules.ts';
import type { Opened } from './open.ts';
import type { Surroundings } from './prepare.ts';
import { beginRestore, type Early } from './restore.ts';
import { type Survey, survey } from './survey.ts';
import { openUnits, type Unit } from './units.ts';

/** What is to be compiled, under which key it is kept, and the download that has been begun meanwhile. */
export interface Discovered {
  readonly units: readonly Unit[];
  readonly surveyed: Survey;
  readonly ingredients: readonly Ingredient[];
  readonly keys: SetKeys;
  readonly modules: ModulesState | null;
  readonly early: Early;
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
  const { units, ingredients, shape } = await openUnits({ ...opened, ...surroundings, inputs });
  const parts = { ...context, name: inputs.name, goVersion: opened.goVersion, shape };
  const early = beginRestore(store, parts);
  try {
    const modules = inputs.moduleCache
      ? await restoreModules({ ...opened, directories: units }, context, { store, console })
      : null;
    const limit = commandLimit(platform);
    const surveyed = await survey(units, { ...context, ...surroundings, recipe, limit });
    const keys = setKeys({ ...parts, content: surveyed.content });
    return { units, surveyed, ingredients: [...ingredients, ...surveyed.ingredients], keys, modules, early };
  } catch (error) {
    await early.abandon();
    throw error;
  }
}
