import type { ObjectClass } from './content.ts';
import { mainPackageOf } from './executable.ts';
import { type GocacheObject, unlessMissing } from './scan.ts';
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

/** Objects by class; records count with their outputs. */
export interface ClassSums {
  readonly total: Tally;
  /** Only the classes that occur. */
  readonly classes: ReadonlyMap<ObjectClass, Tally>;
}

export interface Audit extends ClassSums {
  /** The largest first. */
  readonly executables: readonly Executable[];
}

/** @param classes the class of each object, by name, of `classesOf` */
export function sumByClass(
  objects: readonly GocacheObject[],
  classes: ReadonlyMap<string, ObjectClass>,
): ClassSums {
  const tallies = new Map<ObjectClass, Tally>();
  let total: Tally = { objects: 0, bytes: 0 };
  for (const object of objects) {
    const found = classes.get(object.name) ?? 'other';
    total = plus(total, object);
    tallies.set(found, plus(tallies.get(found), object));
  }
  return { total, classes: tallies };
}

/**
 * Sums up objects by class and names the executables, each of which it reads.
 *
 * @param classes as above
 * @throws what the file system says, but for objects that are gone
 */
export function audit(
  gocache: string,
  objects: readonly GocacheObject[],
  classes: ReadonlyMap<string, ObjectClass>,
): Audit {
  const executables = objects.flatMap(({ name, file, bytes }): Executable[] => {
    if (file === undefined) return [];
    const mainPackage = unlessMissing(() => mainPackageOf(`${gocache}/${name}/${file}`));
    return [{ name: file, bytes, mainPackage, tool: classes.get(name) === 'tool' }];
  });
  executables.sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  return { ...sumByClass(objects, classes), executables };
}

function plus(sum: Tally | undefined, object: GocacheObject): Tally {
  return { objects: (sum?.objects ?? 0) + 1, bytes: (sum?.bytes ?? 0) + object.bytes };
}
