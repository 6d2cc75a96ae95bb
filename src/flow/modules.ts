import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunContext } from '../config/context.ts';
import type { ModulesState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import { hashFiles } from '../go/content.ts';
import { downloadFileName } from '../go/modules.ts';
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
import { moduleFiles, sumFiles } from './directory.ts';
import { packFitting } from './fit.ts';
import type { Opened } from './open.ts';
import { notUploaded, type Uploaded, uploadUnlessStored } from './upload.ts';

/**
 * The module cache, an entry of its own: the zip and go.mod files that go.sum names, from GOMODCACHE's download
 * cache. Go unpacks a zip when it needs it, after it has compared its hash with go.sum.
 */

/** The files that go.sum names, and which of them were there when main had restored. */
interface ModuleFiles {
  readonly names: readonly string[];
  readonly present: readonly string[];
}

const listFile = (work: string): string => join(work, 'modules.json');

/** Restores it. Returns what post needs to save it; null where the project needs no modules. */
export async function restoreModules(
  { directories, use: { work }, goVersion }: Opened,
  context: RunContext,
  { store, console }: { store: CacheStore; console: Console },
): Promise<ModulesState | null> {
  const goModCache = directories[0]?.goEnv['GOMODCACHE'] ?? '';
  const sums = sumFiles(directories).filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  const names = moduleFiles(sums.map((file) => readFileSync(file, 'utf8')));
  if (names.length === 0 || goModCache === '') return null;

  const keys = moduleKeys({ ...context, goVersion, sums: hashFiles(sums, context.workspace) });
  const restored = await unpackModules(store, keys.restore, { names, goModCache });
  console.info(restored.line);
  const present = filesOf(names, goModCache).map((file) => file.name);
  writeFileSync(listFile(work), JSON.stringify({ names, present } satisfies ModuleFiles));
  const seenKey = restored.key?.startsWith(`${keys.primary}-`) === true ? restored.key : null;
  return { key: keys.save, primary: keys.primary, seenKey, goModCache };
}

/**
 * Restores the first entry that the keys name; `key` is that of one that was unpacked whole.
 *
 * @param names what go.sum names: all else is removed again, since no go.sum would prove it. Go believes a zip that is
 *   there where it asks no checksum database either, as for GOPRIVATE.
 */
async function unpackModules(
  store: CacheStore,
  keys: readonly [string, string],
  { names, goModCache }: Pick<ModuleFiles, 'names'> & Pick<ModulesState, 'goModCache'>,
): Promise<{ readonly key: string | null; readonly line: string }> {
  const started = performance.now();
  const outcome = await store.restore(keys);
  const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const without = (reason: string) => ({
    key: null,
    line: `The module cache was not restored, Go downloads what is missing: ${reason}`,
  });
  if (outcome.kind === 'miss') {
    return { key: null, line: `No module cache to restore for ${keys[0].replace(/-$/, '')} (${took()})` };
  }
  if (outcome.kind !== 'hit') return without(outcome.reason);
  try {
    const rules = [{ name: downloadFileName, executable: false }];
    const read = await readPack({ directory: outcome.directory.pack, target: goModCache, rules });
    const { written, files, bytes } = read;
    const named = new Set(names);
    for (const name of written) if (!named.has(name)) rmSync(join(goModCache, name), { force: true });
    const line = `Restored the module cache, ${files} files (${size(bytes)}) in ${took()}: ${outcome.key}`;
    return { key: outcome.key, line };
  } catch (error) {
    return without(messageOf(error));
  } finally {
    store.discard(outcome.directory);
  }
}

/**
 * Saves what go.sum names and GOMODCACHE holds by now, where that is more than what was restored and no other job has
 * just stored it.
 */
export async function saveModules(
  modules: ModulesState,
  {
    work,
    store,
    room,
  }: { readonly work: string; readonly store: CacheStore; readonly room: () => Promise<Room | undefined> },
): Promise<SaveReport> {
  const started = performance.now();
  // The job may have removed the list of names: that costs the module cache, not the set.
  const uploaded = await uploadModules(modules, { work, store, room }).catch((error: unknown) =>
    notUploaded('failed', messageOf(error)),
  );
  return { ...uploaded, key: modules.key, seconds: (performance.now() - started) / 1000 };
}

async function uploadModules(
  { key, primary, seenKey, goModCache }: ModulesState,
  {
    work,
    store,
    room,
  }: { readonly work: string; readonly store: CacheStore; readonly room: () => Promise<Room | undefined> },
): Promise<Uploaded> {
  const { names, present }: ModuleFiles = JSON.parse(readFileSync(listFile(work), 'utf8'));
  const files = filesOf(names, goModCache);
  if (files.length === 0) return notUploaded('skipped', 'the job needed no module from GOMODCACHE');
  const known = new Set(present);
  if (seenKey !== null && files.every((file) => known.has(file.name))) {
    return notUploaded('skipped', 'the job needed no more than what was restored');
  }
  const rawBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const pack = async (directory: string) => {
    const left = await room();
    // Zip files pack to what they are.
    const fit = await packFitting([{ rawBytes }], { room: left?.bytes ?? Infinity, ratio: 1 }, async () =>
      entryBytes((await writePack({ directory, files })).packedBytes),
    );
    return fit.fits || left === undefined ? fit.bytes : { refused: overLine(fit, left, 'it') };
  };
  return uploadUnlessStored(store, pack, { key, prefix: `${primary}-`, seenKey });
}

function filesOf(names: readonly string[], goModCache: string): PackFile[] {
  return names.flatMap((name) => {
    const path = join(goModCache, name);
    const file = statSync(path, { throwIfNoEntry: false });
    return file?.isFile() ? [{ name, path, bytes: file.size }] : [];
  });
}
