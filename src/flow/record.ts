import type { Report } from '../report/report.ts';
import type { SaveRecord } from '../store/history.ts';
import type { Look } from './look.ts';

/** This run as the history has it, but for what the save itself finds out. */
export function recordOf(
  { restore, warm, helpers }: Report,
  { snapshot, own, classes }: Look,
  { history, commit }: { readonly history: readonly SaveRecord[]; readonly commit: string },
): Omit<SaveRecord, 'time' | 'rawBytes' | 'storedBytes' | 'saveSeconds'> {
  const isArchive = (name: string) => classes.get(name) === 'archive';
  const compiled = own.filter(
    ({ name, kind }) => kind === 'record' && isArchive(name) && !snapshot.known.has(name),
  );
  // A directory of the user's may have held packages although nothing was restored.
  const empty = snapshot.others.size === 0 && ![...snapshot.known].some(isArchive);
  const cold = warm.outcome === 'warmed' && empty;
  // Helpers come first, and compile what the passes need as well.
  const warmSeconds = warm.seconds + (helpers?.buildSeconds ?? 0);
  return {
    commit,
    compiledPackages: compiled.length,
    restoreSeconds: restore.seconds,
    warmSeconds,
    coldWarmSeconds: cold ? warmSeconds : (history[0]?.coldWarmSeconds ?? null),
  };
}
