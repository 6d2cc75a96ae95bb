import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { listFlags } from '../config/command-arguments.ts';
import type { RunContext } from '../config/context.ts';
import type { Inputs, Passes } from '../config/inputs.ts';
import { UserError } from '../errors.ts';
import { flagName, type JobCommand, splitFlags } from '../flags.ts';
import { type RunCommand, withEnv } from '../go/command.ts';
import { digest } from '../go/content.ts';
import { actionIdValues, compilerVersions, readGoEnv } from '../go/environment.ts';
import { mapLimited } from '../go/limited.ts';
import { type Ingredient, shapeIngredients } from '../go/shape.ts';
import { expandPatterns } from '../go/workspace.ts';
import { type ModuleDirectory, openDirectory } from './directory.ts';

/** What one `go list` is asked about: a directory, an environment, flags, and what is compiled there. */
export interface Unit extends ModuleDirectory {
  /** `passes`: with the patterns of this directory. */
  readonly compile: Passes | { readonly kind: 'commands'; readonly commands: readonly JobCommand[] };
  /** Set by the commands themselves. */
  readonly env: Readonly<Record<string, string>>;
  /** The runner, with `env` set. */
  readonly run: RunCommand;
  /** For `go list`. */
  readonly patterns: readonly string[];
  readonly flags: readonly string[];
}

/** All that is compiled, and the shape of it: what decides action IDs beside the files. */
export interface Units {
  readonly units: readonly Unit[];
  readonly ingredients: readonly Ingredient[];
  /** A hash of the ingredients. */
  readonly shape: string;
}

export interface UnitOptions {
  readonly run: RunCommand;
  readonly directories: readonly ModuleDirectory[];
  readonly inputs: Inputs;
  readonly context: RunContext;
  readonly env: NodeJS.ProcessEnv;
  readonly processors: number;
}

/** @throws UserError for a -C that is no directory, or what `go env` says of an assignment */
export async function openUnits(options: UnitOptions): Promise<Units> {
  const { directories, processors, inputs } = options;
  const { compile } = inputs;
  const units =
    compile.kind === 'passes'
      ? directories.map((directory) => passesUnit(directory, compile, options))
      : await commandUnits(compile.commands, options);
  const ingredients = await mapLimited(units, processors, (unit) => unitIngredients(unit, options));
  const all = ingredients.flat();
  return {
    units,
    ingredients: all,
    shape: digest(
      all.map(([name, value]) => `${name}=${value}`),
      16,
    ),
  };
}

function passesUnit(directory: ModuleDirectory, passes: Passes, { run }: UnitOptions): Unit {
  const expand = (patterns: readonly string[]) =>
    expandPatterns(patterns, directory.path, directory.workspaceModules);
  const coverPackages = expand(passes.coverPackages);
  const plainPackages = expand(passes.plainPackages);
  const cover =
    passes.cover.kind === 'coverpkg'
      ? { ...passes.cover, patterns: expand(passes.cover.patterns) }
      : passes.cover;
  return {
    ...directory,
    compile: { ...passes, coverPackages, plainPackages, cover },
    env: {},
    run,
    // Of what -coverpkg names, Go instruments what these import (testCoverPkgs in test/test.go), which is listed.
    patterns: [...new Set([...coverPackages, ...plainPackages])],
    flags: passes.buildFlags,
  };
}

interface CommandGroup extends Pick<Unit, 'path' | 'env' | 'flags'> {
  /** The module directory that -C starts from. */
  readonly base: ModuleDirectory;
  readonly commands: JobCommand[];
}

/** Commands that one `go list` can answer for are one unit. */
async function commandUnits(
  commands: readonly JobCommand[],
  { run, directories, processors }: UnitOptions,
): Promise<Unit[]> {
  const groups = new Map<string, CommandGroup>();
  for (const base of directories) {
    for (const command of commands) {
      const path = resolve(base.path, command.directory);
      if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
        throw new UserError(
          `input test-commands: -C ${command.directory}: there is no such directory in ${base.path}`,
        );
      }
      // Files cannot be listed together with anything else.
      const files = isFiles(command) ? command.packages : [];
      const flags = decidingFlags(command);
      const key = JSON.stringify([path, command.env, flags, files]);
      const group = groups.get(key) ?? { base, path, env: command.env, flags, commands: [] };
      group.commands.push(command);
      groups.set(key, group);
    }
  }
  return mapLimited(
    [...groups.values()],
    processors,
    async ({ base, path, env, flags, commands: own }): Promise<Unit> => {
      const runThere = withEnv(run, env);
      const asBase = path === base.path && Object.keys(env).length === 0;
      const there = asBase ? base : await openDirectory(runThere, path, await readGoEnv(runThere, path));
      const patterns = own.flatMap(({ packages }) => packages);
      return {
        ...there,
        compile: { kind: 'commands', commands: own },
        env,
        run: runThere,
        patterns: [...new Set(patterns)],
        flags,
      };
    },
  );
}

function isFiles({ packages }: JobCommand): boolean {
  return packages.every((name) => name.endsWith('.go'));
}

/** The flags by which `go list` finds other packages or files, and by which files outside of packages count. */
function decidingFlags(command: JobCommand): string[] {
  return listFlags(command).filter((flag) => deciding.has(flagName(flag)));
}

const deciding: ReadonlySet<string> = new Set([
  ...['tags', 'mod', 'modfile', 'overlay', 'pgo', 'race', 'msan', 'asan', 'compiler', 'installsuffix'],
  'trimpath',
]);

async function unitIngredients(unit: Unit, { context, env }: UnitOptions): Promise<Ingredient[]> {
  const { path, goEnv, run, flags } = unit;
  return shapeIngredients({
    directory: path,
    workspace: context.workspace,
    env: unit.env,
    asked: askedOf(unit.compile),
    allFlags: [...splitFlags(goEnv['GOFLAGS'] ?? ''), ...flags],
    values: [
      ...actionIdValues(goEnv, { ...env, ...unit.env }),
      ...(await compilerVersions(run, goEnv, path)),
    ],
    goModCache: goEnv['GOMODCACHE'] ?? '',
  });
}

/** The flags of build-flags, or of all commands. */
export function flagsOf(compile: Unit['compile']): string[] {
  return compile.kind === 'passes'
    ? [...compile.buildFlags]
    : compile.commands.flatMap((command) => command.flags);
}

/**
 * -ldflags decides no package but the main ones, whose build information holds it (work/exec.go, modinfo), and often
 * has the commit in it. So it counts as content: a set with another still shares all else.
 */
function isOfShape(flag: string): boolean {
  return flagName(flag) !== 'ldflags';
}

function askedOf(compile: Unit['compile']): Ingredient[] {
  if (compile.kind === 'commands') {
    return compile.commands.map(({ verb, flags, packages, keepsBinary }, index): Ingredient => {
      const words = ['go', verb, ...flags.filter(isOfShape), ...(keepsBinary ? ['-o'] : []), ...packages];
      return [`command ${index + 1}`, words.join(' ')];
    });
  }
  const { cover, buildFlags, coverPackages, plainPackages } = compile;
  return [
    ['build-flags', buildFlags.filter(isOfShape).join(' ')],
    ['cover-packages', coverPackages.join(' ')],
    ['plain-packages', plainPackages.join(' ')],
    ['cover-shape', cover.kind],
    ...(cover.kind === 'coverpkg' ? ([['coverpkg', cover.patterns.join(',')]] as const) : []),
  ];
}
