import type { SetState } from '../config/state.ts';
import { hasMark } from '../gocache/backdate.ts';
import { buildClasses } from '../gocache/content.ts';
import { classesOf } from '../gocache/kinship.ts';
import { outputNameOf } from '../gocache/layout.ts';
import { type GocacheObject, scan } from '../gocache/scan.ts';
import { foreignSince, readOutputOf } from '../gocache/sweep.ts';
import type { FinishFacts } from './plan.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

/** GOCACHE as the job has left it. */
export interface Look {
  readonly facts: Pick<
    FinishFacts,
    'lostObjects' | 'foreignObjects' | 'jobUsedCache' | 'madeBuilds' | 'sharedGocache'
  >;
  /** Ours: all but what was in a shared GOCACHE before. */
  readonly own: readonly GocacheObject[];
  /** Those of others that records of ours name: a set with such a record needs its output. */
  readonly lent: readonly GocacheObject[];
}

/**
 * @param uid our own user id; undefined on Windows
 * @throws Error where main's snapshot cannot be read, or what the file system says
 */
export function look({ gocache, mark, work, restore }: SetState, uid: number | undefined): Look {
  const snapshot = readSnapshot(work);
  const all = scan(gocache);
  const own = all.filter((object) => !snapshot.others.has(object.name));
  const present = new Set(all.map((object) => object.name));
  return {
    facts: {
      lostObjects: [...snapshot.live].filter((name) => !present.has(name)).length,
      foreignObjects: foreignSince(own, { second: mark, uid }).length,
      jobUsedCache: own.some((object) => !hasMark(object, mark) && !snapshot.live.has(object.name)),
      sharedGocache: snapshot.others.size > 0,
      madeBuilds: restore === 'exact' && madeBuilds(own, snapshot, gocache),
    },
    own,
    lent: own.length === all.length ? [] : lentOutputs(own, all, gocache),
  };
}

/** Whether compiled packages, vet facts or tools have been made that were not there before the warm. */
function madeBuilds(own: readonly GocacheObject[], { known }: Snapshot, gocache: string): boolean {
  const made = own.filter((object) => !known.has(object.name));
  return [...classesOf(gocache, made).values()].some((found) => buildClasses.has(found));
}

function lentOutputs(
  own: readonly GocacheObject[],
  all: readonly GocacheObject[],
  gocache: string,
): GocacheObject[] {
  const outputOf = readOutputOf(gocache);
  const ours = new Set(own.map((object) => object.name));
  const needed = new Set<string>();
  for (const record of own) {
    const output = record.kind === 'record' ? outputOf(record) : undefined;
    if (output !== undefined) needed.add(outputNameOf(output));
  }
  return all.filter((object) => needed.has(object.name) && !ours.has(object.name));
}
