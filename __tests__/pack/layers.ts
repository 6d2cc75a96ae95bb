import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { constants, zstdCompressSync } from 'node:zlib';
import { expect } from 'vitest';
import { makeDelta } from '../../src/pack/delta.ts';
import { type LayersOptions, readLayers } from '../../src/pack/read-layers.ts';
import { type Listed, type PackFile, type Written, writePack } from '../../src/pack/write.ts';
import { type Entry, outputName, put, rules, scratchDirectory, sources, tarOf, tree } from './builders.ts';
import { expectPackError } from './refused.ts';

/** The contents of a set by name. */
export type Contents = Readonly<Record<string, string | Buffer>>;

/** Bytes that do not compress, the same for the same seed. */
export function noiseOf(seed: number | string, bytes: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(bytes / 32) }, (_, at) =>
    hash('sha256', `${seed} ${at}`, 'buffer'),
  );
  return Buffer.concat(blocks).subarray(0, bytes);
}

/** A content after a small edit: a few bytes come in, a few others change. */
export function edited(content: Buffer, edit: string): Buffer {
  const third = Math.floor(content.length / 3);
  const tail = Buffer.from(content.subarray(third));
  tail.write(edit, Math.floor(tail.length / 2));
  return Buffer.concat([content.subarray(0, third), Buffer.from(`edit ${edit}`), tail]);
}

/** Outputs by their names. */
export function outputs(contents: readonly (string | Buffer)[]): Contents {
  return Object.fromEntries(contents.map((content) => [outputName(content), content]));
}

export function record(content: string): Contents {
  const id = hash('sha256', content, 'hex');
  return { [`${id}-a`]: `v1 ${id}\n` };
}

export interface Base {
  readonly directory: string;
  readonly key: string;
  readonly listing: readonly Listed[];
  /** Where its files are. */
  readonly files: readonly PackFile[];
}

export async function writeBase(contents: Contents): Promise<Base> {
  const directory = scratchDirectory('base');
  const files = sources(contents);
  const { listing } = await writePack({ directory, files, rules });
  return { directory, key: 'a-base', listing, files };
}

/** A top of a set on a base whose files can all be read. */
export async function writeTopOn(
  base: Base,
  set: Contents,
  options: {
    readonly threads?: number;
    readonly references?: readonly PackFile[];
    readonly parts?: number;
  } = {},
): Promise<{ readonly directory: string; readonly written: Written }> {
  const directory = scratchDirectory('top');
  const { references = base.files, ...others } = options;
  const on = { key: base.key, files: base.listing, references };
  return {
    directory,
    written: await writePack({ directory, files: sources(set), rules, base: on, ...others }),
  };
}

/** Reads layers into a new target and a new directory aside. */
export async function read(
  top: string,
  base: Base,
  options: { readonly threads?: number; readonly keep?: 'needed' | 'all' } = {},
) {
  const { threads = 2, keep = 'needed' } = options;
  const target = scratchDirectory('target');
  const aside = { directory: scratchDirectory('aside'), keep };
  const result = await readLayers({ top, base, target, aside, rules, threads });
  return { result, target, aside: aside.directory };
}

/** The contents of a directory are these and no others. */
export function expectContents(directory: string, contents: Contents): void {
  const found = Object.entries(tree(directory)).filter(([, what]) => what !== 'directory');
  const told = found.map(([name, what]) => [name, what.replace(/^\d+ /, '')]);
  const expected = Object.entries(contents).map(([name, content]) => [name, hash('sha256', content, 'hex')]);
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expected));
}

/** Layers are refused so, and the target and the directory aside are as before. */
export async function refusedLayers(
  options: Pick<LayersOptions, 'top' | 'base'> & { readonly threads?: number },
  message: RegExp,
): Promise<void> {
  const target = scratchDirectory('target');
  const aside = { directory: scratchDirectory('aside'), keep: 'all' } as const;
  put(join(target, 'free/mine'), 'mine');
  put(join(aside.directory, 'free/mine'), 'mine, too');
  const before = [tree(dirname(target)), tree(dirname(aside.directory))];
  await expectPackError(readLayers({ threads: 2, ...options, target, aside, rules }), message);
  expect([tree(dirname(target)), tree(dirname(aside.directory))]).toEqual(before);
}

/** Changes the text of a pack's manifest. */
export function spoilManifest(
  directory: string,
  change: (manifest: Record<string, unknown>) => object,
): void {
  const path = join(directory, 'manifest.json');
  writeFileSync(path, JSON.stringify(change(JSON.parse(readFileSync(path, 'utf8')))));
}

/** An entry of a part of deltas. */
export function deltaEntry(
  name: string,
  content: Buffer,
  reference: { readonly index: number; readonly content: Buffer },
): Entry & { readonly content: Buffer } {
  const number = Buffer.alloc(4);
  number.writeUInt32LE(reference.index);
  return { name, content: Buffer.concat([number, makeDelta(content, reference.content)]) };
}

/** Writes a top by hand: one part of deltas with these entries, and a manifest that says what is told, true or not. */
export async function rawTop(options: {
  readonly entries: readonly (Entry & { readonly content: Buffer })[];
  /** Of the rebuilt contents. */
  readonly bytes: number;
  readonly top: Readonly<Record<string, unknown>>;
  readonly part?: Readonly<Record<string, unknown>>;
  readonly packed?: (part: Buffer) => Buffer;
}): Promise<string> {
  const { entries, bytes } = options;
  const directory = scratchDirectory('raw-top');
  mkdirSync(directory, { recursive: true });
  const tar = zstdCompressSync(await tarOf(entries), { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const packed = options.packed?.(tar) ?? tar;
  writeFileSync(join(directory, 'delta-1.tar.zst'), packed);
  const part = {
    ...{ name: 'delta-1.tar.zst', files: entries.length, bytes, packedBytes: packed.length },
    deltaBytes: entries.reduce((sum, { content }) => sum + content.length, 0),
    ...options.part,
  };
  const manifest = {
    pack: 2,
    files: part.files,
    bytes: part.bytes,
    parts: [],
    deltas: [part],
    ...options.top,
  };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return directory;
}
