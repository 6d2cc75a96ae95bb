import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { subkey } from './kinship.ts';
import { outputNameOf, parseRecord, recordNameOf } from './layout.ts';
import { isMissing } from './scan.ts';

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

function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

const magic = Buffer.from('\0go120ld', 'latin1');
/** With the offsets of 19 blocks. */
const objectHeaderBytes = magic.length + 8 + 4 + 4 * 19;
const [standardFlag, symbolBytes] = [16, 21] as const; // ObjFlagStd, SymSize
/** Indices, BlkAutolib and so on; a block ends where the next begins. */
const block = {
  imports: 0,
  packages: 1,
  files: 2,
  defined: 3,
  hashed: 4,
  unhashed: 6,
  referred: 7,
  dataIndex: 13,
  data: 16,
  end: 18,
};

/** More than any preamble (cgo's directives) and any tables that were seen: what has more is not read. */
const [longestPreamble, longestTables] = [4 << 20, 64 << 20] as const;

type ReadAt = (position: number, length: number) => Buffer;

/** `!<arch>\n`, then `__.PKGDEF` and `_go_.o` (compile/internal/gc/obj.go), each after 60 bytes of name and size. */
function openArchive(path: string) {
  const descriptor = openSync(path, 'r');
  const readAt: ReadAt = (position, length) => {
    const buffer = Buffer.allocUnsafe(length);
    return buffer.subarray(0, readSync(descriptor, buffer, 0, length, position));
  };
  try {
    const head = readAt(0, 4096).toString('latin1');
    const size = /^!<arch>\n__\.PKGDEF .{38}([0-9]+) *`\n/.exec(head)?.[1];
    if (size === undefined) return undefined;
    const second = 68 + Number(size) + (Number(size) % 2);
    const start = readAt(second, 1 << 16);
    const preamble = start.includes(magic) ? start : readAt(second, longestPreamble);
    const at = preamble.indexOf(magic);
    if (at < 0 || preamble.toString('latin1', 0, 7) !== '_go_.o ') return undefined;
    const object = readObject((position, length) => readAt(second + at + position, length));
    return object && { header: head.slice(68, head.indexOf('\n\n', 68)), object };
  } finally {
    closeSync(descriptor);
  }
}

/**
 * By `cmd/internal/goobj/objfile.go`: magic, 8 bytes, flags, the offsets of the blocks, all little endian; then strings,
 * to which the entries of blocks refer by length and offset. `go:cuinfo.packagename.<path>` and, where there is
 * something to note, `go:cuinfo.producer.<path>` are there with -dwarf=false as well (RecordPackageName and RecordFlags
 * in compile/internal/dwarfgen). Every instrumented package defines a variable for its ID (cmd/cover/cover.go).
 */
function readObject(readAt: ReadAt) {
  const header = readAt(0, objectHeaderBytes);
  if (header.length < objectHeaderBytes) return undefined;
  const offsetOf = (index: number): number => header.readUInt32LE(magic.length + 12 + 4 * index);
  const end = offsetOf(block.referred);
  const tables = end > longestTables ? header : readAt(0, end);
  if (tables.length < end || readAt(offsetOf(block.end) - 1, 1).length === 0) return undefined;
  const text = (reference: number): string => {
    const at = tables.readUInt32LE(reference + 4);
    return tables.toString('utf8', at, at + tables.readUInt32LE(reference));
  };
  const texts = (from: number, to: number, bytes: number): string[] => {
    const first = offsetOf(from);
    return Array.from({ length: (offsetOf(to) - first) / bytes }, (_, at) => text(first + at * bytes));
  };
  /** All blocks of symbols together have one index, which gives offsets into the data. */
  const dataOf = (index: number): string => {
    const range = readAt(offsetOf(block.dataIndex) + 4 * index, 8);
    const start = range.readUInt32LE(0);
    return readAt(offsetOf(block.data) + start, range.readUInt32LE(4) - start).toString('utf8');
  };

  const names = texts(block.unhashed, block.referred, symbolBytes);
  const path = names.find((name) => name.startsWith('go:cuinfo.packagename.'))?.slice(22);
  if (path === undefined) return undefined;
  const producer = names.indexOf(`go:cuinfo.producer.${path}`);
  const before = (offsetOf(block.unhashed) - offsetOf(block.defined)) / symbolBytes;
  // testdeps.ImportPath = "p" of a test main; where p has external tests alone, it imports only p_test.
  const hashed = new Set(texts(block.hashed, block.unhashed, symbolBytes));
  const imports = texts(block.imports, block.packages, 16).flatMap((one) => [one, one.replace(/_test$/, '')]);
  const words = producer < 0 ? [] : dataOf(before + producer).split(' ');
  return {
    path, // The compiler's -p.
    flags: words.filter((word) => word.startsWith('-')),
    standard: (header.readUInt32LE(magic.length + 8) & standardFlag) !== 0,
    tested: imports.find((one) => hashed.has(`go:string."${one}"`)),
    covered: texts(block.defined, block.hashed, symbolBytes).some((name) => /\.goCover_\w{12}_P$/.test(name)),
    // The package's own, and those that inlined functions came from.
    files: texts(block.files, block.defined, 8),
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
