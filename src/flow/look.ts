import type { SetState } from '../config/state.ts';
import { secondMark } from '../gocache/backdate.ts';
import { buildClasses, type ObjectClass } from '../gocache/content.ts';
import { classesOf } from '../gocache/kinship.ts';
import { outputNameOf } from '../gocache/layout.ts';
import { type GocacheObject, scan } from '../gocache/scan.ts';
import { foreignSince, readOutputOf } from '../gocache/sweep.ts';
import { type Use, usesOf } from '../gocache/use.ts';
import { neverStored, readPast } from './past.ts';
import type { FinishFacts } from './plan.ts';
import { readSnapshot, type Snapshot } from './snapshot.ts';

/** GOCACHE as the job has left it. */
export interface Look {
  readonly facts: Pick<
    FinishFacts,
    'lostObjects' | 'foreignObjects' | 'jobUsedCache' | 'madeBuilds' | 'sharedGocache'
  >;
  readonly snapshot: Snapshot;
  /** Ours: all but what was in a shared GOCACHE before. */
  readonly own: readonly GocacheObject[];
  /** Who has used each of ours, in their order. */
  readonly uses: readonly Use[];
  /** The class of each of ours, by name. */
  readonly classes: ReadonlyMap<string, ObjectClass>;
  /** Those of ours that were not there at the end of main. */
  readonly made: readonly GocacheObject[];
  /** Those of others that records of ours name: a set with such a record needs its output. */
  readonly lent: readonly GocacheObject[];
}

type Where = Pick<SetState, 'gocache' | 'mark' | 'work' | 'restore' | 'maxSize' | 'keepExecutables'>;

/**
 * @param uid our own user id; undefined on Windows
 * @throws Error where main's snapshot cannot be read, or what the file system says
 */
export function look(
  { gocache, mark, work, restore, maxSize, keepExecutables }: Where,
  uid: number | undefined,
): Look {
  const snapshot = readSnapshot(work);
  const all = scan(gocache);
  const own = all.filter((object) => !snapshot.others.has(object.name));
  const present = new Set(all.map((object) => object.name));
  const uses = usesOf(own, {
    ...{ first: mark, second: secondMark(mark), outputOf: readOutputOf(gocache) },
  });
  const classes = classesOf(gocache, own);
  const made = own.filter(({ name }) => !snapshot.known.has(name) && !snapshot.live.has(name));
  // What was left out on purpose is made anew by every job, and is no reason to save.
  const leftOut: readonly ObjectClass[] = [
    ...(maxSize === null ? [] : readPast(work).leftOut),
    ...(keepExecutables ? [] : neverStored),
  ];
  const isBuild = ({ name }: GocacheObject) => {
    const found = classes.get(name) ?? 'other';
    return buildClasses.has(found) && !leftOut.includes(found);
  };
  return {
    facts: {
      lostObjects: [...snapshot.live].filter((name) => !present.has(name)).length,
      foreignObjects: foreignSince(own, { second: mark, uid }).length,
      // What was another user's at the end of main could not be marked: its time says nothing.
      jobUsedCache: own.some(
        (object, at) =>
          uses[at] === 'job' && (object.uid === (uid ?? object.uid) || !snapshot.live.has(object.name)),
      ),
      sharedGocache: snapshot.others.size > 0,
      // What was made before the end of main counts as well: the restored set lacked it.
      madeBuilds:
        restore === 'exact' && own.some((object) => !snapshot.known.has(object.name) && isBuild(object)),
    },
    ...{ snapshot, own, uses, classes, made },
    lent: own.length === all.length ? [] : lentOutputs(own, all, gocache),
  };
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
