import { utimesSync } from 'node:fs';
import { codeOf } from '../errors.ts';
import type { GocacheObject } from './scan.ts';

/**
 * How far back the mark lies, in seconds: two and a half days. `markUsed` in cache.go moves an mtime only when it is
 * at least one hour old, and Go's own trim drops what is older than five days and an hour: a margin of two days on
 * both sides for a clock that is wrong.
 */
const backSeconds = 2.5 * 24 * 60 * 60;

/**
 * The second that a backdate begun at `nowMs` marks objects with.
 *
 * @param nowMs Unix milliseconds
 * @returns a whole Unix second: no file system that Go runs on rounds one
 */
export function markSecond(nowMs: number): number {
  return Math.floor(nowMs / 1000) - backSeconds;
}

/**
 * The mark of what the warm has used or made, given when it has ended: a second later than the first, by which what
 * the job uses after it can be told from what the warm alone used.
 */
export function secondMark(second: number): number {
  return second + 1;
}

/** The Unix second, rounded down, at which the backdate that gave `second` began. */
export function backdatedAt(second: number): number {
  return second + backSeconds;
}

/**
 * Whether an object still has the mark: nobody has used or made it since. A whole second is exact in mtimeMs; less
 * than a millisecond of difference is a file system's rounding, since Go marks with the present time.
 */
export function hasMark(object: GocacheObject, second: number): boolean {
  return Math.abs(object.mtimeMs - second * 1000) < 1;
}

/**
 * Gives every object the mtime `second`; of an executable only its directory, since that is what use moves. An
 * object that is gone, or that belongs to somebody else, is passed over: without the mark it counts as live, so it
 * is kept.
 *
 * @param second a whole Unix second, of {@link markSecond}
 * @returns how many objects were passed over
 * @throws any other error of the file system
 */
export function backdate(gocache: string, objects: readonly GocacheObject[], second: number): number {
  const prefix = `${gocache}/`;
  let passed = 0;
  for (const object of objects) {
    try {
      utimesSync(prefix + object.name, second, second);
    } catch (error) {
      const code = codeOf(error);
      // EPERM: only the owner may set a time; EACCES: Windows, or a directory that is closed to us.
      if (code !== 'ENOENT' && code !== 'EPERM' && code !== 'EACCES') throw error;
      passed += 1;
    }
  }
  return passed;
}
