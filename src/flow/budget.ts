import type { SetState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import { entryOf, staying } from '../store/budget.ts';
import { EntryList } from '../store/entry-list.ts';
import type { ListedEntry, SavedEntry } from '../store/superseded.ts';

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

/** Asks for the entries that are there; undefined where there is no limit. It never rejects. */
export async function readBudget(
  { maxSize, supersede, ref }: SetState,
  { token, env }: { readonly token: string; readonly env: NodeJS.ProcessEnv },
): Promise<Budget | undefined> {
  if (maxSize === null) return undefined;
  const uncounted = (reason: string): Budget => ({
    ...{ limit: maxSize, supersede, listed: [], uncounted: reason },
  });
  if (token === '') return uncounted('the post step was given no token');
  try {
    const listed = await new EntryList(env, token).list({ ref });
    return { limit: maxSize, supersede, listed, uncounted: null };
  } catch (error) {
    return uncounted(messageOf(error));
  }
}

export function roomFor({ limit, supersede, listed, uncounted }: Budget, saved: SavedEntry): Room {
  const taken = staying(listed, saved, supersede).reduce((sum, { bytes }) => sum + bytes, 0);
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
