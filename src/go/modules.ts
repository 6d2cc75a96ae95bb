import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { flagValue, splitFlags } from '../flags.ts';
import type { GoEnv } from './environment.ts';
import type { GoPackage } from './packages.ts';

/**
 * The files of GOMODCACHE's download cache that a go.sum names, relative to GOMODCACHE: of a module that is built
 * its zip, of one that only the module graph needs its go.mod (`go help mod`, "go.sum"; the layout is that of
 * cmd/go/internal/modfetch.CachePath, as a GOPROXY's).
 *
 * Not the `.ziphash`: without it Go hashes the zip anew and compares it with go.sum (modfetch/fetch.go, hashZip),
 * so that nothing but what go.sum names can come out of a stored zip.
 *
 * @param goSum the text of a go.sum or go.work.sum; lines of another form are passed over, as Go reports them
 */
export function downloadFiles(goSum: string): string[] {
  return sumLines(goSum).flatMap(filesOf);
}

interface SumLine {
  readonly path: string;
  readonly version: string;
  /** Of a module that only the graph needs. */
  readonly goModOnly: boolean;
}

function sumLines(goSum: string): SumLine[] {
  return goSum.split(/\r?\n/).flatMap((line): SumLine[] => {
    const [path, version, hash] = line.split(' ');
    if (!path || !version || !hash?.startsWith('h1:')) return [];
    return [{ path, version: version.replace(/\/go\.mod$/, ''), goModOnly: version.endsWith('/go.mod') }];
  });
}

function filesOf({ path, version, goModOnly }: SumLine): string[] {
  const file = `cache/download/${escapePath(path)}/@v/${escapePath(version)}`;
  return goModOnly ? [`${file}.mod`, `${file}.info`] : [`${file}.zip`];
}

/**
 * Those of the files that Go needs for listed packages: of the modules that provide one their zips, and every go.mod of
 * the graph. Where the path of a module is the beginning of a package's, Go looks into its zip as well, to see that no
 * two modules provide the package (modload/import.go, importFromFiles); which of its versions is chosen no package says.
 */
export function usedFiles(goSum: string, packages: readonly GoPackage[]): string[] {
  const versions = new Map<string, Set<string>>();
  const beginnings = new Set<string>();
  for (const { ImportPath, Module: own } of packages) {
    const module = own?.Replace ?? own;
    if (module === undefined) continue;
    if (module.Version !== undefined)
      versions.set(module.Path, (versions.get(module.Path) ?? new Set()).add(module.Version));
    // Of a test's variant, `p [q.test]`, the path alone.
    const elements = (ImportPath.split(' ', 1)[0] ?? '').split('/');
    for (const at of elements.keys()) beginnings.add(elements.slice(0, at + 1).join('/'));
  }
  const isUsed = ({ path, version, goModOnly }: SumLine): boolean =>
    goModOnly || (versions.get(path)?.has(version) ?? beginnings.has(path));
  return sumLines(goSum).filter(isUsed).flatMap(filesOf);
}

/** Whether go commands take modules from a vendor directory (modload/init.go, setDefaultBuildMod), not from GOMODCACHE. */
export function isVendored(goEnv: GoEnv, flags: readonly string[]): boolean {
  const mod = flagValue([...splitFlags(goEnv['GOFLAGS'] ?? ''), ...flags], 'mod');
  if (mod !== undefined) return mod === 'vendor';
  const { GOWORK: work = '', GOMOD: module = '' } = goEnv;
  const root = work === '' || work === 'off' ? module : work;
  return root !== '' && existsSync(join(dirname(root), 'vendor', 'modules.txt'));
}

/** Upper case as `!` and lower case, for file systems that fold case (golang.org/x/mod/module.EscapePath). */
function escapePath(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => `!${letter.toLowerCase()}`);
}

/** The names that may be written below GOMODCACHE: those that `downloadFiles` gives, without a step up. */
export const downloadFileName =
  /^cache\/download\/(?:(?!\.{1,2}\/|@v\/)[A-Za-z0-9._~!+-]+\/)+@v\/(?!\.)[A-Za-z0-9._~!+-]+\.(?:zip|mod|info)$/;
