import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunContext } from '../config/context.ts';
import type { ModulesState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import { hashFiles } from '../go/content.ts';
import { downloadFileName, isVendored } from '../go/modules.ts';
import type { GoPackage } from '../go/packages.ts';
import type { PackFile } from '../pack/pack-file.ts';
import { readPack } from '../pack/read.ts';
import { writePack } from '../pack/write.ts';
import type { Console } from '../report/console.ts';
import { overLine, size } from '../report/lines.ts';
import type { SaveReport } from '../report/report.ts';
import { entryBytes } from '../store/budget.ts';
import type { CacheStore } from '../store/cache.ts';
import { moduleKeys } from '../store/key.ts';
import type { Room } from './budget.ts';
import { type ModuleDirectory, moduleFiles, sumFiles } from './directory.ts';
import { packFitting } from './fit.ts';
import type { Opened } from './open.ts';
import { downloading, packing, unpacking } from './phases.ts';
import type { Unit } from './units.ts';
import { notUploaded, type Uploaded, uploadUnlessStored } from './upload.ts';

/**
 * The module cache, an entry of its own: of the files that go.sum names, those that the listed packages need, from
 * GOMODCACHE's download cache. Go unpacks a zip when it needs it, after it has compared its hash with go.sum.
 */

/** Files by their names in GOMODCACHE. */
interface ModuleFiles {
  /** Those that the listed packages need. */
  readonly used: readonly string[];
  /** Those that the restored entry holds: of the same go.sum, so a job with other packages needed them. */
  readonly stored: readonly string[];
}

const what = 'the module cache';

const listFile = (work: string): string => join(work, 'modules.json');

/** Restores it. Returns what post needs to save it; null where the project needs no modules. */
export async function restoreModules(
  {
    directories,
    use: { work },
    goVersion,
  }: Pick<Opened, 'use' | 'goVersion'> & { readonly directories: readonly Unit[] },
  context: RunContext,
  { store, console }: { store: CacheStore; console: Console },
): Promise<ModulesState | null> {
  const goModCache = directories[0]?.goEnv['GOMODCACHE'] ?? '';
  const sums = sumsOf(directories);
  const names = moduleFiles(sums.map((file) => readFileSync(file, 'utf8')));
  if (names.length === 0 || goModCache === '') return null;

  const keys = moduleKeys({ ...context, goVersion, sums: hashFiles(sums, context.workspace) });
  const restored = await unpackModules({ store, console }, keys.restore, { names, goModCache });
  console.info(restored.line);
  const seenKey = restored.key?.startsWith(`${keys.primary}-`) === true ? restored.key : null;
  const stored = seenKey === null ? [] : restored.names;
  writeFileSync(listFile(work), JSON.stringify({ used: [], stored } satisfies ModuleFiles));
  return { key: keys.save, primary: keys.primary, seenKey, goModCache };
}

/** When the packages are listed: what they need is what is worth keeping. */
export function noteUsed(
  work: string,
  directories: readonly (ModuleDirectory & Pick<Unit, 'flags'>)[],
  packages: readonly GoPackage[],
): void {
  const { stored }: ModuleFiles = JSON.parse(readFileSync(listFile(work), 'utf8'));
  const sums = sumsOf(directories).map((file) => readFileSync(file, 'utf8'));
  const used = moduleFiles(sums, packages);
  writeFileSync(listFile(work), JSON.stringify({ used, stored } satisfies ModuleFiles));
}

/** Of directories that use GOMODCACHE. */
function sumsOf(directories: readonly (ModuleDirectory & Partial<Pick<Unit, 'flags'>>)[]): string[] {
  const unvendored = directories.filter(({ goEnv, flags = [] }) => !isVendored(goEnv, flags));
  return sumFiles(unvendored).filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}

/**
 * Restores the first entry that the keys name; `key` is that of one that was unpacked whole.
 *
 * @param names what go.sum names: all else is removed again, since no go.sum would prove it. Go believes a zip that is
 *   there where it asks no checksum database either, as for GOPRIVATE.
 */
async function unpackModules(
  { store, console }: { readonly store: CacheStore; readonly console: Console },
  keys: readonly [string, string],
  { names, goModCache }: Pick<ModulesState, 'goModCache'> & { readonly names: readonly string[] },
): Promise<{ readonly key: string | null; readonly names: readonly string[]; readonly line: string }> {
  const started = performance.now();
  const outcome = await console.progress(downloading(what), (watch) => store.restore(keys, { watch }));
  const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const without = (reason: string, key: string | null = null) => ({
    ...{ key, names: [] },
    line: `The module cache was not restored, Go downloads what is missing: ${reason}`,
  });
  if (outcome.kind === 'miss') {
    const line = `No module cache to restore for ${keys[0].replace(/-$/, '')} (${took()})`;
    return { key: null, names: [], line };
  }
  if (outcome.kind !== 'hit') return without(outcome.reason, 'key' in outcome ? outcome.key : null);
  try {
    const rules = [{ name: downloadFileName, executable: false }];
    const pack = { directory: outcome.directory.pack, target: goModCache, rules };
    const read = await console.progress(unpacking(what), (watch) => readPack({ ...pack, watch }));
    const { written, files, bytes } = read;
    const named = new Set(names);
    for (const name of written) if (!named.has(name)) rmSync(join(goModCache, name), { force: true });
    const line = `Restored the module cache, ${files} files (${size(bytes)}) in ${took()}: ${outcome.key}`;
    // What was there before is not among those that were written: the entry itself tells.
    const held = namesIn(read.note) ?? written;
    return { key: outcome.key, names: held.filter((name) => named.has(name)), line };
  } catch (error) {
    return without(messageOf(error), outcome.key);
  } finally {
    store.discard(outcome.directory);
  }
}

/** The files of an entry, by its note; undefined where that has not the form of one. */
function namesIn(note: unknown): string[] | undefined {
  const files: unknown = typeof note === 'object' && note !== null ? Reflect.get(note, 'files') : undefined;
  if (!Array.isArray(files)) return undefined;
  return files.filter((name) => typeof name === 'string');
}

interface SaveModules {
  readonly work: string;
  readonly store: CacheStore;
  readonly console: Console;
  readonly room: () => Promise<Room | undefined>;
}

/**
 * Saves what the listed packages need and GOMODCACHE holds by now, together with what the restored entry held, where
 * that is more than the entry and no other job has just stored it.
 */
export async function saveModules(
  modules: ModulesState,
  { work, store, console, room }: SaveModules,
): Promise<SaveReport> {
  const started = performance.now();
  // The job may have removed the list of names: that costs the module cache, not the set.
  const uploaded = await uploadModules(modules, { work, store, console, room }).catch((error: unknown) =>
    notUploaded('failed', messageOf(error)),
  );
  return { ...uploaded, base: null, key: modules.key, seconds: (performance.now() - started) / 1000 };
}

async function uploadModules(
  { key, primary, seenKey, goModCache }: ModulesState,
  { work, store, console, room }: SaveModules,
): Promise<Uploaded> {
  const { used, stored }: ModuleFiles = JSON.parse(readFileSync(listFile(work), 'utf8'));
  const files = filesOf([...new Set([...used, ...stored])].sort(), goModCache);
  if (files.length === 0) return notUploaded('skipped', 'the job needed no module from GOMODCACHE');
  const known = new Set(stored);
  if (seenKey !== null && files.every((file) => known.has(file.name))) {
    return notUploaded('skipped', 'the job needed no more than what was restored');
  }
  const rawBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const pack = async (directory: string) => {
    const left = await room();
    // Zip files pack to what they are.
    const fit = await packFitting(
      [{ rawBytes }],
      { room: () => left?.bytes ?? Infinity, ratio: () => 1 },
      async () =>
        console.progress(packing(what), async (watch) => {
          const note = () => ({ files: files.map(({ name }) => name) });
          const { packedBytes } = await writePack({ directory, files, note, watch });
          return entryBytes(packedBytes);
        }),
    );
    return fit.fits || left === undefined ? { bytes: fit.bytes } : { refused: overLine(fit, left, 'it') };
  };
  return uploadUnlessStored({ store, console, what }, pack, { key, prefix: `${primary}-`, seenKey });
}

function filesOf(names: readonly string[], goModCache: string): PackFile[] {
  return names.flatMap((name) => {
    const path = join(goModCache, name);
    const file = statSync(path, { throwIfNoEntry: false });
    return file?.isFile() ? [{ name, path, bytes: file.size }] : [];
  });
}
