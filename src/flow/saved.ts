import type { HelpersState, ModulesState, SetState } from '../config/state.ts';
import type { SaveReport } from '../report/report.ts';
import type { SavedEntry } from '../store/superseded.ts';

/** What became of each entry; null where none was to be saved. */
export interface Saves {
  readonly set: SaveReport;
  readonly helpers: SaveReport | null;
  readonly modules: SaveReport | null;
}

/** What was saved, with what it replaces. */
export function savedEntries(state: SetState, { set, helpers, modules }: Saves): SavedEntry[] {
  const entries: SavedEntry[] = [];
  if (set.outcome === 'saved' && set.key !== null)
    entries.push({ ...setEntry(state, set.key), withBase: set.base !== null });
  if (helpers?.outcome === 'saved' && state.helpers !== null)
    entries.push(helpersEntry(state.helpers, state.ref));
  if (modules?.outcome === 'saved' && state.modules !== null)
    entries.push(modulesEntry(state.modules, state.ref));
  return entries;
}

/** A set under this key, which replaces all of its shape and name. */
export function setEntry({ keys, ref }: SetState, key: string): SavedEntry {
  return { key, prefix: keys.prefix, ref };
}

/** Those of the same shape: the same lines, for the same machine. */
export function helpersEntry({ key, prefix }: HelpersState, ref: string): SavedEntry {
  return { key, prefix, ref };
}

/** Of the same go.sum alone: jobs of other modules share what comes before it in the key. */
export function modulesEntry({ key, primary }: ModulesState, ref: string): SavedEntry {
  return { key, prefix: `${primary}-`, ref };
}
