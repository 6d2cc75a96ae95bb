import type { SetState } from '../config/state.ts';
import type { Console } from '../report/console.ts';
import { saveLine } from '../report/lines.ts';
import type { SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import type { SavedEntry } from '../store/superseded.ts';
import { afterSave, type Budget, type Room, roomFor } from './budget.ts';
import { saveHelpers } from './helper-files.ts';
import { saveModules } from './modules.ts';
import { helpersEntry, modulesEntry, type Saves, savedEntries } from './saved.ts';

/** The entries beside the set: they come after it, which is worth more where `max-size` has not room for all. */

export interface Saving {
  readonly store: CacheStore;
  /** What `max-size` allows, asked once, when something is to be packed; undefined where there is no limit. */
  readonly budget: () => Promise<Budget | undefined>;
  readonly console: Console;
}

/** What became of them; null for one that was not to be saved. */
export type SavesBeside = Omit<Saves, 'set'>;

export const noneBeside: SavesBeside = { helpers: null, modules: null };

/** Saves the helpers, then the module cache. It never rejects. */
export async function saveBeside(
  state: SetState,
  set: SaveReport,
  { store, budget, console }: Saving,
): Promise<SavesBeside> {
  if (!state.policy.allowed) return noneBeside;
  const { helpers, modules, work, ref } = state;
  const roomAfter = (before: Saves, entry: SavedEntry) => async () =>
    roomLeft(await budget(), state, before, entry);
  let saves: Saves = { set, ...noneBeside };
  if (helpers !== null) {
    const room = roomAfter(saves, helpersEntry(helpers, ref));
    const saved = await saveHelpers(helpers, { work, store, console, room });
    const line = saveLine(saved, 'The helpers');
    if (saved.outcome === 'failed') console.warning(line);
    else console.info(line);
    saves = { ...saves, helpers: saved };
  }
  if (modules !== null) {
    const room = roomAfter(saves, modulesEntry(modules, ref));
    const saved = await saveModules(modules, { work, store, console, room });
    console.info(saveLine(saved, 'The module cache'));
    saves = { ...saves, modules: saved };
  }
  return saves;
}

/** What an entry may take when those that were saved before it are counted. */
function roomLeft(
  allowed: Budget | undefined,
  state: SetState,
  before: Saves,
  entry: SavedEntry,
): Room | undefined {
  if (allowed === undefined) return undefined;
  // Where nothing else is counted, each entry counts alone.
  if (allowed.uncounted !== null) return roomFor(allowed, entry);
  const bytesOf = (key: string) => [before.set, before.helpers].find((save) => save?.key === key)?.bytes ?? 0;
  const left = savedEntries(state, before).reduce(
    (budget, saved) => afterSave(budget, saved, bytesOf(saved.key)),
    allowed,
  );
  return roomFor(left, entry);
}
