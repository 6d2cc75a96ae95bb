import { hash } from 'node:crypto';
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { flagValue } from '../flags.ts';
import type { GoEnv } from './environment.ts';
import { fileFields, type GoModule, type GoPackage, type Listing } from './packages.ts';

/**
 * The files that decide what the warm compiles, absolute and sorted: those of every listed package and of all
 * that it imports whose directory is in neither GOROOT nor GOMODCACHE (the Go version and go.sum stand for those
 * two), and what `go list` does not name although it is compiled in (design.md, fact 15).
 *
 * @param options.workspaceModules the modules of its go.work: each one's go.mod chooses versions for all of them
 * @param options.flags the job's flags, those of GOFLAGS first
 */
export function contentFiles(
  listing: Listing,
  options: {
    readonly goEnv: GoEnv;
    readonly workspaceModules: readonly string[];
    readonly flags: readonly string[];
  },
): string[] {
  const { goEnv, workspaceModules, flags } = options;
  const own = listing.packages.filter((listed) => isOwn(listed, goEnv) && !isTestMain(listed));
  const files = new Set<string>();
  for (const listed of own) {
    const directory = listed.Dir ?? listing.directory;
    for (const field of fileFields) {
      for (const file of listed[field] ?? []) files.add(join(directory, file));
    }
    if (listed.Name === 'main') files.add(join(directory, 'default.pgo'));
    if (listed.Module !== undefined) for (const file of moduleFiles(listed.Module)) files.add(file);
  }
  for (const file of flagFiles(listing.directory, flags)) files.add(file);
  for (const root of [listing.directory, ...workspaceModules]) {
    for (const file of workspaceFiles(root, goEnv)) files.add(file);
  }
  return [...files].filter((file) => existsSync(file)).sort();
}

function isOwn(listed: GoPackage, goEnv: GoEnv): boolean {
  if (listed.Standard === true || listed.Dir === undefined) return false;
  return !isBelow(listed.Dir, goEnv['GOROOT']) && !isBelow(listed.Dir, goEnv['GOMODCACHE']);
}

/** `p.test`, in the directory of p: `go list -test` wrote its one file into GOCACHE, and it follows from the others. */
function isTestMain({ GoFiles: files = [] }: GoPackage): boolean {
  return files.some((file) => isAbsolute(file));
}

function isBelow(path: string, directory: string | undefined): boolean {
  return directory !== undefined && directory !== '' && `${path}${sep}`.startsWith(`${directory}${sep}`);
}

/** go.mod and go.sum of a main module or of a local replacement; others' are in GOMODCACHE and under go.sum. */
function moduleFiles(module: GoModule): string[] {
  const goMod = module.Replace?.GoMod ?? module.GoMod;
  if (goMod === undefined || (module.Main !== true && module.Replace?.Version !== undefined)) return [];
  return goMod.endsWith('go.mod') ? [goMod, join(dirname(goMod), 'go.sum')] : [];
}

/** The go.mod, go.sum, go.work, go.work.sum and vendor/modules.txt that go commands in a directory obey. */
export function workspaceFiles(directory: string, goEnv: GoEnv): string[] {
  const roots = new Set([directory]);
  for (const path of [goEnv['GOMOD'], goEnv['GOWORK']]) {
    if (path && isAbsolute(path)) roots.add(dirname(path));
  }
  const names = ['go.mod', 'go.sum', 'go.work', 'go.work.sum', join('vendor', 'modules.txt')];
  return [...roots].flatMap((root) => names.map((name) => join(root, name)));
}

/** What -pgo, -modfile and -overlay name: files that no package lists. */
function flagFiles(directory: string, flags: readonly string[]): string[] {
  const files: string[] = [];
  const pgo = flagValue(flags, 'pgo');
  if (pgo !== undefined && pgo !== 'auto' && pgo !== 'off') files.push(resolve(directory, pgo));
  const modfile = flagValue(flags, 'modfile');
  if (modfile !== undefined) {
    files.push(resolve(directory, modfile), resolve(directory, modfile.replace(/\.mod$/, '.sum')));
  }
  const overlay = flagValue(flags, 'overlay');
  if (overlay !== undefined) {
    const path = resolve(directory, overlay);
    files.push(path, ...overlayTargets(path).map((target) => resolve(directory, target)));
  }
  return files;
}

/** The files that an overlay puts in place of others: `{"Replace": {"<path>": "<file, or '' for deleted>"}}`. */
function overlayTargets(path: string): string[] {
  if (!existsSync(path)) return [];
  try {
    const overlay: { Replace?: Record<string, unknown> } | null = JSON.parse(readFileSync(path, 'utf8'));
    return Object.values(overlay?.Replace ?? {}).filter(
      (target) => typeof target === 'string' && target !== '',
    ) as string[];
  } catch (error) {
    if (error instanceof SyntaxError) return []; // The go command says what is wrong with it.
    throw error;
  }
}

/**
 * One hash of files, by content and by name relative to `root`, so that another checkout path gives the same. Behind
 * a link to the workspace, go list gives real paths.
 *
 * @returns 32 hexadecimal digits
 */
export function hashFiles(files: readonly string[], root: string): string {
  const realRoot = realpathSync(root);
  const lines = files.map((file) => {
    const name = relative(isBelow(file, realRoot) ? realRoot : root, file)
      .split(sep)
      .join('/');
    return `${hash('sha256', readFileSync(file))} ${name}`;
  });
  // Through the link and past it, a file may be listed twice.
  return digest([...new Set(lines)].sort(), 32);
}

/** The first `length` hexadecimal digits of the SHA-256 of lines. */
export function digest(lines: readonly string[], length: number): string {
  return hash('sha256', lines.join('\n')).slice(0, length);
}
