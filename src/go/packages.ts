import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { UserError } from '../errors.ts';
import { flagName } from '../flags.ts';
import type { RunCommand } from './command.ts';
import { oneLine } from './environment.ts';

/** One package of `go list -json`, the fields that are asked for below. Absent lists are empty. */
export interface GoPackage {
  readonly ImportPath: string;
  readonly Dir?: string;
  readonly Name?: string;
  readonly ForTest?: string;
  readonly Standard?: boolean;
  readonly Match?: readonly string[];
  readonly Module?: GoModule;
  readonly Error?: { readonly Err: string };
  readonly [files: `${string}Files`]: readonly string[] | undefined;
}

export interface GoModule {
  readonly Path: string;
  readonly Version?: string;
  readonly Main?: boolean;
  readonly GoMod?: string;
  readonly Replace?: GoModule;
}

/** The lists of files that enter a build, by `go help list`; ignored files are not among them. */
export const fileFields = [
  ...['GoFiles', 'CgoFiles', 'CFiles', 'CXXFiles', 'MFiles', 'HFiles', 'FFiles', 'SFiles', 'SwigFiles'],
  ...['SwigCXXFiles', 'SysoFiles', 'EmbedFiles', 'TestGoFiles', 'TestEmbedFiles', 'XTestGoFiles'],
  ...['XTestEmbedFiles'],
] as const;

const fields = [
  'ImportPath',
  'Dir',
  'Name',
  'ForTest',
  'Standard',
  'Match',
  'Module',
  'Error',
  ...fileFields,
];

/** What `go list` says of the patterns in one module directory. */
export interface Listing {
  readonly directory: string;
  /** The matched packages, their tests' variants and all that they import. */
  readonly packages: readonly GoPackage[];
  /** Patterns that match nothing, with why, as a part of a sentence. */
  readonly empty: ReadonlyMap<string, string>;
}

/** What is to be listed. */
export interface Asked {
  /** Package patterns; or files alone, which are one package. */
  readonly patterns: readonly string[];
  /** The job's build flags; -covermode and -vet, which decide no file, are kept from `go list`. */
  readonly flags: readonly string[];
  /** The input that named the patterns, for an error. */
  readonly input: string;
}

/**
 * Lists packages once for everything that needs them, by `go list -e -deps -test -json`: with -e a package that
 * does not compile is the pass's to report, in Go's own words.
 *
 * @throws UserError for a flag or a pattern that Go refuses
 */
export async function listPackages(
  run: RunCommand,
  directory: string,
  { patterns, flags, input }: Asked,
): Promise<Listing> {
  const empty = new Map<string, string>();
  for (const pattern of patterns) {
    // Some packages' names end so; a list of files would be another package, command-line-arguments.
    if (input !== 'test-commands' && pattern.endsWith('.go') && isFile(resolve(directory, pattern))) {
      throw new UserError(patternRefusal(`${pattern} is a file: name its package`, input));
    }
    if (!existsSync(baseDirectory(directory, pattern))) empty.set(pattern, 'there is no such directory');
  }
  const present = patterns.filter((pattern) => !empty.has(pattern));
  if (present.length === 0) return { directory, packages: [], empty };

  const listFlags = flags.filter((flag) => !['covermode', 'vet'].includes(flagName(flag)));
  const args = ['list', '-e', '-deps', '-test', `-json=${fields.join(',')}`, ...listFlags, '--', ...present];
  const { exitCode, stdout, stderr } = await run('go', args, { cwd: directory });
  if (exitCode !== 0) throw new UserError(refusal(oneLine(stderr), directory, input));

  const packages = parseJsonStream(stdout);
  for (const listed of packages) {
    if (listed.Error === undefined || hasFiles(listed)) continue;
    const pattern = listed.Match?.[0];
    if (pattern === undefined && listed.ImportPath === '')
      throw new UserError(patternRefusal(listed.Error.Err, input));
    if (pattern === undefined) continue; // A missing import: the pass says so, at the line that imports it.
    const why = whyEmpty(listed.Error.Err);
    if (why === undefined) throw new UserError(patternRefusal(listed.Error.Err, input));
    empty.set(pattern, why);
  }
  const matched = new Set(packages.flatMap((listed) => listed.Match ?? []));
  for (const pattern of present) {
    if (!matched.has(pattern)) empty.set(pattern, 'it holds no package');
  }
  return {
    directory,
    packages: packages.filter((listed) => listed.Error === undefined || hasFiles(listed)),
    empty,
  };
}

/**
 * Lists what patterns match as `go build` would take it, without tests, and all that it imports. What is wrong with a
 * package is in its `Error`.
 *
 * @throws UserError where go list fails as a whole, as for a go.mod that it cannot read
 */
export async function listBuilt(
  run: RunCommand,
  directory: string,
  { patterns, input }: Omit<Asked, 'flags'>,
): Promise<readonly GoPackage[]> {
  if (patterns.length === 0) return [];
  const args = ['list', '-e', '-deps', `-json=${fields.join(',')}`, '--', ...patterns];
  const { exitCode, stdout, stderr } = await run('go', args, { cwd: directory });
  if (exitCode !== 0) throw new UserError(refusal(oneLine(stderr), directory, input));
  return parseJsonStream(stdout);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** The directory that a relative or absolute pattern starts from; an import path's is the module's own. */
function baseDirectory(directory: string, pattern: string): string {
  if (!/^(\.{1,2}(\/|$)|\/|[A-Za-z]:)/.test(pattern)) return directory;
  const wildcard = pattern.indexOf('...');
  const fixed = wildcard < 0 ? pattern : pattern.slice(0, wildcard).replace(/[^/\\]+$/, '');
  return resolve(directory, fixed);
}

/**
 * Why a pattern matches nothing, as a part of a sentence; undefined where Go refuses it. By the messages of
 * go/build.NoGoError, and of modload/load.go (Go 1.26) for a directory that is a module of its own.
 */
function whyEmpty(message: string): string | undefined {
  if (
    /^(no Go files in |build constraints exclude all Go files in |no non-test Go files in )/.test(message)
  ) {
    return 'it holds no package';
  }
  // Not `directory prefix .`: there the module directory itself is left out of go.work, which the user can mend.
  const elsewhere =
    /^(main module \(.* does not contain package |pattern \S+: directory prefix (?!\. ).* does not contain |directory .* is contained in a module that is not )/;
  return elsewhere.test(message) ? 'it holds no package of this module' : undefined;
}

/** Of a go list that fails as a whole: with -e it tells what is wrong with a pattern otherwise. */
function refusal(message: string, directory: string, input: string): string {
  return /flag provided but not defined|invalid value .* for flag|usage: go list/.test(message)
    ? `go refuses a flag of ${input === 'test-commands' ? input : 'build-flags'} or GOFLAGS: ${message.replace(/ usage: go list .*$/, '')}`
    : `go cannot list the packages in ${directory}: ${message}`;
}

function patternRefusal(message: string, input: string): string {
  return `go refuses a pattern of ${input}: ${oneLine(message)}`;
}

function hasFiles(listed: GoPackage): boolean {
  return fileFields.some((field) => (listed[field]?.length ?? 0) > 0);
}

/** `go list -json` prints one object after another, each starting and ending on a line of its own. */
function parseJsonStream(text: string): GoPackage[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const packages: GoPackage[] = JSON.parse(`[${trimmed.replace(/^\}\s*^\{/gm, '},{')}]`);
  return packages;
}
