import { messageOf } from '../errors.ts';
import type { Console } from '../report/console.ts';
import type { SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import type { TransferDirectory } from '../store/transfer-directory.ts';
import { uploading } from './phases.ts';

export type Uploaded = Pick<SaveReport, 'outcome' | 'reason' | 'bytes'>;

/** What is in the directory, ready to be uploaded. */
export interface Packed {
  readonly bytes: number;
  /** Where it is another than was thought. */
  readonly key?: string;
  /** An entry that has to be there before. */
  readonly base?: { readonly key: string; readonly directory: TransferDirectory } | null;
}

/** Under which key an entry is saved, and which others would do as well. */
export interface UploadKeys {
  readonly key: string;
  /** An entry whose key continues this holds the same. */
  readonly prefix: string;
  /** The entry that our own restore came upon: it does not count, since it is incomplete or broken. */
  readonly seenKey: string | null;
}

/** Where an entry goes, and where it is told how far it has come. */
export interface UploadTo {
  readonly store: CacheStore;
  readonly console: Console;
  /** What the entry is, as in `the set`. */
  readonly what: string;
}

/** Writes a pack into an empty directory, or says why it is not to be saved. */
export type Pack = (directory: string) => Promise<Packed | { readonly refused: string }>;

/**
 * Packs and saves one entry, unless another job has just stored the same. It never rejects: a fault of the service, or a
 * file that vanishes under way, is told as `failed`.
 */
export async function uploadUnlessStored(
  to: UploadTo,
  pack: Pack,
  { key, prefix, seenKey }: UploadKeys,
): Promise<Uploaded> {
  if (key === seenKey) return notUploaded('skipped', 'an earlier job of this run has stored this content');
  try {
    const found = await to.store.lookup([prefix]);
    if (found?.startsWith(prefix) === true && found !== seenKey) {
      return notUploaded('skipped', 'another job has just stored the same content');
    }
    return await upload(to, pack, key);
  } catch (error) {
    return notUploaded('failed', messageOf(error));
  }
}

async function upload({ store, console, what }: UploadTo, pack: Pack, key: string): Promise<Uploaded> {
  const directory = store.prepare();
  try {
    const packed = await pack(directory.pack);
    if ('refused' in packed) return notUploaded('skipped', packed.refused);
    const below = packed.base ? await uploadBase({ store, console, what }, packed.base) : 0;
    if (typeof below !== 'number') return below;
    const name = packed.key ?? key;
    const saved = await console.progress(uploading(what), (watch) => store.save(directory, name, watch));
    return saved.kind === 'saved'
      ? { outcome: 'saved', reason: null, bytes: below + (saved.bytes ?? packed.bytes) }
      : notUploaded(saved.kind, saved.reason);
  } finally {
    store.discard(directory);
  }
}

/** The bytes that it takes, 0 where it is there already; or what is told of the whole. */
async function uploadBase(
  { store, console, what }: UploadTo,
  { key, directory }: NonNullable<Packed['base']>,
): Promise<number | Uploaded> {
  const saved = await console.progress(uploading(`the base of ${what}`), (watch) =>
    store.save(directory, key, watch),
  );
  if (saved.kind === 'saved') return saved.bytes ?? 0;
  // Another job has saved the same: the key says what it holds.
  if (saved.kind === 'skipped' && (await store.lookup([key])) === key) return 0;
  return notUploaded(saved.kind, saved.reason);
}

export function notUploaded(outcome: 'skipped' | 'failed', reason: string): Uploaded {
  return { outcome, reason, bytes: null };
}
