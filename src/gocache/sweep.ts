import { readFileSync, rmdirSync, unlinkSync } from 'node:fs';
import { codeOf } from '../errors.ts';
import { backdatedAt } from './backdate.ts';
import { parseRecord } from './layout.ts';
import { type GocacheObject, isMissing } from './scan.ts';
import { usesOf } from './use.ts';

/** The ID of the output that a record names, 64 hex digits; undefined for a record that is malformed or gone. */
export type OutputOf = (record: GocacheObject) => string | undefined;

/** What a sweep keeps and what it drops: together, all the objects, in their order. */
export interface Partition {
  readonly live: readonly GocacheObject[];
  readonly dead: readonly GocacheObject[];
}

/** A sum over objects. */
export interface Tally {
  readonly objects: number;
  readonly bytes: number;
}

/**
 * Tells what was used since a backdate from what was not. An object is dead when it still has the mark, except the
 * output of a live record: Go does not move the time of an output that it would have written again (`copyFile` in
 * cache.go). An output without a live record is live by its own time, because something used it.
 *
 * @param options.second the mark, of `markSecond`
 * @param options.outputOf called for live records only, and only where an output has the mark
 */
export function partition(
  objects: readonly GocacheObject[],
  options: { readonly second: number; readonly outputOf: OutputOf },
): Partition {
  const uses = usesOf(objects, { first: options.second, outputOf: options.outputOf });
  return {
    live: objects.filter((_, at) => uses[at] !== 'none'),
    dead: objects.filter((_, at) => uses[at] === 'none'),
  };
}

/** Reads what `partition` asks for from the records on disk. It throws what the file system says, but for ENOENT. */
export function readOutputOf(gocache: string): OutputOf {
  const prefix = `${gocache}/`;
  return (record) => {
    try {
      return parseRecord(readFileSync(prefix + record.name, 'utf8'), record.name)?.outputId;
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  };
}

/**
 * Deletes objects. One that is gone already is no error, nor is one that cannot be deleted (somebody else's, one that is
 * in use, as an executable that runs on Windows): it stays where it is, and whoever saves only what is live leaves it out.
 *
 * @returns what was deleted
 * @throws any other error of the file system
 */
export function sweep(gocache: string, dead: readonly GocacheObject[]): Tally {
  const prefix = `${gocache}/`;
  let objects = 0;
  let bytes = 0;
  for (const object of dead) {
    try {
      remove(prefix + object.name, object.file);
      objects += 1;
      bytes += object.bytes;
    } catch (error) {
      if (!mayStay.has(codeOf(error) ?? '')) throw error;
    }
  }
  return { objects, bytes };
}

/** ENOTEMPTY: on Windows a file that is still open elsewhere leaves its directory only when that is closed. */
const mayStay: ReadonlySet<string> = new Set(['ENOENT', 'EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY']);

/** Not by rmSync, which tells no code of a file that is in use (Node 24: `Unknown error`). */
function remove(path: string, file: string | undefined): void {
  unlinkSync(file === undefined ? path : `${path}/${file}`);
  if (file !== undefined) rmdirSync(path);
}

/**
 * The objects made or marked since the backdate that belong to another user id: somebody (a container, sudo) works
 * in this GOCACHE who cannot mark what he uses of ours, so an object's mark does not mean that it is unused. Where
 * there is one, do not sweep. What belonged to somebody else before the backdate says nothing and does not count.
 *
 * @param options.uid our own; undefined on Windows, where files have no user id: the answer is then empty
 */
export function foreignSince(
  objects: readonly GocacheObject[],
  options: { readonly second: number; readonly uid: number | undefined },
): readonly GocacheObject[] {
  const { second, uid } = options;
  if (uid === undefined) return [];
  const since = backdatedAt(second) * 1000;
  return objects.filter((object) => object.uid !== uid && object.mtimeMs >= since);
}
