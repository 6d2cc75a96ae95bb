import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';

/** What main saw in GOCACHE, for post to compare with: names of objects. */
export interface Snapshot {
  /** There before the action came, in a GOCACHE that is shared: not marked, not swept, not saved. */
  readonly others: ReadonlySet<string>;
  /** Written by the restore. */
  readonly restored: ReadonlySet<string>;
  /** There when the set was restored and backdated, before the warm. */
  readonly known: ReadonlySet<string>;
  /** Used or made when helpers were built, before the warm: the job need not use them. */
  readonly helped: ReadonlySet<string>;
  /** Live at the end of main. */
  readonly live: ReadonlySet<string>;
}

const file = (work: string): string => join(work, 'snapshot.json');

export function writeSnapshot(work: string, snapshot: Snapshot): void {
  const lists = Object.entries(snapshot).map(([name, set]: [string, ReadonlySet<string>]) => [
    name,
    [...set],
  ]);
  writeFileSync(file(work), JSON.stringify(Object.fromEntries(lists)));
}

/** @throws Error where it is not there: main ended before it wrote one, or the job removed it */
export function readSnapshot(work: string): Snapshot {
  const lists = readLists(file(work));
  return {
    others: new Set(lists.others),
    restored: new Set(lists.restored),
    known: new Set(lists.known),
    helped: new Set(lists.helped),
    live: new Set(lists.live),
  };
}

function readLists(path: string): Record<keyof Snapshot, string[]> {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`what main has noted is gone: ${messageOf(error)}`);
  }
}
