import { closeSync, openSync, readSync } from 'node:fs';

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
const [longestPreamble, longestTables, longestName] = [4 << 20, 64 << 20, 1 << 16] as const;

type ReadAt = (position: number, length: number) => Buffer;

/** `!<arch>\n`, then `__.PKGDEF` and `_go_.o` (compile/internal/gc/obj.go), each after 60 bytes of name and size. */
export function openArchive(path: string) {
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
  // A damaged object: the blocks stand in their order.
  for (let index = 1; index <= block.end; index += 1) {
    if (offsetOf(index) < offsetOf(index - 1)) return undefined;
  }
  const text = (reference: number): string => {
    const at = tables.readUInt32LE(reference + 4);
    return tables.toString('utf8', at, at + Math.min(longestName, tables.readUInt32LE(reference)));
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
