import type { SetState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import type { Console } from '../report/console.ts';
import { uncountedLine } from '../report/lines.ts';
import { entryOf, overdue, staying } from '../store/budget.ts';
import { type EntryList, ListError } from '../store/entry-list.ts';
import { baseKeyOf, ownPrefix } from '../store/key.ts';
import type { ListedEntry, SavedEntry } from '../store/superseded.ts';
import { modulesEntry } from './saved.ts';

/** What `max-size` allows on this ref, and what is there. */
export interface Budget {
  readonly limit: number;
  readonly supersede: boolean;
  readonly listed: readonly ListedEntry[];
  /** Why the entries that are there are not counted; null where they are. */
  readonly uncounted: string | null;
}

/** What is left of it for one entry. */
export interface Room {
  readonly limitBytes: number;
  /** What others take; null where they could not be counted. */
  readonly takenBytes: number | null;
  /** What the entry may take: negative where the others alone are too much. */
  readonly bytes: number;
}

/**
 * Asks for the entries that are there, and deletes those that should be gone: where that is not possible, no save will
 * delete any, and all count. Undefined where there is no limit. It never rejects.
 */
export async function readBudget(
  state: SetState,
  { list, console }: { readonly list: EntryList | undefined; readonly console: Console },
): Promise<Budget | undefined> {
  const { maxSize: limit, supersede } = state;
  if (limit === null) return undefined;
  try {
    if (list === undefined) throw new Error(noToken);
    // Of all refs: another one may lie on a base of this.
    const listed = await list.list({ prefix: ownPrefix });
    const left = supersede ? await deleteOverdue(listed, state, list) : listed;
    return { limit, supersede: supersede && left !== undefined, listed: left ?? listed, uncounted: null };
  } catch (error) {
    console.info(uncountedLine(messageOf(error)));
    return { limit, supersede, listed: [], uncounted: messageOf(error) };
  }
}

/** The runner gives a post step within nested composite actions none of its inputs. */
export const noToken = 'the post step was given no token';

/** What is left then; undefined where an entry could not be deleted. */
async function deleteOverdue(
  listed: readonly ListedEntry[],
  { keys, helpers, modules, ref }: SetState,
  list: EntryList,
): Promise<readonly ListedEntry[] | undefined> {
  const prefixes = [
    keys.prefix,
    ...(helpers === null ? [] : [helpers.prefix]),
    ...(modules === null ? [] : [modulesEntry(modules, ref).prefix]),
  ];
  const gone = new Set(prefixes.flatMap((prefix) => overdue(listed, { prefix, ref })));
  try {
    for (const entry of gone) if (!(await list.remove(entry))) return undefined;
    return listed.filter((entry) => !gone.has(entry));
  } catch (error) {
    if (error instanceof ListError) return undefined;
    throw error;
  }
}

/** The base of a set is part of it. */
export function roomFor({ limit, supersede, listed, uncounted }: Budget, saved: SavedEntry): Room {
  const others = staying(listed, saved, supersede).filter(({ key }) => key !== baseKeyOf(saved.key));
  const taken = others.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    limitBytes: limit,
    takenBytes: uncounted === null ? taken : null,
    bytes: limit - taken,
  };
}

/** What is there when an entry has been saved. */
export function afterSave(budget: Budget, saved: SavedEntry, bytes: number): Budget {
  const { listed, supersede } = budget;
  return { ...budget, listed: [...staying(listed, saved, supersede), entryOf(saved, bytes)] };
}
