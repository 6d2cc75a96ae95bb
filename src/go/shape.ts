import { relative, sep } from 'node:path';
import { isOn } from '../flags.ts';
import { deciding } from './environment.ts';

/** A part of the key, with a name that a person knows it by. */
export type Ingredient = readonly [name: string, value: string];

/**
 * What decides the action IDs of a module directory's packages beside their files, in a fixed order: the shape.
 * Patterns and flags are part of it as written: another list of packages instruments others (design.md, fact 1).
 *
 * @param env what the commands set themselves
 * @param asked what the inputs say is compiled: patterns, flags, commands
 * @param values go env's values and compilers' versions
 * @param allFlags the flags of GOFLAGS and of the job: with -trimpath among them paths do not count (fact 14)
 */
export function shapeIngredients(options: {
  readonly directory: string;
  readonly workspace: string;
  readonly env: Readonly<Record<string, string>>;
  readonly asked: readonly Ingredient[];
  readonly allFlags: readonly string[];
  readonly values: readonly (readonly [string, string])[];
  readonly goModCache: string;
}): Ingredient[] {
  const { directory, workspace, allFlags } = options;
  // What only the tests read decides nothing, and is nobody's to print.
  const obeyed = Object.entries(options.env).filter(([key]) => deciding.has(key));
  const assigned = obeyed.map(([key, value]) => ` ${key}=${value}`);
  const name = (relative(workspace, directory).split(sep).join('/') || '.') + assigned.join('');
  const of = (what: string): string => `${name}: ${what}`;
  const paths: Ingredient[] = isOn(allFlags, 'trimpath')
    ? []
    : [
        [of('path'), directory],
        [of('GOMODCACHE'), options.goModCache],
      ];
  return [
    ...options.asked.map(([what, value]): Ingredient => [of(what), value]),
    ...options.values.map(([what, value]): Ingredient => [of(what), value]),
    ...paths,
  ];
}
