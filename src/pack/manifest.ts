import { checkKeys, countOf, type Fields, listOf, objectOf, parseJson } from './manifest-fields.ts';
import { parseTop, type Top, textOfTop, topFields } from './manifest-top.ts';
import { PackError, shown } from './pack-error.ts';

/** What the manifest says of one part; `bytes` are those of the files' contents, `packedBytes` the part's own size on disk. */
export interface Part {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly packedBytes: number;
}

/** A part whose entries are deltas: `bytes` are those of the rebuilt contents, `deltaBytes` of the entries. */
export interface DeltaPart extends Part {
  readonly deltaBytes: number;
}

/**
 * The text of `manifest.json`, this project's own format. It is written after the last part, so a directory without
 * one is no pack. Anything that it does not describe is refused; a change of its form takes a new `pack` number.
 * `note` is whatever the writer wants to tell the reader, any JSON: nothing here looks into it.
 *
 * A pack that holds all it needs is of format 1. A top is of format 2: it says what it needs of which other pack.
 */
export interface Manifest {
  readonly files: number;
  readonly bytes: number;
  readonly parts: readonly Part[];
  readonly deltas: readonly DeltaPart[];
  /** Null: the pack is no top. */
  readonly top: Top | null;
  readonly note?: unknown;
}

export const MANIFEST_NAME = 'manifest.json';
const [WHOLE, TOP] = [1, 2];
// A manifest that lists more parts than any machine has processors was not written by writePack.
const MOST_PARTS = 1024;

/** The name of a part by its number, which starts at 1. */
export function partName(number: number): string {
  return `part-${number}.tar.zst`;
}

export function deltaPartName(number: number): string {
  return `delta-${number}.tar.zst`;
}

/** What a pack is made of, its parts in the order of their numbers. */
export type Contents = Pick<Manifest, 'parts' | 'deltas' | 'top'>;

/** The manifest of these. */
export function manifestOf({ parts, deltas, top }: Contents, note?: unknown): Manifest {
  const all = [...parts, ...deltas];
  const told = note === undefined ? {} : { note };
  return { files: sum(all, 'files'), bytes: sum(all, 'bytes'), parts, deltas, top, ...told };
}

export function textOfManifest({ files, bytes, parts, deltas, top, note }: Manifest): string {
  const written =
    top === null
      ? { pack: WHOLE, files, bytes, parts, note }
      : { pack: TOP, files, bytes, parts, deltas, ...textOfTop(top), note };
  return `${JSON.stringify(written, null, 2)}\n`;
}

/** The manifest in the text of `manifest.json`. Throws a PackError for everything but what `textOfManifest` makes. */
export function parseManifest(text: string): Manifest {
  const fields = objectOf(parseJson(text), 'the manifest');
  const isTop = checkVersion(fields['pack']) === TOP;
  const needed = ['pack', 'files', 'bytes', 'parts', ...(isTop ? ['deltas', ...topFields] : [])];
  checkKeys(fields, needed, 'the manifest', ['note']);
  const parts = partsOf(fields, 'parts').map((part, index) => parsePart(part, partName(index + 1)));
  const deltas = isTop
    ? partsOf(fields, 'deltas').map((part, index) => parseDeltaPart(part, deltaPartName(index + 1)))
    : [];
  const manifest = manifestOf({ parts, deltas, top: isTop ? parseTop(fields) : null }, fields['note']);
  checkTotal(fields, manifest, 'files');
  checkTotal(fields, manifest, 'bytes');
  return manifest;
}

function checkVersion(version: unknown): number {
  if (typeof version === 'number' && Number.isSafeInteger(version) && version > TOP) {
    throw new PackError(
      `manifest.json: a newer version wrote this pack (format ${version}, known is ${TOP})`,
    );
  }
  if (version !== WHOLE && version !== TOP) throw new PackError('manifest.json: not the manifest of a pack');
  return version;
}

function partsOf(fields: Fields, key: 'parts' | 'deltas'): readonly unknown[] {
  const listed = listOf(fields, key);
  if (listed.length > MOST_PARTS) throw new PackError(`manifest.json: ${listed.length} ${key} are too many`);
  return listed;
}

const partFields = ['name', 'files', 'bytes', 'packedBytes'];

function parsePart(value: unknown, expected: string): Part {
  const fields = objectOf(value, expected);
  checkKeys(fields, partFields, expected);
  return partOf(fields, expected);
}

function parseDeltaPart(value: unknown, expected: string): DeltaPart {
  const fields = objectOf(value, expected);
  checkKeys(fields, [...partFields, 'deltaBytes'], expected);
  return { ...partOf(fields, expected), deltaBytes: countOf(fields, 'deltaBytes', expected) };
}

function partOf(fields: Fields, expected: string): Part {
  const name = fields['name'];
  if (name !== expected) {
    throw new PackError(`manifest.json: ${expected} is called ${shown(String(JSON.stringify(name)))}`);
  }
  return {
    name: expected,
    files: countOf(fields, 'files', expected),
    bytes: countOf(fields, 'bytes', expected),
    packedBytes: countOf(fields, 'packedBytes', expected),
  };
}

function checkTotal(fields: Fields, manifest: Manifest, key: 'files' | 'bytes'): void {
  if (countOf(fields, key, 'the manifest') !== manifest[key]) {
    throw new PackError(`manifest.json: ${key} is not the sum of the parts'`);
  }
}

function sum(parts: readonly Part[], key: 'files' | 'bytes'): number {
  return parts.reduce((total, part) => total + part[key], 0);
}
