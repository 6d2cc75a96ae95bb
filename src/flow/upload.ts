import { messageOf } from '../errors.ts';
import type { PackFile } from '../pack/pack-file.ts';
import { writePack } from '../pack/write.ts';
import type { SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';

export type Uploaded = Pick<SaveReport, 'outcome' | 'reason' | 'bytes'>;

/**
 * Packs files and saves them as one entry. It never rejects: a fault of the service, or a file that vanishes under
 * way, is told as `failed`.
 */
export async function upload(store: CacheStore, files: readonly PackFile[], key: string): Promise<Uploaded> {
  try {
    const directory = store.prepare();
    try {
      const packed = await writePack({ directory: directory.pack, files });
      const saved = await store.save(directory, key);
      return saved.kind === 'saved'
        ? { outcome: 'saved', reason: null, bytes: saved.bytes ?? packed.packedBytes }
        : notUploaded(saved.kind, saved.reason);
    } finally {
      store.discard(directory);
    }
  } catch (error) {
    return notUploaded('failed', messageOf(error));
  }
}

export function notUploaded(outcome: 'skipped' | 'failed', reason: string): Uploaded {
  return { outcome, reason, bytes: null };
}
