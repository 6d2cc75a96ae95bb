import type { ObjectClass } from './content.ts';
import { mainPackageOf } from './executable.ts';
import { type GocacheObject, isMissing } from './scan.ts';
import type { Tally } from './sweep.ts';

/** One executable of a set. */
export interface Executable {
  /** Its file name. */
  readonly name: string;
  readonly bytes: number;
  /** The import path that it was linked from, where the binary says it. */
  readonly mainPackage: string | undefined;
  /** Whether Go made it from its own `cmd/…`, like covdata and cover. */
  readonly tool: boolean;
}

/** A set by class; records count with their outputs. */
export interface Audit {
  readonly total: Tally;
  /** Only the classes that occur. */
  readonly classes: ReadonlyMap<ObjectClass, Tally>;
  /** The largest first. */
  readonly executables: readonly Executable[];
}

/**
 * Sums up objects by class and names the executables.
 *
 * @param classes the class of each object, by name, of `classesOf`
 * @throws what the file system says, but for objects that are gone
 */
export function audit(
  gocache: string,
  objects: readonly GocacheObject[],
  classes: ReadonlyMap<string, ObjectClass>,
): Audit {
  const tallies = new Map<ObjectClass, Tally>();
  const executables: Executable[] = [];
  let total: Tally = { objects: 0, bytes: 0 };
  for (const object of objects) {
    const found = classes.get(object.name) ?? 'other';
    total = plus(total, object);
    tallies.set(found, plus(tallies.get(found), object));
    if (object.file === undefined) continue;
    const mainPackage = pathIn(`${gocache}/${object.name}/${object.file}`);
    executables.push({ name: object.file, bytes: object.bytes, mainPackage, tool: found === 'tool' });
  }
  executables.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  return { total, classes: tallies, executables };
}

function pathIn(file: string): string | undefined {
  try {
    return mainPackageOf(file);
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function plus(sum: Tally | undefined, object: GocacheObject): Tally {
  return { objects: (sum?.objects ?? 0) + 1, bytes: (sum?.bytes ?? 0) + object.bytes };
}
