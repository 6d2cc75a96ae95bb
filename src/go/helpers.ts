import { globSync, statSync } from 'node:fs';
import { posix, resolve, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { type HelperLine, helperText } from '../flags.ts';
import { type GoEnv, oneLine } from './environment.ts';
import type { GoPackage } from './packages.ts';

/** A program to be built. */
export interface Helper {
  /** Without `.exe`. */
  readonly name: string;
  readonly importPath: string;
  /** The module directory in which it is built. */
  readonly directory: string;
}

/** What the lines stand for in one module directory. */
export interface HelperListing {
  readonly directory: string;
  /** The patterns of each line, in the order of the lines. */
  readonly patterns: readonly (readonly string[])[];
  readonly packages: readonly GoPackage[];
}

/**
 * The environment in which helpers are listed and built: they run on this machine, also where the job compiles for
 * another. Then the C compiler that the job names is the other's, too.
 */
export function hostEnvironment({ GOOS, GOARCH, GOHOSTOS, GOHOSTARCH }: GoEnv): Record<string, string> {
  if (!GOHOSTOS || !GOHOSTARCH || (GOOS === GOHOSTOS && GOARCH === GOHOSTARCH)) return {};
  return { GOOS: GOHOSTOS, GOARCH: GOHOSTARCH, CGO_ENABLED: '', CC: '', CXX: '' };
}

/** What a line names in a directory, for `go list`: a shell's pattern is expanded, sorted; all else stays as it is. */
export function helperPatterns({ pattern }: HelperLine, directory: string): string[] {
  if (!isGlob(pattern)) return [pattern];
  const [base = '', below = ''] = pattern.endsWith('/...') ? [pattern.slice(0, -4), '/...'] : [pattern];
  const found = globSync(base, { cwd: directory }).map((path) => path.split(sep).join('/'));
  // As `...` leaves them out.
  const seen = found.filter((path) =>
    path.split('/').every((name) => name === '..' || !/^[._]|^(testdata|vendor)$/.test(name)),
  );
  const directories = seen.filter((path) =>
    statSync(resolve(directory, path), { throwIfNoEntry: false })?.isDirectory(),
  );
  return directories.sort().map((path) => `${/^(\.\.|\/|[A-Za-z]:)/.test(path) ? '' : './'}${path}${below}`);
}

const isGlob = (pattern: string): boolean => /[*?[]/.test(pattern);

/** A pattern that may match any number of packages: of those the programs are meant. */
const isWide = (pattern: string): boolean =>
  isGlob(pattern) || pattern.includes('...') || ['tool', 'all', 'work'].includes(pattern);

/**
 * The programs that the lines name, in their order. A line may match in any of the module directories. A package that has
 * a name is not taken once more by a pattern.
 *
 * @throws UserError for a line that matches nothing, no program, or more than its name is for, and for two of one name
 */
export function planHelpers(lines: readonly HelperLine[], listings: readonly HelperListing[]): Helper[] {
  const found = lines.map((line, at) => ({ line, helpers: helpersOf(line, at, listings) }));
  const isNamed = new Set(
    found.flatMap(({ line, helpers }) => (line.name === undefined ? [] : helpers.map(keyOf))),
  );
  const planned = new Map<string, Helper>();
  for (const { line, helpers } of found) {
    for (const helper of helpers) {
      if (line.name === undefined && isWide(line.pattern) && isNamed.has(keyOf(helper))) continue;
      if (taken.has(helper.name.toLowerCase())) {
        throw wrong(
          `${helper.importPath} would be found as ${helper.name} by the rest of the job, before the program of that name: ` +
            `give it another, as in my-${helper.name}=${helper.importPath}`,
        );
      }
      const other = planned.get(helper.name.toLowerCase());
      if (other !== undefined && keyOf(other) !== keyOf(helper)) {
        throw wrong(
          `two are named ${helper.name}, ${other.importPath} and ${helper.importPath}: ` +
            `give one another name, as in ${helper.name}2=${helper.importPath}`,
        );
      }
      if (other === undefined) planned.set(helper.name.toLowerCase(), helper);
    }
  }
  return [...planned.values()];
}

/**
 * Programs that the job's steps and this action's own end look for on PATH, where the helpers come first.
 */
const taken: ReadonlySet<string> = new Set([
  ...['go', 'git', 'tar', 'zstd', 'gzip', 'node', 'sh', 'bash', 'cmd', 'pwsh', 'powershell'],
]);

/** One package, wherever it is listed: two modules of a workspace list each other's. */
const keyOf = ({ importPath }: Helper): string => importPath;

function helpersOf(line: HelperLine, at: number, listings: readonly HelperListing[]): Helper[] {
  const matched = listings.flatMap(({ directory, patterns, packages }) =>
    packages
      .filter(({ Match }) => Match?.some((pattern) => patterns[at]?.includes(pattern)))
      .map((listed) => ({ directory, listed })),
  );
  const there = matched.filter(({ listed }) => listed.Dir !== undefined && listed.Name !== undefined);
  const mains = there.filter(({ listed }) => listed.Name === 'main');
  const text = helperText(line);
  const unique = new Map(mains.toReversed().map((one) => [one.listed.ImportPath, one]));
  const helpers = [...unique.values()].reverse().map(
    ({ directory, listed: { ImportPath: importPath } }): Helper => ({
      ...{ name: line.name ?? executableName(importPath), importPath, directory },
    }),
  );
  const [first, ...more] = helpers;
  if (first === undefined) throw wrong(`${text}: ${whyNone(line, listings, { matched, there })}`);
  if (line.name !== undefined && more.length > 0) {
    const paths = helpers.map(({ importPath }) => importPath).join(', ');
    throw wrong(`${text}: it matches ${helpers.length} programs, ${paths}: a name is for one`);
  }
  return helpers;
}

type Matched = readonly { readonly listed: GoPackage }[];

function whyNone(
  { pattern }: HelperLine,
  listings: readonly HelperListing[],
  { matched, there }: { readonly matched: Matched; readonly there: Matched },
): string {
  const [one] = there;
  if (isWide(pattern)) {
    const tool = pattern === 'tool' ? ', which go.mod names by "tool"' : '';
    return `it matches no program (package main)${tool}`;
  }
  if (one !== undefined) return `${one.listed.ImportPath} is package ${one.listed.Name}, not main`;
  const said = matched.flatMap(({ listed }) => listed.Error?.Err ?? []);
  const why = oneLine(said[0] ?? 'it matches no package');
  const isDirectory = ({ directory }: HelperListing) =>
    statSync(resolve(directory, pattern), { throwIfNoEntry: false })?.isDirectory() === true;
  const meant = !pattern.startsWith('.') && listings.some(isDirectory);
  return meant ? `${why}; a directory is written ./${pattern}` : why;
}

function wrong(message: string): UserError {
  return new UserError(`input helpers: ${message}`);
}

/** Go's own name for a program: the last element of its path that is no major version (load.DefaultExecName). */
export function executableName(importPath: string): string {
  const [last = '', before] = importPath.split('/').reverse();
  const isVersion = /^v(?!1$)[1-9]\d*$/.test(last);
  return isVersion && before !== undefined ? before : posix.basename(importPath);
}
