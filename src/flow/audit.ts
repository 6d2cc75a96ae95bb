import type { SetState } from '../config/state.ts';
import { audit, sumByClass } from '../gocache/audit.ts';
import type { ObjectClass } from '../gocache/content.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { SetReport } from '../report/report.ts';
import type { Look } from './look.ts';
import { neverStored } from './past.ts';

/** Those that `keep-executables` lets into a stored set. */
export function storable(
  objects: readonly GocacheObject[],
  classes: ReadonlyMap<string, ObjectClass>,
  keepExecutables: boolean,
): readonly GocacheObject[] {
  if (keepExecutables) return objects;
  return objects.filter(({ name }) => !neverStored.includes(classes.get(name) ?? 'other'));
}

/** The set by class, before the sweep and after it. */
export function auditSet(
  { gocache, keepExecutables }: Pick<SetState, 'gocache' | 'keepExecutables'>,
  { own, classes }: Look,
  kept: readonly GocacheObject[],
): SetReport {
  const before = sumByClass(own, classes);
  const after = audit(gocache, kept, classes);
  const stored = sumByClass(storable(kept, classes, keepExecutables), classes).total;
  const executables = own.filter((object) => object.file !== undefined);
  return {
    ...after.total,
    classes: Object.fromEntries(after.classes),
    executables: after.executables.map(({ mainPackage, ...one }) => ({
      ...one,
      package: mainPackage ?? null,
    })),
    before: {
      ...before.total,
      classes: Object.fromEntries(before.classes),
      executables: sumByClass(executables, classes).total,
    },
    notStored: {
      objects: after.total.objects - stored.objects,
      bytes: after.total.bytes - stored.bytes,
    },
  };
}
