import { messageOf } from '../errors.ts';
import { PackError, shown } from './pack-error.ts';

/** What the manifest says of one part; `bytes` are those of the files' contents, `packedBytes` the part's own size on disk. */
export interface Part {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly packedBytes: number;
}

/**
 * The text of `manifest.json`, this project's own format. It is written after the last part, so a directory without
 * one is no pack. Anything that it does not describe is refused; a change of its form takes a new `pack` number.
 * `note` is whatever the writer wants to tell the reader, any JSON: nothing here looks into it.
 */
export interface Manifest {
  readonly pack: typeof PACK_VERSION;
  readonly files: number;
  readonly bytes: number;
  readonly parts: readonly Part[];
  readonly note?: unknown;
}

export const MANIFEST_NAME = 'manifest.json';
const PACK_VERSION = 1;
// A manifest that lists more parts than any machine has processors was not written by writePack.
const MOST_PARTS = 1024;

/** The name of a part by its number, which starts at 1. */
export function partName(number: number): string {
  return `part-${number}.tar.zst`;
}

/** The manifest of these parts, which must be in the order of their numbers. */
export function manifestOf(parts: readonly Part[], note?: unknown): Manifest {
  const told = note === undefined ? {} : { note };
  return { pack: PACK_VERSION, files: sum(parts, 'files'), bytes: sum(parts, 'bytes'), parts, ...told };
}

/** The manifest in the text of `manifest.json`. Throws a PackError for everything but what `manifestOf` makes. */
export function parseManifest(text: string): Manifest {
  const fields = objectOf(parseJson(text), 'the manifest');
  checkVersion(fields['pack']);
  checkKeys(fields, ['pack', 'files', 'bytes', 'parts'], 'the manifest', ['note']);
  const listed = fields['parts'];
  if (!Array.isArray(listed)) throw new PackError('manifest.json: parts is not a list');
  if (listed.length > MOST_PARTS) throw new PackError(`manifest.json: ${listed.length} parts are too many`);
  const parts = listed.map((part: unknown, index) => parsePart(part, partName(index + 1)));
  const manifest = manifestOf(parts, fields['note']);
  checkTotal(fields, manifest, 'files');
  checkTotal(fields, manifest, 'bytes');
  return manifest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PackError(`manifest.json is not JSON: ${messageOf(error)}`);
  }
}

function checkVersion(version: unknown): void {
  if (typeof version === 'number' && Number.isSafeInteger(version) && version > PACK_VERSION) {
    throw new PackError(
      `manifest.json: a newer version wrote this pack (format ${version}, known is ${PACK_VERSION})`,
    );
  }
  if (version !== PACK_VERSION) throw new PackError('manifest.json: not the manifest of a pack');
}

function parsePart(value: unknown, expected: string): Part {
  const fields = objectOf(value, expected);
  checkKeys(fields, ['name', 'files', 'bytes', 'packedBytes'], expected);
  const name = fields['name'];
  if (name !== expected) {
    throw new PackError(`manifest.json: ${expected} is called ${shown(JSON.stringify(name))}`);
  }
  return {
    name: expected,
    files: countOf(fields, 'files', expected),
    bytes: countOf(fields, 'bytes', expected),
    packedBytes: countOf(fields, 'packedBytes', expected),
  };
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PackError(`manifest.json: ${what} is not an object`);
  }
  return { ...value };
}

function checkKeys(
  fields: Record<string, unknown>,
  known: readonly string[],
  what: string,
  optional: readonly string[] = [],
): void {
  const unknown = Object.keys(fields).find((key) => !known.includes(key) && !optional.includes(key));
  if (unknown !== undefined)
    throw new PackError(`manifest.json: ${what} has an unknown field ${shown(unknown)}`);
  const missing = known.find((key) => !Object.hasOwn(fields, key));
  if (missing !== undefined) throw new PackError(`manifest.json: ${what} has no ${missing}`);
}

function countOf(fields: Record<string, unknown>, key: string, what: string): number {
  const value = fields[key];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw new PackError(`manifest.json: ${key} of ${what} is not a count`);
  }
  return value;
}

function checkTotal(fields: Record<string, unknown>, manifest: Manifest, key: 'files' | 'bytes'): void {
  if (countOf(fields, key, 'the manifest') !== manifest[key]) {
    throw new PackError(`manifest.json: ${key} is not the sum of the parts'`);
  }
}

function sum(parts: readonly Part[], key: 'files' | 'bytes'): number {
  return parts.reduce((total, part) => total + part[key], 0);
}
