import { type CoverShape, flagName, type JobCommand, splitFlags } from '../flags.ts';
import type { PassList } from './lists.ts';
import type { Listing } from './packages.ts';
import { passFlags, type Recipe, replayFlags } from './recipe.ts';
import { split } from './split.ts';

export type PassKind = 'cover' | 'plain' | 'command';

/** One go command of the warm. */
export interface Step {
  readonly kind: PassKind;
  readonly directory: string;
  /** Set beside the job's own environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly args: readonly string[];
  /** Packages that no earlier command of the pass named. */
  readonly packages: number;
  /** Whether it may run beside the others that may, and those go on when it fails. */
  readonly beside: boolean;
}

export interface StepOptions {
  readonly recipe: Recipe;
  /** GOFLAGS of the directory. */
  readonly goFlags: string;
  /** Characters that the packages of one command may take. */
  readonly limit: number;
}

/** The commands of the cover pass in one module directory. */
export function coverSteps(
  { directory, packages }: PassList,
  shape: CoverShape & { readonly flags: readonly string[] },
  options: StepOptions,
): Step[] {
  const { flags } = shape;
  if (shape.kind === 'each') {
    const tested = packages.filter((one) => one.hasTests);
    return tested.map(({ importPath }) => {
      const own = [`-coverpkg=${importPath}`, ...flags, importPath];
      return { ...testStep('cover', directory, own, options), packages: 1, beside: true };
    });
  }
  // With -coverpkg every test main names what of all listed packages' imports is measured (testCoverPkgs in
  // test/test.go): a list that has to be divided warms all but those.
  const cover = shape.kind === 'self' ? '-cover' : `-coverpkg=${shape.patterns.join(',')}`;
  return listSteps('cover', { directory, packages }, [cover, ...flags], options);
}

/** The commands of the plain pass in one module directory. */
export function plainSteps(list: PassList, flags: readonly string[], options: StepOptions): Step[] {
  // -covermode implies -cover.
  const plain = flags.filter((flag) => flagName(flag) !== 'covermode');
  return listSteps('plain', list, plain, options);
}

function listSteps(
  kind: PassKind,
  { directory, packages }: PassList,
  flags: readonly string[],
  options: StepOptions,
): Step[] {
  const named = new Set<string>();
  return split(packages, options.limit).map((chunk): Step => {
    const paths = chunk.map((one) => one.importPath);
    const fresh = paths.filter((path) => !named.has(path));
    for (const path of fresh) named.add(path);
    return { ...testStep(kind, directory, [...flags, ...paths], options), packages: fresh.length };
  });
}

function testStep(kind: PassKind, directory: string, own: readonly string[], options: StepOptions): Step {
  const goFlags = splitFlags(options.goFlags);
  const ending = (kind === 'command' ? replayFlags : passFlags)(options.recipe, [...goFlags, ...own]);
  return { kind, directory, env: {}, args: ['test', ...ending, ...own], packages: 0, beside: false };
}

/**
 * The replay of one of the job's own commands: it compiles the same and leaves nothing behind.
 *
 * @param listing of its packages
 */
export function commandStep(command: JobCommand, listing: Listing, options: StepOptions): Step {
  const { verb, env, flags, packages } = command;
  const { directory } = listing;
  const counted = { packages: countMatched(listing, packages), env };
  const own = [...flags, ...packages];
  const nowhere = nullDevice(options.recipe.platform);
  if (verb === 'test') {
    // Where go test keeps a binary, it compiles the test main with what a debugger needs (load/test.go, OmitDebug).
    const kept = command.keepsBinary ? ['-c', `-o=${nowhere}`] : [];
    return { ...testStep('command', directory, [...kept, ...own], options), ...counted };
  }
  const written = verb === 'build' ? [`-o=${nowhere}`] : [];
  return { kind: 'command', directory, args: [verb, ...written, ...own], beside: false, ...counted };
}

/** By the name that Go knows (cmd/go/internal/base.IsNull); Node's own on Windows, `\\.\nul`, is a file to it. */
function nullDevice(platform: NodeJS.Platform): string {
  return platform === 'win32' ? 'NUL' : '/dev/null';
}

/** How many packages patterns match; files on a command line are one package. */
export function countMatched(listing: Listing, patterns: readonly string[]): number {
  if (patterns.every((pattern) => pattern.endsWith('.go'))) return 1;
  const matched = listing.packages.filter(
    (listed) =>
      listed.ForTest === undefined && listed.Match?.some((pattern) => patterns.includes(pattern)) === true,
  );
  return new Set(matched.map((listed) => listed.ImportPath)).size;
}

/** How many packages the commands of a kind name together. */
export function countPackages(steps: readonly Step[], kind?: PassKind): number {
  const counted = steps.filter((step) => kind === undefined || step.kind === kind);
  return counted.reduce((sum, step) => sum + step.packages, 0);
}
