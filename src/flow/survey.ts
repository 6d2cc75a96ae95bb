import { relative } from 'node:path';
import type { RunContext } from '../config/context.ts';
import type { Inputs } from '../config/inputs.ts';
import { splitFields } from '../flags.ts';
import type { RunCommand } from '../go/command.ts';
import { contentFiles, digest, hashFiles, workspaceFiles } from '../go/content.ts';
import { actionIdValues, compilerVersions, type GoEnv } from '../go/environment.ts';
import { type PassList, passLists } from '../go/lists.ts';
import { downloadFiles } from '../go/modules.ts';
import { type Listing, listPackages } from '../go/packages.ts';
import { type Ingredient, shapeIngredients } from '../go/shape.ts';
import { expandPatterns, workspaceModules } from '../go/workspace.ts';
import { mapLimited } from './limited.ts';

/** A module directory and what `go env` says there. */
export interface ModuleDirectory {
  readonly path: string;
  readonly goEnv: GoEnv;
  /** The other modules of its go.work. */
  readonly workspaceModules: readonly string[];
}

/** What is to be compiled, and the ingredients of its key. */
export interface Survey {
  readonly cover: readonly PassList[];
  readonly plain: readonly PassList[];
  /** Lines about patterns that match nothing. */
  readonly notes: readonly string[];
  readonly ingredients: readonly Ingredient[];
  readonly shape: string;
  readonly content: string;
}

/** @throws UserError where Go refuses the directory, or go.mod asks for a Go that is not there */
export async function openDirectory(run: RunCommand, path: string, goEnv: GoEnv): Promise<ModuleDirectory> {
  return { path, goEnv, workspaceModules: await workspaceModules(run, goEnv['GOWORK'] ?? '', path) };
}

/** Every go.sum and go.work.sum that the module directories obey, absolute and sorted. */
export function sumFiles(directories: readonly ModuleDirectory[]): string[] {
  const files = directories.flatMap(({ path, goEnv, workspaceModules: others }) =>
    [path, ...others].flatMap((root) => workspaceFiles(root, goEnv)),
  );
  return [...new Set(files.filter((file) => file.endsWith('.sum')))].sort();
}

/** The files of the module cache that go.sum texts name. */
export function moduleFiles(sums: readonly string[]): string[] {
  return [...new Set(sums.flatMap(downloadFiles))].sort();
}

export interface SurveyOptions {
  readonly run: RunCommand;
  readonly directories: readonly ModuleDirectory[];
  readonly inputs: Inputs;
  readonly context: RunContext;
  readonly env: NodeJS.ProcessEnv;
  /** How many module directories are listed at once. */
  readonly processors: number;
}

/** Lists packages in every module directory, and hashes what decides the compilation. */
export async function survey(options: SurveyOptions): Promise<Survey> {
  const { directories, context, processors } = options;
  const parts = await mapLimited(directories, processors, (directory) => surveyOne(directory, options));
  const ingredients = parts.flatMap((part) => part.ingredients);
  const files = [...new Set(parts.flatMap((part) => part.files))].sort();
  const content = hashFiles(files, context.workspace);
  return {
    cover: parts.map((part) => part.cover).filter((list) => list.packages.length > 0),
    plain: parts.map((part) => part.plain).filter((list) => list.packages.length > 0),
    notes: parts.flatMap((part) => part.notes),
    ingredients: [...ingredients, ['content', `${content} (${files.length} files)`]],
    shape: digest(
      ingredients.map(([name, value]) => `${name}=${value}`),
      16,
    ),
    content,
  };
}

async function surveyOne(
  { path, goEnv, workspaceModules: others }: ModuleDirectory,
  { run, inputs, context, env }: SurveyOptions,
) {
  const coverPatterns = expandPatterns(inputs.coverPackages, path, others);
  const plainPatterns = expandPatterns(inputs.plainPackages, path, others);
  const patterns = [...new Set([...coverPatterns, ...plainPatterns])];
  const [listing, compilers] = await Promise.all([
    listPackages(run, path, patterns, inputs.buildFlags),
    compilerVersions(run, goEnv, path),
  ]);
  const allFlags = [...splitFields(goEnv['GOFLAGS'] ?? '').map((field) => field.text), ...inputs.buildFlags];
  return {
    ...passLists(listing, coverPatterns, plainPatterns),
    notes: emptyNotes(listing, context.workspace),
    files: contentFiles(listing, { goEnv, workspaceModules: others, flags: allFlags }),
    ingredients: shapeIngredients({
      directory: path,
      workspace: context.workspace,
      flags: inputs.buildFlags,
      allFlags,
      coverPatterns,
      plainPatterns,
      values: [...actionIdValues(goEnv, env), ...compilers],
      goModCache: goEnv['GOMODCACHE'] ?? '',
    }),
  };
}

function emptyNotes(listing: Listing, workspace: string): string[] {
  const where = relative(workspace, listing.directory) || '.';
  return [...listing.empty].map(([pattern, why]) => `${pattern} matches nothing in ${where}: ${why}`);
}
