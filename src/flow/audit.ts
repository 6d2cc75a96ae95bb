import { audit, sumByClass } from '../gocache/audit.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { SetReport } from '../report/report.ts';
import type { Look } from './look.ts';

/** The set by class, before the sweep and after it. */
export function auditSet(gocache: string, { own, classes }: Look, kept: readonly GocacheObject[]): SetReport {
  const before = sumByClass(own, classes);
  const after = audit(gocache, kept, classes);
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
  };
}
