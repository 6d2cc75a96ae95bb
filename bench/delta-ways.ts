import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { toFiles } from '../src/flow/save.ts';
import { compiledOf } from '../src/gocache/compiled.ts';
import { objectRules } from '../src/gocache/layout.ts';
import { type GocacheObject, scan } from '../src/gocache/scan.ts';
import { inOrder } from '../src/pack/listing.ts';
import { contentOf, type PackFile } from '../src/pack/pack-file.ts';
import { nearest } from '../src/pack/pairing.ts';
import { readPack } from '../src/pack/read.ts';
import { readLayers } from '../src/pack/read-layers.ts';
import { sketchOf } from '../src/pack/sketch.ts';
import { type Listed, writePack } from '../src/pack/write.ts';
import { cpu, peakOf, program } from './cost.ts';

/** What delta.ts asks a process for, which prints it as JSON. */
export interface Figures {
  /** What is stored of the new objects. */
  readonly bytes: number;
  /** CPU seconds of all threads. */
  readonly writes: number;
  readonly reads: number;
  /** Resident MB of the writer, at its peak. */
  readonly peak: number;
  readonly note: string;
}

const [way = '', before = '', after = '', work = ''] = process.argv.slice(2);
const [name = '', level = '', ...traits] = way.split('-');

const [old, now] = [scan(before), scan(after)];
const missing = (from: readonly GocacheObject[], of: readonly GocacheObject[]): GocacheObject[] => {
  const names = new Set(of.map((object) => object.name));
  return from.filter((object) => !names.has(object.name));
};
const [dead, fresh] = [missing(old, now), missing(now, old)];
/** Without records, which no way but the packs stores. */
const outputsOf = (objects: readonly GocacheObject[], gocache: string): PackFile[] =>
  inOrder(
    toFiles(
      objects.filter(({ kind }) => kind !== 'record'),
      gocache,
    ),
  );
const [references, contents] = [outputsOf(dead, before), outputsOf(fresh, after)];

const figures: Record<string, () => Promise<Figures> | Figures> = {
  count: () => ({ bytes: 0, writes: 0, reads: 0, peak: 0, note: counts() }),
  whole,
  zstd,
  base,
  stream: () => compressed([{ content: joined(contents), reference: joined(references) }]),
  groups: () => compressed(groups()),
  object: () => compressed(pairs(traits.includes('package') ? byPackage() : bySketch())),
  top,
};

/** As an entry without layers would hold them. */
async function whole(): Promise<Figures> {
  const directory = join(work, 'whole');
  const files = toFiles(fresh, after);
  const [{ packedBytes }, writes] = await cpu(() => writePack({ directory, files, rules: objectRules }));
  const peak = peakOf();
  const [, reads] = await cpu(() =>
    readPack({ directory, target: join(work, 'whole-read'), rules: objectRules }),
  );
  return { bytes: packedBytes, writes, reads, peak, note: 'a pack of the new objects, with their records' };
}

/** The set before, for `top`. */
async function base(): Promise<Figures> {
  const files = toFiles(old, before);
  const [written, writes] = await cpu(() =>
    writePack({ directory: join(work, 'base'), files, rules: objectRules }),
  );
  writeFileSync(join(work, 'listing.json'), JSON.stringify(written.listing));
  const peak = peakOf();
  const directory = join(work, 'base');
  const [, reads] = await cpu(() =>
    readPack({ directory, target: join(work, 'base-read'), rules: objectRules }),
  );
  return { bytes: written.packedBytes, writes, reads, peak, note: 'a pack of the whole set before' };
}

/** As they are saved now: what is written is the top alone, what is read the whole set. */
async function top(): Promise<Figures> {
  const [directory, on] = [join(work, 'top'), { directory: join(work, 'base'), key: 'base' }];
  const listing: Listed[] = JSON.parse(readFileSync(join(work, 'listing.json'), 'utf8'));
  const files = toFiles(now, after);
  const [written, writes] = await cpu(() =>
    writePack({ directory, files, rules: objectRules, base: { key: on.key, files: listing, references } }),
  );
  const peak = peakOf();
  const aside = { directory: join(work, 'aside'), keep: 'all' } as const;
  const [read, reads] = await cpu(() =>
    readLayers({ top: directory, base: on, target: join(work, 'top-read'), aside, rules: objectRules }),
  );
  if (read.written.length !== files.length) throw new Error('not the whole set came back');
  const bytes = written.packedBytes + statSync(join(directory, 'manifest.json')).size;
  const note = `with records; ${written.deltas.files} deltas; peak with the reader ${peakOf().toFixed(0)} MB`;
  return { bytes, writes, reads, peak, note };
}

/** The program, on the bare contents of all new outputs with all dead ones as its reference. */
async function zstd(): Promise<Figures> {
  const paths = {
    reference: join(work, 'reference'),
    content: join(work, 'content'),
    patch: join(work, 'patch'),
  };
  writeFileSync(paths.reference, joined(references));
  writeFileSync(paths.content, joined(contents));
  const shared = ['--long=30', `--patch-from=${paths.reference}`, '-q', '-f'];
  const writing = await program(['zstd', '-1', ...shared, paths.content, '-o', paths.patch]);
  const reading = await program(['zstd', '-d', ...shared, paths.patch, '-o', join(work, 'content-read')]);
  const bytes = statSync(paths.patch).size;
  for (const path of Object.values(paths)) rmSync(path);
  return {
    bytes,
    writes: writing.seconds,
    reads: reading.seconds,
    peak: writing.peak,
    note: 'zstd -1 --patch-from',
  };
}

interface Item {
  readonly content: Buffer;
  readonly reference: Buffer | undefined;
}

async function compressed(items: Iterable<Item>): Promise<Figures> {
  const done: { readonly packed: Buffer; readonly reference: Buffer | undefined }[] = [];
  let bytes = 0;
  const [, writes] = await cpu(async () => {
    for (const { content, reference } of items) {
      const packed = zstdCompressSync(content, {
        ...dictionary(reference),
        params: params(content, reference),
      });
      bytes += packed.length;
      done.push({ packed, reference });
    }
  });
  const peak = peakOf();
  const [, reads] = await cpu(async () => {
    const most = { maxOutputLength: 2 ** 32, params: { [constants.ZSTD_d_windowLogMax]: 31 } };
    for (const { packed, reference } of done)
      zstdDecompressSync(packed, { ...dictionary(reference), ...most });
  });
  return { bytes, writes, reads, peak, note: '' };
}

function dictionary(reference: Buffer | undefined): { dictionary?: Buffer } {
  return reference === undefined ? {} : { dictionary: reference };
}

function params(content: Buffer, reference: Buffer | undefined): Record<number, number> {
  const windowLog = Math.max(10, 32 - Math.clz32(content.length + (reference?.length ?? 0)));
  return {
    [constants.ZSTD_c_compressionLevel]: Number(level),
    [constants.ZSTD_c_windowLog]: Math.min(31, windowLog),
    ...(traits.includes('ldm') ? { [constants.ZSTD_c_enableLongDistanceMatching]: 1 } : {}),
    ...(traits.includes('table') ? { [constants.ZSTD_c_hashLog]: Math.min(23, windowLog - 2) } : {}),
  };
}

function* pairs(found: readonly (PackFile | undefined)[]): Generator<Item> {
  for (const [at, content] of contents.entries()) {
    const reference = found[at];
    yield { content: contentOf(content), reference: reference && contentOf(reference) };
  }
}

function bySketch(): (PackFile | undefined)[] {
  const sketched = (file: PackFile) => ({ item: file, bytes: file.bytes, sketch: sketchOf(contentOf(file)) });
  return nearest(contents.map(sketched), references.map(sketched));
}

/** By what the archives say of themselves; what is no archive has none. */
function byPackage(): (PackFile | undefined)[] {
  const told = (gocache: string, { name: object }: PackFile): string | undefined => {
    const one = compiledOf(gocache, object);
    return one && JSON.stringify([one.importPath, one.testMain, one.covered, one.coverMode, one.flags]);
  };
  const known = references.map((file) => ({ file, told: told(before, file) }));
  return contents.map((content) => {
    const own = told(after, content);
    const same = known.filter((one) => own !== undefined && one.told === own).map(({ file }) => file);
    return same.sort((a, b) => Math.abs(a.bytes - content.bytes) - Math.abs(b.bytes - content.bytes))[0];
  });
}

/** Contents that stand together, 8 MiB of them, with the references of all. */
function* groups(): Generator<Item> {
  let [group, used, size]: [Buffer[], Set<PackFile>, number] = [[], new Set(), 0];
  const all = bySketch();
  for (const [at, file] of contents.entries()) {
    group.push(contentOf(file));
    size += file.bytes;
    const reference = all[at];
    if (reference !== undefined) used.add(reference);
    if (size < 8 * 1024 * 1024 && at < contents.length - 1) continue;
    yield { content: Buffer.concat(group), reference: joined([...used]) };
    [group, used, size] = [[], new Set(), 0];
  }
}

function joined(files: readonly PackFile[]): Buffer {
  return Buffer.concat(files.map(contentOf));
}

function counts(): string {
  const megabytes = (files: readonly { readonly bytes: number }[]) =>
    (files.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6).toFixed(1);
  return (
    `The set: ${now.length} objects (${megabytes(now)} MB); new: ${fresh.length} (${megabytes(fresh)} MB), of them ` +
    `${contents.length} outputs; dead: ${dead.length} (${megabytes(dead)} MB).`
  );
}

const figure = await figures[name]?.();
if (figure === undefined) throw new Error(`no such way: ${way}`);
console.log(JSON.stringify(figure));
