import { relative } from 'node:path';
import { flagName, splitFlags } from '../flags.ts';
import { contentFiles, digest, hashFiles } from '../go/content.ts';
import { mapLimited } from '../go/limited.ts';
import { type ListedPackage, passLists } from '../go/lists.ts';
import { type GoPackage, type Listing, listPackages } from '../go/packages.ts';
import type { Recipe } from '../go/recipe.ts';
import type { Ingredient } from '../go/shape.ts';
import { commandStep, coverSteps, plainSteps, type Step } from '../go/steps.ts';
import { flagsOf, type Unit } from './units.ts';

/** What is to be compiled, by which commands, and what stands for its files. */
export interface Survey {
  /** The cover pass, then the plain one; or the job's own commands. */
  readonly steps: readonly Step[];
  /** Lines about patterns that match nothing. */
  readonly notes: readonly string[];
  /** The content as parts of the key. */
  readonly ingredients: readonly Ingredient[];
  /** A hash of every file that is compiled, and of -ldflags. */
  readonly content: string;
  readonly lists: Lists;
  /** All that were listed, with what they import. */
  readonly packages: readonly GoPackage[];
}

/** What was listed, by import path. */
export interface Lists {
  readonly cover: readonly string[];
  readonly plain: readonly string[];
  /** The names of the Go files of the packages that patterns match. */
  readonly files: ReadonlyMap<string, readonly string[]>;
}

export interface SurveyOptions {
  readonly workspace: string;
  /** How many units are listed at once. */
  readonly processors: number;
  readonly recipe: Recipe;
  /** Characters that the packages of one command may take. */
  readonly limit: number;
}

interface Part {
  readonly unit: Unit;
  readonly listing: Listing;
  readonly steps: readonly Step[];
  readonly cover: readonly ListedPackage[];
  readonly plain: readonly ListedPackage[];
}

/** Lists packages in every unit, and hashes what decides the compilation. */
export async function survey(units: readonly Unit[], options: SurveyOptions): Promise<Survey> {
  const { workspace, processors } = options;
  const parts = await mapLimited(units, processors, async (unit): Promise<Part> => {
    const input = unit.compile.kind === 'commands' ? 'test-commands' : 'cover-packages or plain-packages';
    return partOf(unit, await listPackages(unit.run, unit.path, { ...unit, input }), options);
  });
  const files = new Set(parts.flatMap(({ unit, listing }) => filesOf(unit, listing)));
  const hashed = hashFiles([...files].sort(), workspace);
  const linked = [...new Set(units.flatMap(({ compile }) => flagsOf(compile)))].filter(
    (flag) => flagName(flag) === 'ldflags',
  );
  const content = linked.length === 0 ? hashed : digest([hashed, ...linked], 32);
  const steps = parts.flatMap((part) => part.steps);
  return {
    steps: [
      ...steps.filter((step) => step.kind !== 'plain'),
      ...steps.filter((step) => step.kind === 'plain'),
    ],
    notes: parts.flatMap(({ listing }) => emptyNotes(listing, workspace)),
    ingredients: [
      ...linked.map((flag): Ingredient => ['content', flag]),
      ['content', `${content} (${files.size} files)`],
    ],
    content,
    lists: listsOf(parts),
    packages: parts.flatMap(({ listing }) => listing.packages),
  };
}

function listsOf(parts: readonly Part[]): Lists {
  const matched = parts
    .flatMap(({ listing }) => listing.packages)
    .filter((one) => one.Match !== undefined && one.ForTest === undefined);
  return {
    cover: parts.flatMap(({ cover }) => cover.map((one) => one.importPath)),
    plain: parts.flatMap(({ plain }) => plain.map((one) => one.importPath)),
    files: new Map(matched.map((one) => [one.ImportPath, goFiles(one)])),
  };
}

function goFiles(listed: GoPackage): string[] {
  const fields = ['GoFiles', 'CgoFiles', 'TestGoFiles', 'XTestGoFiles'] as const;
  return fields.flatMap((field) => listed[field] ?? []);
}

function filesOf({ goEnv, workspaceModules, flags }: Unit, listing: Listing): string[] {
  const goFlags = splitFlags(goEnv['GOFLAGS'] ?? '');
  return contentFiles(listing, { goEnv, workspaceModules, flags: [...goFlags, ...flags] });
}

function partOf(unit: Unit, listing: Listing, { recipe, limit }: SurveyOptions): Part {
  const { compile, goEnv } = unit;
  const options = { recipe, limit, goFlags: goEnv['GOFLAGS'] ?? '' };
  if (compile.kind === 'commands') {
    const steps = compile.commands.map((command) => commandStep(command, listing, options));
    return { unit, listing, steps, cover: [], plain: [] };
  }
  const { cover, plain } = passLists(listing, compile.coverPackages, compile.plainPackages);
  const steps = [
    ...coverSteps(cover, { ...compile.cover, flags: compile.buildFlags }, options),
    ...plainSteps(plain, compile.buildFlags, options),
  ];
  return { unit, listing, steps, cover: cover.packages, plain: plain.packages };
}

function emptyNotes(listing: Listing, workspace: string): string[] {
  const where = relative(workspace, listing.directory) || '.';
  return [...listing.empty].map(([pattern, why]) => `${pattern} matches nothing in ${where}: ${why}`);
}
