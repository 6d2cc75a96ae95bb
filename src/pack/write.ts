import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import type { Watch } from '../progress.ts';
import type { WriteJob } from './jobs.ts';
import { MANIFEST_NAME, manifestOf, partName } from './manifest.ts';
import { PackError, shown } from './pack-error.ts';
import { LARGEST_FILE, type PackFile } from './pack-file.ts';
import { partition } from './partition.ts';
import { runJobs } from './pool.ts';
import { isPlainName, type PackRule } from './rules.ts';
import { LEVEL, MOST_PARTS } from './zstd.ts';

export type { PackFile } from './pack-file.ts';

export interface WriteOptions {
  /** Where the pack goes: made where it is missing, empty otherwise. */
  readonly directory: string;
  readonly files: readonly PackFile[];
  /** What a file must keep to be packed, by its name and content: one that does not is left out. */
  readonly rules?: readonly PackRule[];
  /** The manifest's note, told when all parts are on the disk. */
  readonly note?: (packed: Pick<Written, 'bytes' | 'packedBytes'>) => unknown;
  /** Worker threads; by default one for each processor. */
  readonly threads?: number;
  /** At most so many parts. */
  readonly parts?: number;
  /** zstd's level. */
  readonly level?: number;
  /** Is told how many files are done, those that are left out among them. */
  readonly watch?: Watch;
}

export interface Written {
  readonly files: number;
  /** Of the files' contents. */
  readonly bytes: number;
  /** Of the parts on the disk. */
  readonly packedBytes: number;
  readonly parts: number;
  /** The names of files that were left out, since they do not keep the rules. */
  readonly broken: readonly string[];
}

/**
 * Writes a pack. The same files give the same bytes, in whatever order they are listed. Throws a PackError that names the
 * file where one has vanished or changed its size since it was listed, has a name that a pack cannot have, or is not to be
 * read; then nothing of the pack is left.
 */
export async function writePack(options: WriteOptions): Promise<Written> {
  const {
    directory,
    files,
    rules = null,
    note,
    threads = availableParallelism(),
    parts: most = MOST_PARTS,
    level = LEVEL,
    watch,
  } = options;
  checkFiles(files);
  const jobs = partition(files, most).map((list, index): WriteJob => {
    const part = partName(index + 1);
    return { kind: 'write', part, path: join(directory, part), files: list, level, rules };
  });
  await makeEmpty(directory);
  try {
    const done = await runJobs(jobs, threads, watch);
    const broken = done.flatMap((one) => one.broken);
    const parts = jobs.map((job, index) => ({
      name: job.part,
      ...totals(job.files, new Set(broken)),
      packedBytes: done[index]?.bytes ?? 0,
    }));
    const packedBytes = parts.reduce((sum, part) => sum + part.packedBytes, 0);
    const { bytes, files: count } = manifestOf(parts);
    const manifest = manifestOf(parts, note?.({ bytes, packedBytes }));
    await writeFile(join(directory, MANIFEST_NAME), `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx' });
    return { files: count, bytes, packedBytes, parts: parts.length, broken };
  } catch (error) {
    const made = [MANIFEST_NAME, ...jobs.map((job) => job.part)];
    await Promise.all(made.map((name) => rm(join(directory, name), { force: true })));
    throw new PackError(messageOf(error));
  }
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

function totals(listed: readonly PackFile[], broken: ReadonlySet<string>): { files: number; bytes: number } {
  const files = listed.filter(({ name }) => !broken.has(name));
  return { files: files.length, bytes: files.reduce((sum, file) => sum + file.bytes, 0) };
}

async function makeEmpty(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    if ((await readdir(directory)).length > 0) throw new PackError('the directory for the pack is not empty');
  } catch (error) {
    throw new PackError(messageOf(error));
  }
}
