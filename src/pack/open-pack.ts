import { lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { MANIFEST_NAME, type Manifest, type Part, parseManifest } from './manifest.ts';
import { PackError, shown } from './pack-error.ts';

// Forty times what the manifest of a thousand parts takes.
const LARGEST_MANIFEST = 4 * 1024 * 1024;

/**
 * The manifest of the pack in a directory, when the directory holds the manifest and its parts, each a regular file of
 * the promised size, and nothing else. Throws a PackError otherwise. The sizes matter: node:zlib ignores what follows the
 * first zstd frame of a file.
 */
export async function openPack(directory: string): Promise<Manifest> {
  try {
    if (!(await lstat(directory)).isDirectory()) throw new PackError('the pack is no directory of its own');
    const names = await readdir(directory);
    const manifest = parseManifest(await readManifest(directory, names));
    const parts = [...manifest.parts, ...manifest.deltas];
    const expected = new Set([MANIFEST_NAME, ...parts.map((part) => part.name)]);
    const unknown = names.find((name) => !expected.has(name));
    if (unknown !== undefined) throw new PackError(`${shown(unknown)}: not described by the manifest`);
    for (const part of parts) await checkPart(directory, names, part);
    return manifest;
  } catch (error) {
    throw new PackError(messageOf(error));
  }
}

async function readManifest(directory: string, names: readonly string[]): Promise<string> {
  if (!names.includes(MANIFEST_NAME)) throw new PackError('manifest.json is missing');
  const path = join(directory, MANIFEST_NAME);
  const stat = await lstat(path);
  if (!stat.isFile() || stat.size > LARGEST_MANIFEST)
    throw new PackError('manifest.json is no regular file of its size');
  return readFile(path, 'utf8');
}

async function checkPart(directory: string, names: readonly string[], part: Part): Promise<void> {
  if (!names.includes(part.name)) throw new PackError(`${part.name} is missing`);
  const stat = await lstat(join(directory, part.name));
  if (!stat.isFile()) throw new PackError(`${part.name} is no regular file`);
  if (stat.size !== part.packedBytes) {
    throw new PackError(`${part.name} has ${stat.size} bytes, the manifest says ${part.packedBytes}`);
  }
}
