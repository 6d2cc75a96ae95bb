import { join } from 'node:path';
import type { BlobStore } from './blobs.ts';
import { type EntryRecord, type Index, readIndex, writeIndex } from './index-file.ts';

/** An entry that can be restored. `bytes` as stored; times in milliseconds since the epoch. */
export interface CacheEntry {
  readonly id: number;
  readonly key: string;
  readonly version: string;
  readonly scope: string;
  readonly bytes: number;
  readonly createdAt: number;
  readonly lastAccessedAt: number;
}

export interface EntryName {
  readonly key: string;
  readonly version: string;
  readonly scope: string;
}

/**
 * A reserved key that is never finalized stays taken for a day: the service's maintainers say so in
 * actions/cache issue 1541 (2025-03-14).
 */
export const reservationMs = 24 * 3600 * 1000;

/** The entries and who may have them: immutable, found by key or prefix, evicted by least recent use. */
export class EntryStore {
  private readonly file: string;
  private readonly index: Index;
  private readonly blobs: BlobStore;
  private readonly quotaBytes: number;
  private readonly now: () => number;

  /** @throws Error when the directory holds an index that cannot be read */
  constructor(options: {
    readonly directory: string;
    readonly blobs: BlobStore;
    readonly quotaBytes: number;
    readonly now: () => number;
  }) {
    this.file = join(options.directory, 'index.json');
    this.index = readIndex(this.file);
    this.blobs = options.blobs;
    this.quotaBytes = options.quotaBytes;
    this.now = options.now;
  }

  /** The entries that can be restored, oldest first. */
  list(): CacheEntry[] {
    return this.index.entries.flatMap(({ id, key, version, scope, bytes, createdAt, lastAccessedAt }) =>
      bytes === null ? [] : [{ id, key, version, scope, bytes, createdAt, lastAccessedAt }],
    );
  }

  /** Takes a name, and answers the id to upload to; undefined when an entry or a live reservation has it. */
  async reserve(name: EntryName): Promise<number | undefined> {
    const held = this.index.entries.find((entry) => sameName(entry, name));
    const time = this.now();
    if (held !== undefined && (held.bytes !== null || time - held.createdAt < reservationMs))
      return undefined;
    const id = this.index.nextId;
    this.index.nextId += 1;
    // No await before the name is taken, or two callers could both have it.
    this.index.entries = this.index.entries.filter((entry) => entry !== held);
    this.index.entries.push({ id, ...name, createdAt: time, lastAccessedAt: time, bytes: null });
    this.save();
    if (held !== undefined) await this.blobs.remove(held.id);
    return id;
  }

  /** The id of a name that is reserved and not finalized. */
  reserved(name: EntryName): number | undefined {
    return this.index.entries.find((entry) => entry.bytes === null && sameName(entry, name))?.id;
  }

  /** Whether the id takes uploads still. */
  isOpen(id: number): boolean {
    return this.index.entries.some((entry) => entry.id === id && entry.bytes === null);
  }

  /** Makes a reserved entry visible, then evicts least recently used ones until all fit the quota. */
  async finalize(id: number, bytes: number): Promise<void> {
    const entry = this.index.entries.find((candidate) => candidate.id === id);
    if (entry === undefined) throw new Error(`no entry ${id}`);
    entry.bytes = bytes;
    entry.lastAccessedAt = this.now();
    while (this.list().reduce((sum, item) => sum + item.bytes, 0) > this.quotaBytes) {
      const stored = this.index.entries.filter((item) => item.bytes !== null);
      // Ids grow with time, so they settle two uses in the same millisecond.
      const oldest = stored.sort((a, b) => a.lastAccessedAt - b.lastAccessedAt || a.id - b.id)[0];
      if (oldest === undefined) break;
      await this.remove(oldest);
    }
    this.save();
  }

  /**
   * The entry that a restore gets, marked as used now. Scope by scope in the given order: the primary key as it
   * is, then each key (the primary one, too) as a prefix, the newest entry first.
   */
  find(request: {
    readonly keys: readonly string[];
    readonly version: string;
    readonly scopes: readonly string[];
  }): { readonly id: number; readonly key: string } | undefined {
    for (const scope of request.scopes) {
      const visible = this.index.entries
        .filter((item) => item.bytes !== null && item.version === request.version && item.scope === scope)
        .sort((a, b) => b.createdAt - a.createdAt || b.id - a.id);
      const found =
        visible.find((item) => item.key === request.keys[0]) ??
        request.keys
          .map((prefix) => visible.find((item) => item.key.startsWith(prefix)))
          .find((item) => item !== undefined);
      if (found !== undefined) {
        found.lastAccessedAt = this.now();
        this.save();
        return { id: found.id, key: found.key };
      }
    }
    return undefined;
  }

  /** The ids of the stored entries of a key, in any scope and version. */
  idsOf(key: string): number[] {
    return this.index.entries
      .filter((item) => item.key === key && item.bytes !== null)
      .map((item) => item.id);
  }

  /** Deletes a stored entry; false where there is none of this id. */
  async delete(id: number): Promise<boolean> {
    const entry = this.index.entries.find((item) => item.id === id && item.bytes !== null);
    if (entry === undefined) return false;
    await this.remove(entry);
    this.save();
    return true;
  }

  /** Forgets every entry and reservation, and deletes their bytes. */
  async clear(): Promise<void> {
    for (const entry of [...this.index.entries]) await this.remove(entry);
    this.save();
  }

  private async remove(entry: EntryRecord): Promise<void> {
    this.index.entries = this.index.entries.filter((other) => other !== entry);
    await this.blobs.remove(entry.id);
  }

  private save(): void {
    writeIndex(this.file, this.index);
  }
}

function sameName(entry: EntryName, name: EntryName): boolean {
  return entry.key === name.key && entry.version === name.version && entry.scope === name.scope;
}
