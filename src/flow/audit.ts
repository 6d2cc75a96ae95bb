import { type Audit, audit } from '../gocache/audit.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { Tally } from '../gocache/sweep.ts';
import type { SetReport } from '../report/report.ts';
import type { Look } from './look.ts';

/** The set by class, before the sweep and after it. */
export function auditSet(gocache: string, { own, classes }: Look, kept: readonly GocacheObject[]): SetReport {
  const before = audit(gocache, own, classes);
  const after = kept.length === own.length ? before : audit(gocache, kept, classes);
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
      executables: executablesOf(before),
    },
  };
}

function executablesOf({ executables }: Audit): Tally {
  return { objects: executables.length, bytes: executables.reduce((sum, one) => sum + one.bytes, 0) };
}
