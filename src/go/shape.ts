import { relative, sep } from 'node:path';
import { flagName } from '../flags.ts';

/** A part of the key, with a name that a person knows it by. */
export type Ingredient = readonly [name: string, value: string];

/**
 * What decides the action IDs of a module directory's packages beside their files, in a fixed order: the shape.
 * Patterns and flags are part of it as written: another list of packages instruments others (design.md, fact 1).
 *
 * @param values go env's values and compilers' versions
 * @param allFlags the flags of GOFLAGS and of the job: with -trimpath among them paths do not count (fact 14)
 */
export function shapeIngredients(options: {
  readonly directory: string;
  readonly workspace: string;
  readonly flags: readonly string[];
  readonly allFlags: readonly string[];
  readonly coverPatterns: readonly string[];
  readonly plainPatterns: readonly string[];
  readonly values: readonly (readonly [string, string])[];
  readonly goModCache: string;
}): Ingredient[] {
  const { directory, workspace, allFlags } = options;
  const name = relative(workspace, directory).split(sep).join('/') || '.';
  const of = (what: string): string => `${name}: ${what}`;
  const trimpath = allFlags.filter((flag) => flagName(flag) === 'trimpath').at(-1);
  const trimmed = trimpath !== undefined && !/=(false|0|f)$/i.test(trimpath);
  const paths: Ingredient[] = trimmed
    ? []
    : [
        [of('path'), directory],
        [of('GOMODCACHE'), options.goModCache],
      ];
  return [
    [of('build-flags'), options.flags.join(' ')],
    [of('cover-packages'), options.coverPatterns.join(' ')],
    [of('plain-packages'), options.plainPatterns.join(' ')],
    ...options.values.map(([key, value]): Ingredient => [of(key), value]),
    ...paths,
  ];
}
