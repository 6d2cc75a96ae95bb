import { readdirSync, readFileSync } from 'node:fs';
import { openArchive } from './archive.ts';
import { subkey } from './kinship.ts';
import { outputNameOf, parseRecord, recordNameOf } from './layout.ts';
import { unlessMissing } from './scan.ts';

/** How an archive was compiled, as far as it and what Go keeps beside it say. */
export interface Compiled {
  /**
   * As Go prints it: `p`, `p [p.test]` and `p_test [p.test]` for a test's variants, `p.test` for its main. `q [p.test]`,
   * compiled again because it imports `p [p.test]`, looks like `q`. Undefined for a main package without -trimpath,
   * which is `main` to the compiler: its directory tells it.
   */
  readonly importPath: string | undefined;
  /** `go1.26.8`. */
  readonly goVersion: string | undefined;
  /** `linux/amd64`. */
  readonly target: string | undefined;
  /** A package of the standard library. */
  readonly standard: boolean;
  /** The main package that `go test` generates. */
  readonly testMain: boolean;
  /** What the compiler notes of its flags: -N -l -race -msan -asan -shared -dwarf=false and the like, no others. */
  readonly flags: readonly string[];
  readonly race: boolean;
  /** Instrumented for coverage; of a test main: made for a test that measures. */
  readonly covered: boolean;
  /** Undefined also where nothing is counted, as in a package without functions (but for `atomic`). */
  readonly coverMode: 'set' | 'count' | 'atomic' | undefined;
  /** Of a test main: the patterns of `-coverpkg`, as written, with `, ` between them. */
  readonly coverpkg: string | undefined;
  /**
   * Of its sources, with `/` on every platform: absolute, but with -trimpath `<module>@<version>/…` or, in a main
   * module, the import path; `$GOROOT/src/…` in the standard library. Undefined where no source has left a position.
   */
  readonly directory: string | undefined;
  /** The names of its own sources, tests' among them; undefined where GOCACHE no longer has the list. */
  readonly files: readonly string[] | undefined;
}

/**
 * Reads how a package was compiled. Of the archive it reads two headers, the object's tables of names and one symbol:
 * of 13 MB 3 MB, in 4 ms. The rest is in the sources that Go keeps for vet under keys of the same action: what was
 * compiled, with what cover, cgo and `go test` generated.
 *
 * @param name an output, `ab/ab…-d`
 * @returns undefined for one that is gone or no archive, and for a form of object that is unknown here
 * @throws what else the file system says
 */
export function compiledOf(gocache: string, name: string): Compiled | undefined {
  const archive = unlessMissing(() => openArchive(`${gocache}/${name}`));
  if (archive === undefined) return undefined;
  const { header, object } = archive;
  const [, os, arch, goVersion] = /^go object (\S+) (\S+) (\S+)/.exec(header) ?? [];
  const testMain = object.files.includes('_testmain.go');
  const sources = keptSources(gocache, /^build id "([^"/]+)\//m.exec(header)?.[1]);
  const files = testMain ? [] : sources?.names.flatMap(ownFile);
  const directory = testMain ? undefined : directoryOf(object.files, files);
  const test = testMain ? testMainOf(sources) : undefined;
  const main = object.tested && `${object.tested}.test`;
  return {
    importPath: testMain ? main : importPathOf(object.path, files, directory),
    goVersion,
    target: os === undefined ? undefined : `${os}/${arch}`,
    standard: object.standard,
    testMain,
    flags: object.flags,
    race: object.flags.includes('-race'),
    covered: object.covered,
    coverMode: testMain ? test?.coverMode : countedBy(sources),
    coverpkg: test?.coverpkg,
    directory,
    files,
  };
}

/** What `cacheSrcFiles` in work/exec.go keeps of one compilation. */
interface Sources {
  /** `./` before those of the package's own directory; the others are generated. */
  readonly names: readonly string[];
  /** A generated one; empty where it is gone. */
  readonly read: (name: string) => string;
}

/** @param action the first half of a build ID: 15 of the 32 bytes of the action ID (HashToString in buildid.go) */
function keptSources(gocache: string, action = ''): Sources | undefined {
  const start = Buffer.from(action, 'base64url').toString('hex');
  if (start.length !== 30) return undefined;
  const entries = unlessMissing(() => readdirSync(`${gocache}/${start.slice(0, 2)}`)) ?? [];
  const id = entries.find((name) => name.startsWith(start) && name.endsWith('-a'))?.slice(0, 64);
  if (id === undefined) return undefined;
  const read = (word: string): string | undefined => {
    const record = recordNameOf(subkey(id, word));
    return unlessMissing(() => {
      const output = parseRecord(readFileSync(`${gocache}/${record}`, 'utf8'), record)?.outputId;
      return output && readFileSync(`${gocache}/${outputNameOf(output)}`, 'utf8');
    });
  };
  const names = read('srcfiles')?.split('\n').filter(Boolean);
  return names && { names, read: (name) => read(name) ?? '' };
}

/** `x.cover.go`, `x.cgo1.go` and `x.cover.cgo1.go` are made of `x.go`; what else is generated is nobody's. */
function ownFile(name: string): string[] {
  if (name.startsWith('./')) return [name.slice(2)];
  const own = name.replace(/(?:\.cover)?(?:\.cgo1)?\.go$/, '.go');
  return own === name ? [] : [own];
}

function directoryOf(table: readonly string[], own: readonly string[] | undefined): string | undefined {
  const isOwn = (path: string): boolean => own?.includes(path.slice(path.lastIndexOf('/') + 1)) ?? true;
  const file = table.find((path) => path.includes('/') && isOwn(path));
  return file?.slice(0, file.lastIndexOf('/'));
}

function importPathOf(path: string, own: readonly string[] = [], directory = '/'): string | undefined {
  if (path === 'main')
    return /^(?:\w:)?\/|@/.test(directory) ? undefined : directory.replace('$GOROOT/src/', '');
  const isTest = (name: string): boolean => name.endsWith('_test.go');
  if (!own.some(isTest)) return path;
  const isExternal = path.endsWith('_test') && own.every(isTest);
  return `${path} [${isExternal ? path.slice(0, -'_test'.length) : path}.test]`;
}

/** What `testmainTmpl` in load/test.go writes; kept only where coverage is measured. */
function testMainOf(sources: Sources | undefined) {
  const text = sources?.read('_testmain.cover.go') ?? '';
  const [, mode] = /^\ttestdeps\.CoverMode = "(set|count|atomic)"$/m.exec(text) ?? [];
  const [, coverpkg] = /^\ttestdeps\.Covered = " in ([^"\\]+)"$/m.exec(text) ?? [];
  return { coverMode: mode as Compiled['coverMode'], coverpkg };
}

/**
 * By what cmd/cover (cover.go) writes: an import for `atomic`, else a statement for each counter, of which every
 * function's first is the fourth of its array (FirstCtrOffset in internal/coverage/defs.go).
 */
function countedBy(sources: Sources | undefined): Compiled['coverMode'] {
  const mark = /; import _cover_atomic_ |\bgoCover_\w{12}__[0-9]+\[3\](\+\+| = 1\b)/;
  for (const name of sources?.names ?? []) {
    if (name.startsWith('./') || !/\.cover(?:\.cgo1)?\.go$/.test(name)) continue;
    const found = mark.exec(sources?.read(name) ?? '');
    if (found !== null) return found[1] === undefined ? 'atomic' : found[1] === '++' ? 'count' : 'set';
  }
  return undefined;
}
