import type { SetState } from '../config/state.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { PackFile } from '../pack/pack-file.ts';
import type { SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import { uploadUnlessStored } from './upload.ts';

/** Saves objects as one set, unless another job has just stored the same content. */
export async function saveSet(
  objects: readonly GocacheObject[],
  content: 'whole' | 'unwarmed',
  state: SetState,
  store: CacheStore,
): Promise<SaveReport> {
  const started = performance.now();
  const key = content === 'whole' ? state.keys.save : state.keys.unwarmed;
  const prefix = content === 'whole' ? `${state.keys.primary}-` : key;
  const { seenKey, gocache } = state;
  const uploaded = await uploadUnlessStored(store, toFiles(objects, gocache), { key, prefix, seenKey });
  return {
    ...uploaded,
    key: uploaded.outcome === 'saved' ? key : null,
    seconds: (performance.now() - started) / 1000,
  };
}

/** Objects as a pack names them: an executable by its file. */
export function toFiles(objects: readonly GocacheObject[], gocache: string): PackFile[] {
  return objects.map(({ name, file, bytes }) => {
    const inPack = file === undefined ? name : `${name}/${file}`;
    return { name: inPack, path: `${gocache}/${inPack}`, bytes };
  });
}
