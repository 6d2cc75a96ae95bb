import type { SetState } from '../config/state.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { PackFile } from '../pack/pack-file.ts';
import type { SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import { notUploaded, type Uploaded, upload } from './upload.ts';

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
  const uploaded = await uploadSet(objects, { key, prefix }, state, store);
  return {
    ...uploaded,
    key: uploaded.outcome === 'saved' ? key : null,
    seconds: (performance.now() - started) / 1000,
  };
}

async function uploadSet(
  objects: readonly GocacheObject[],
  { key, prefix }: { readonly key: string; readonly prefix: string },
  { seenKey, gocache }: SetState,
  store: CacheStore,
): Promise<Uploaded> {
  if (key === seenKey) return notUploaded('skipped', 'an earlier job of this run has stored this content');
  if (await storedByAnother(store, prefix, seenKey)) {
    return notUploaded('skipped', 'another job has just stored the same content');
  }
  return upload(store, toFiles(objects, gocache), key);
}

/** The entry that our own restore came upon does not count: it is incomplete, or broken. */
async function storedByAnother(store: CacheStore, prefix: string, seenKey: string | null): Promise<boolean> {
  const found = await store.lookup([prefix]);
  return found?.startsWith(prefix) === true && found !== seenKey;
}

function toFiles(objects: readonly GocacheObject[], gocache: string): PackFile[] {
  return objects.map(({ name, file, bytes }) => {
    const inPack = file === undefined ? name : `${name}/${file}`;
    return { name: inPack, path: `${gocache}/${inPack}`, bytes };
  });
}
