import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import { objectRules } from '../gocache/layout.ts';
import { type Read, readPack } from '../pack/read.ts';
import { readLayers } from '../pack/read-layers.ts';
import { identityOf, type Listed, type PackFile } from '../pack/write.ts';
import type { Console } from '../report/console.ts';
import type { DownloadedSet } from './download.ts';
import { unpacking } from './phases.ts';

/** The base that a set was restored from: what the next top of the same job may be written on. */
export interface RestoredBase {
  readonly key: string;
  /** What it takes in the cache. */
  readonly storedBytes: number;
  /** All, in their order. */
  readonly files: readonly Listed[];
  /** Those which the set no longer has, and which a top may refer to. */
  readonly aside: readonly PackFile[];
}

export interface Unpacked {
  /** Names as they are in a pack. */
  readonly written: readonly string[];
  readonly objects: number;
  readonly bytes: number;
  readonly note: unknown;
  /** Null where none was needed, or it is lost. */
  readonly base: RestoredBase | null;
  /** Why the objects of the base are not among those that were written; null where they are. */
  readonly baseLost: string | null;
}

export interface UnpackOptions {
  readonly gocache: string;
  /** The use's own directory. */
  readonly work: string;
  /** Whether the job may save: then what a next top may refer to is kept. */
  readonly maySave: boolean;
  readonly console: Console;
}

/** A set whose base is no longer in the cache, as any entry may be evicted, and which is nothing without it. */
export class BaseGone extends Error {}

/** A set whose base could not be downloaded, and which is nothing without it: that says nothing of either entry. */
export class BaseNotDownloaded extends Error {}

/**
 * Unpacks both layers of a set into GOCACHE, or the top alone, where its base is gone or broken and it holds objects, of
 * which none needs the base to be rebuilt.
 *
 * @throws BaseGone, BaseNotDownloaded
 * @throws Error where nothing of it can be used otherwise; then nothing was written
 */
export async function unpackSet(
  { directory, base }: DownloadedSet,
  { gocache, work, maySave, console }: UnpackOptions,
): Promise<Unpacked> {
  const target = { target: gocache, rules: objectRules };
  const alone = async (baseLost: string | null): Promise<Unpacked> => {
    const read = await console.progress(unpacking('the set'), (watch) =>
      readPack({ directory: directory.pack, ...target, watch }),
    );
    return { ...told(read), base: null, baseLost };
  };
  if (base === null) return await alone(null);
  const { key, outcome } = base;
  if (outcome.kind === 'miss') return await withoutBase(new BaseGone(`its base ${key} is gone`), alone);
  if (outcome.kind !== 'hit')
    return await withoutBase(new BaseNotDownloaded(`its base ${key}: ${outcome.reason}`), alone);
  try {
    const aside = { directory: asideOf(work), keep: maySave ? 'all' : 'needed' } as const;
    const layers = { top: directory.pack, base: { directory: outcome.directory.pack, key }, aside };
    const read = await console.progress(unpacking('the set'), (watch) =>
      readLayers({ ...layers, ...target, watch }),
    );
    const storedBytes = outcome.bytes ?? 0;
    return { ...told(read), base: { key, storedBytes, files: read.base, aside: read.kept }, baseLost: null };
  } catch (error) {
    if (isOfMachine(messageOf(error))) throw error;
    return await withoutBase(error, alone);
  }
}

/** Whether this is what the system refused, as Node words it, a full disk among it: that says nothing of an entry. */
export function isOfMachine(why: string): boolean {
  return /\bE[A-Z]{3,}: /.test(why);
}

/** The top alone; where that is not possible either, or it holds nothing, why the base could not be used says more. */
async function withoutBase(lost: unknown, alone: (lost: string) => Promise<Unpacked>): Promise<Unpacked> {
  try {
    const read = await alone(messageOf(lost));
    if (read.objects > 0) return read;
  } catch (error) {
    if (isOfMachine(messageOf(error))) throw error;
  }
  throw lost;
}

function told({ written, files: objects, bytes, note }: Read): Omit<Unpacked, 'base' | 'baseLost'> {
  return { written, objects, bytes, note };
}

const file = (work: string): string => join(work, 'base.json');
const asideOf = (work: string): string => join(work, 'aside');

/** Main's word to post. */
export function writeBase(work: string, base: RestoredBase | null): void {
  const identity = base && identityOf(base.files);
  writeFileSync(file(work), JSON.stringify({ identity, base }));
}

/**
 * What main wrote; null where it had no base, and where the job has removed or changed the file: a top would say something
 * else of its base than is true, and could not be restored.
 */
export function readBase(work: string): RestoredBase | null {
  try {
    const { identity, base } = JSON.parse(readFileSync(file(work), 'utf8'));
    return identityOf(base.files) === identity ? base : null;
  } catch {
    return null; // No file, or not what main wrote.
  }
}

/** Removes what only the next save needs: of a large set much is put aside. */
export function discardAside(work: string): void {
  rmSync(asideOf(work), { recursive: true, force: true });
  rmSync(file(work), { force: true });
}
