import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Watch } from '../progress.ts';
import type { Listed } from './listing.ts';
import { MANIFEST_NAME, manifestOf, type Part, textOfManifest } from './manifest.ts';
import { PackError, shown } from './pack-error.ts';
import { LARGEST_FILE, type PackFile } from './pack-file.ts';
import { type PartOptions, totals, writePlainParts } from './plain-parts.ts';
import { withThreads } from './pool.ts';
import { isPlainName, type PackRule } from './rules.ts';
import { type BaseOfTop, lackingIn, type WrittenTop, writeTop } from './write-top.ts';
import { LEVEL, MOST_PARTS } from './zstd.ts';

export { identityOf, inOrder, type Listed } from './listing.ts';
export type { PackFile } from './pack-file.ts';
export type { BaseOfTop } from './write-top.ts';

export interface WriteOptions {
  /** Where the pack goes: made where it is missing, empty otherwise. */
  readonly directory: string;
  /** The whole set, also where the pack is a top. */
  readonly files: readonly PackFile[];
  /** Makes the pack a top: only what this base lacks is packed. */
  readonly base?: BaseOfTop;
  /**
   * What a file must keep to be packed, by its name and content: one that does not is left out. Without rules no name is
   * known to be a hash, so no delta is made.
   */
  readonly rules?: readonly PackRule[];
  /** The manifest's note, told when all parts are on the disk. */
  readonly note?: (packed: Pick<Written, 'bytes' | 'packedBytes'>) => unknown;
  /** Worker threads; by default one for each processor, and at most eight. */
  readonly threads?: number;
  /** At most so many parts of each kind. */
  readonly parts?: number;
  /** zstd's level. */
  readonly level?: number;
  /** Is told how many files are done, those that are left out among them. */
  readonly watch?: Watch;
}

export interface Written {
  /** That the pack holds: of a top those that the base lacks. */
  readonly files: number;
  /** Of the files' contents. */
  readonly bytes: number;
  /** Of the parts on the disk. */
  readonly packedBytes: number;
  readonly parts: number;
  /** The names of files that were left out, since they do not keep the rules. */
  readonly broken: readonly string[];
  /** The files that the pack holds as they are, in their order: of one without deltas what a top has to know of it as its base. */
  readonly listing: readonly Listed[];
  /** Of the files that the pack holds, those that are packed as deltas. */
  readonly deltas: PackedFiles;
  /** The files of the base that the set does not have; none where there is no base. */
  readonly dead: Omit<PackedFiles, 'packedBytes'>;
}

export interface PackedFiles {
  readonly files: number;
  /** Of the files' contents. */
  readonly bytes: number;
  /** Of the parts on the disk. */
  readonly packedBytes: number;
}

/**
 * Writes a pack. The same files on the same base give the same bytes, in whatever order they are listed. Throws a PackError
 * that names the file where one has vanished or changed its size since it was listed, has a name that a pack cannot have, or
 * is not to be read; then nothing of the pack is left. A reference that is not to be read costs no more than a larger pack.
 */
export async function writePack(options: WriteOptions): Promise<Written> {
  const { directory, files, base, rules = null, note } = options;
  const { parts: most = MOST_PARTS, level = LEVEL } = options;
  checkFiles(files);
  await makeEmpty(directory);
  const lacking = base === undefined ? files : lackingIn(base, files);
  try {
    const packed = await withThreads(lacking.length, options, (threads) => {
      const shared: PartOptions = { directory, rules, threads, most, level };
      return base === undefined ? writeWhole(files, shared) : writeTop({ files, lacking }, base, shared);
    });
    const { parts, deltas } = packed;
    const all = sumOf([...parts, ...deltas]);
    const { bytes, packedBytes } = all;
    const manifest = manifestOf(packed, note?.({ bytes, packedBytes }));
    await writeFile(join(directory, MANIFEST_NAME), textOfManifest(manifest), { flag: 'wx' });
    return {
      ...{ ...all, parts: parts.length + deltas.length },
      broken: packed.broken,
      listing: packed.listing,
      deltas: sumOf(deltas),
      dead: totals(packed.dead),
    };
  } catch (error) {
    // It was empty: all that is in it was made here.
    for (const name of await readdir(directory)) await rm(join(directory, name), { force: true });
    throw new PackError(messageOf(error));
  }
}

/** A pack that needs no other lacks nothing of itself, and has nothing dead. */
async function writeWhole(files: readonly PackFile[], options: PartOptions): Promise<WrittenTop> {
  return { ...(await writePlainParts(files, options)), deltas: [], top: null, dead: [] };
}

function sumOf(parts: readonly Part[]): PackedFiles {
  const sum = (key: keyof PackedFiles) => parts.reduce((total, part) => total + part[key], 0);
  return { files: sum('files'), bytes: sum('bytes'), packedBytes: sum('packedBytes') };
}

function checkFiles(files: readonly PackFile[]): void {
  const names = new Set<string>();
  for (const { name, bytes } of files) {
    if (!isPlainName(name)) throw new PackError(`${shown(name)}: not a name for a pack`);
    if (names.has(name)) throw new PackError(`${shown(name)}: listed twice`);
    if (bytes > LARGEST_FILE) throw new PackError(`${shown(name)}: too large for a pack`);
    names.add(name);
  }
}

async function makeEmpty(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    if ((await readdir(directory)).length > 0) throw new PackError('the directory for the pack is not empty');
  } catch (error) {
    throw new PackError(messageOf(error));
  }
}
