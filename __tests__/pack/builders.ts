import { hash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { constants, zstdCompressSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { onTestFinished } from 'vitest';
import type { PackFile } from '../../src/pack/pack-file.ts';
import type { PackRule } from '../../src/pack/rules.ts';

/** Rules of the form that the build cache has: records, outputs, executables, and names that are checked by form only. */
export const rules: readonly PackRule[] = [
  { name: /^(?<id>[0-9a-f]{64})-a$/, content: /^v1 (?<id>[0-9a-f]{64})\n$/, executable: false },
  { name: /^[0-9a-f]{2}\/(?<sha256>[0-9a-f]{64})-d$/, executable: false },
  { name: /^[0-9a-f]{2}\/(?<sha256>[0-9a-f]{64})-d\/[^/]+$/, executable: true },
  { name: /^free\/.+$/, executable: false },
];

export function scratchDirectory(name = 'pack'): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'pack-test-')));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  return join(root, name);
}

export function outputName(content: string | Buffer): string {
  const sha256 = hash('sha256', content, 'hex');
  return `${sha256.slice(0, 2)}/${sha256}-d`;
}

export function put(path: string, content: string | Buffer): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Files on the disk that a pack can be made of. */
export function sources(contents: Readonly<Record<string, string | Buffer>>): PackFile[] {
  const root = scratchDirectory('sources');
  mkdirSync(root, { recursive: true });
  return Object.entries(contents).map(([name, content], index) => {
    const path = join(root, `${index}`);
    writeFileSync(path, content);
    return { name, path, bytes: Buffer.byteLength(content) };
  });
}

/** Everything under a directory: kind, mode and content by name; a missing directory is empty. */
export function tree(root: string): Record<string, string> {
  const seen: Record<string, string> = {};
  const visit = (name: string): void => {
    const path = join(root, name);
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return;
    if (stat.isSymbolicLink()) seen[name] = `link to ${readlinkSync(path)}`;
    else if (stat.isDirectory()) {
      seen[name] = 'directory';
      for (const child of readdirSync(path)) visit(join(name, child));
    } else seen[name] = `${(stat.mode & 0o777).toString(8)} ${hash('sha256', readFileSync(path), 'hex')}`;
  };
  visit('');
  return seen;
}

export interface Entry extends Partial<Header> {
  readonly name: string;
  readonly content?: string | Buffer;
}

export interface RawPart {
  readonly entries?: readonly Entry[];
  /** Changes the tar before it is compressed. */
  readonly tar?: (tar: Buffer) => Buffer;
  /** Changes the part after it is compressed. */
  readonly packed?: (part: Buffer) => Buffer;
  /** What the manifest says instead of the truth. */
  readonly says?: Readonly<Record<string, unknown>>;
}

/** Writes a pack by hand, with whatever is wrong with it; its directory. */
export async function rawPack(options: {
  readonly parts: readonly RawPart[];
  readonly says?: Readonly<Record<string, unknown>>;
}): Promise<string> {
  const directory = scratchDirectory('raw');
  mkdirSync(directory, { recursive: true });
  const listed: { files: number; bytes: number }[] = [];
  for (const [index, part] of options.parts.entries()) {
    const entries = part.entries ?? [];
    const tar = await tarOf(entries);
    const compressed = zstdCompressSync(part.tar?.(tar) ?? tar, {
      params: { [constants.ZSTD_c_checksumFlag]: 1 },
    });
    const packed = part.packed?.(compressed) ?? compressed;
    const name = `part-${index + 1}.tar.zst`;
    writeFileSync(join(directory, name), packed);
    const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.content ?? ''), 0);
    listed.push({ ...{ name, files: entries.length, bytes, packedBytes: packed.length }, ...part.says });
  }
  const files = listed.reduce((sum, part) => sum + part.files, 0);
  const bytes = listed.reduce((sum, part) => sum + part.bytes, 0);
  const manifest = { pack: 1, files, bytes, parts: listed, ...options.says };
  writeFileSync(join(directory, 'manifest.json'), JSON.stringify(manifest));
  return directory;
}

export async function tarOf(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content, ...header } of entries) {
    const sink = tar.entry({ mtime: new Date(0), ...header }, content ?? '');
    sink.on('error', (error) => tar.destroy(error));
  }
  tar.finalize();
  return await buffer(tar as AsyncIterable<Buffer>);
}
