import type { GocacheObject } from './scan.ts';
import type { Tally } from './sweep.ts';
import type { Use } from './use.ts';

/** Where a set's objects came from, and who has used them. Every object is in one of these. */
export interface Reuse {
  /** Restored, and used by the job after the warm. */
  readonly restoredUsed: Tally;
  /** Restored, and used by the warm alone. */
  readonly restoredWarmed: Tally;
  /** Restored, and used by nobody. */
  readonly restoredUnused: Tally;
  /** Made by the action's own commands, and used by the job. */
  readonly warmedUsed: Tally;
  /** Made by the action's own commands, and never used by the job. */
  readonly warmedUnused: Tally;
  /** Made by the job itself, after the warm. */
  readonly made: Tally;
}

/** Names of objects, as main saw them. */
export interface Seen {
  readonly restored: ReadonlySet<string>;
  /** There at the end of main. */
  readonly warmed: (name: string) => boolean;
}

/** @param uses of the objects, in their order */
export function reuseOf(objects: readonly GocacheObject[], uses: readonly Use[], seen: Seen): Reuse {
  const tallies: Record<keyof Reuse, { objects: number; bytes: number }> = {
    restoredUsed: { objects: 0, bytes: 0 },
    restoredWarmed: { objects: 0, bytes: 0 },
    restoredUnused: { objects: 0, bytes: 0 },
    warmedUsed: { objects: 0, bytes: 0 },
    warmedUnused: { objects: 0, bytes: 0 },
    made: { objects: 0, bytes: 0 },
  };
  for (const [at, object] of objects.entries()) {
    const tally = tallies[kindOf(object.name, uses[at] ?? 'none', seen)];
    tally.objects += 1;
    tally.bytes += object.bytes;
  }
  return tallies;
}

function kindOf(name: string, use: Use, { restored, warmed }: Seen): keyof Reuse {
  if (restored.has(name)) {
    return ({ job: 'restoredUsed', warm: 'restoredWarmed', none: 'restoredUnused' } as const)[use];
  }
  if (!warmed(name)) return 'made';
  return use === 'job' ? 'warmedUsed' : 'warmedUnused';
}
