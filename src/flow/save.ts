import type { SetState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { PackFile } from '../pack/pack-file.ts';
import { writePack } from '../pack/write.ts';
import type { SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';

/**
 * Packs objects and saves them as one set, unless another job has just stored the same content. A fault of the
 * service, or an object that vanishes under way, is told as `failed`; it never rejects.
 */
export async function saveSet(
  objects: readonly GocacheObject[],
  content: 'whole' | 'unwarmed',
  { keys, seenKey, gocache }: SetState,
  store: CacheStore,
): Promise<SaveReport> {
  const started = performance.now();
  const key = content === 'whole' ? keys.save : keys.unwarmed;
  const done = (outcome: SaveReport['outcome'], reason: string | null, bytes: number | null): SaveReport => ({
    ...{ outcome, reason, key: outcome === 'saved' ? key : null, bytes },
    seconds: (performance.now() - started) / 1000,
  });
  if (key === seenKey) return done('skipped', 'an earlier job of this run has stored this content', null);
  if (await storedByAnother(store, content === 'whole' ? `${keys.primary}-` : key, seenKey)) {
    return done('skipped', 'another job has just stored the same content', null);
  }
  const directory = store.prepare();
  try {
    const packed = await writePack({ directory: directory.pack, files: toFiles(objects, gocache) });
    const saved = await store.save(directory, key);
    return saved.kind === 'saved'
      ? done('saved', null, saved.bytes ?? packed.packedBytes)
      : done(saved.kind, saved.reason, null);
  } catch (error) {
    return done('failed', messageOf(error), null);
  } finally {
    store.discard(directory);
  }
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
