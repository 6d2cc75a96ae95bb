import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { codeOf } from '../errors.ts';
import { directoryName, isExecutableFile, isObjectFile } from './layout.ts';

/** One object of GOCACHE as it lies on disk. */
export interface GocacheObject {
  /** `ab/ab…-a` or `ab/ab…-d`, with `/` on every platform. */
  readonly name: string;
  readonly kind: 'record' | 'output' | 'executable';
  /** Size of the file; of an executable: of the file in its directory. */
  readonly bytes: number;
  /** When it was made or last marked as used, in Unix milliseconds; of an executable: its directory's, which is
   *  what `markUsed` in cache.go moves. */
  readonly mtimeMs: number;
  /** The owner's user id; 0 on Windows. */
  readonly uid: number;
  /** An executable's file name. */
  readonly file?: string;
}

/**
 * Lists every object, in order of name on file systems whose listings are sorted. What has not an object's form is
 * left out: README, trim.txt, testexpire.txt, `fuzz/`, symbolic links (Go makes none, and what one points to is not
 * ours to delete), and an executable's directory with anything but one file of an allowed name in it. The latter is
 * useless to Go (`OutputFile`: "invalid binary cache entry"), so it is not saved; it may be being written, so it is
 * not swept either.
 *
 * One lstat for each object and nothing else: the names are joined by hand, since path.join costs as much again.
 *
 * @param gocache a directory; one that does not exist holds nothing
 * @throws what the file system says of a directory that cannot be read
 */
export function scan(gocache: string): readonly GocacheObject[] {
  const objects: GocacheObject[] = [];
  const root = `${gocache}/`;
  for (const directory of list(gocache)) {
    if (!directoryName.test(directory)) continue;
    const parent = root + directory;
    // A link in place of one of the 256 would have us delete somebody else's files.
    if (lstatSync(parent, quiet)?.isDirectory() !== true) continue;
    for (const entry of list(parent)) {
      if (!isObjectFile(directory, entry)) continue;
      const name = `${directory}/${entry}`;
      const path = root + name;
      const stats = lstatSync(path, quiet);
      if (stats === undefined) continue;
      const object = objectOf(name, path, stats);
      if (object !== undefined) objects.push(object);
    }
  }
  return objects;
}

/** Other go commands may delete while we read. */
const quiet = { throwIfNoEntry: false } as const;

function objectOf(name: string, path: string, stats: Stats): GocacheObject | undefined {
  const { mtimeMs, uid } = stats;
  const isRecord = name.endsWith('a');
  if (stats.isFile()) {
    return { name, kind: isRecord ? 'record' : 'output', bytes: stats.size, mtimeMs, uid };
  }
  if (isRecord || !stats.isDirectory()) return undefined;
  const [file, ...others] = list(path);
  if (file === undefined || others.length > 0 || !isExecutableFile(file)) return undefined;
  const inner = lstatSync(`${path}/${file}`, quiet);
  if (inner?.isFile() !== true) return undefined;
  return { name, kind: 'executable', bytes: inner.size, mtimeMs, uid, file };
}

function list(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** What `read` gives; undefined where there is no such file. */
export function unlessMissing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Whether the file system said that there is no such file. Other go commands may delete while we read. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT';
}
