import type { ModulesState, SetState } from '../config/state.ts';
import type { SaveReport } from '../report/report.ts';
import type { SavedEntry } from '../store/superseded.ts';

/** What was saved of the set and of the module cache, with what it replaces. */
export function savedEntries(
  state: SetState,
  saves: { readonly set: SaveReport; readonly modules: SaveReport | null },
): SavedEntry[] {
  const { set, modules } = saves;
  const entries: SavedEntry[] = [];
  if (set.outcome === 'saved' && set.key !== null)
    entries.push({ ...setEntry(state, 'whole'), key: set.key });
  if (modules?.outcome === 'saved' && state.modules !== null)
    entries.push(modulesEntry(state.modules, state.ref));
  return entries;
}

/** The set, which replaces all of its shape and name. */
export function setEntry({ keys, ref }: SetState, content: 'whole' | 'unwarmed'): SavedEntry {
  return { key: content === 'whole' ? keys.save : keys.unwarmed, prefix: keys.prefix, ref };
}

/** Of the same go.sum alone: jobs of other modules share what comes before it in the key. */
export function modulesEntry({ key, primary }: ModulesState, ref: string): SavedEntry {
  return { key, prefix: `${primary}-`, ref };
}
