import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunContext } from '../config/context.ts';
import type { SetState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import { hashFiles } from '../go/content.ts';
import { downloadFileName } from '../go/modules.ts';
import { readPack } from '../pack/read.ts';
import type { Console } from '../report/console.ts';
import { size } from '../report/lines.ts';
import type { SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import { moduleKeys } from '../store/key.ts';
import type { Opened } from './open.ts';
import { moduleFiles, sumFiles } from './survey.ts';
import { notUploaded, type Uploaded, upload } from './upload.ts';

/**
 * The module cache, an entry of its own: the zip and go.mod files that go.sum names, from GOMODCACHE's download
 * cache. Go unpacks a zip when it needs it, after it has compared its hash with go.sum.
 */

const namesFile = (work: string): string => join(work, 'modules.json');

/** Restores it. Returns what post needs to save it; null where there is nothing to save. */
export async function restoreModules(
  { directories, use: { work }, goVersion }: Opened,
  context: RunContext,
  { store, console }: { store: CacheStore; console: Console },
): Promise<SetState['modules']> {
  const goModCache = directories[0]?.goEnv['GOMODCACHE'] ?? '';
  const sums = sumFiles(directories).filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  const names = moduleFiles(sums.map((file) => readFileSync(file, 'utf8')));
  if (names.length === 0 || goModCache === '') return null;
  writeFileSync(namesFile(work), JSON.stringify(names));

  const keys = moduleKeys({ os: context.os, goVersion, sums: hashFiles(sums, context.workspace) });
  const started = performance.now();
  const outcome = await store.restore([keys.primary, ...keys.restore]);
  const took = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const modules = { key: keys.primary, goModCache };
  if (outcome.kind === 'miss') {
    console.info(`No module cache to restore for ${keys.primary} (${took()})`);
    return modules;
  }
  if (outcome.kind === 'disabled' || outcome.kind === 'failed') {
    console.info(`The module cache was not restored, Go downloads what is missing: ${outcome.reason}`);
    return modules;
  }
  try {
    const rules = [{ name: downloadFileName, executable: false }];
    const read = await readPack({ directory: outcome.directory.pack, target: goModCache, rules });
    console.info(
      `Restored the module cache, ${read.files} files (${size(read.bytes)}) in ${took()}: ${outcome.key}`,
    );
    return outcome.key === keys.primary ? null : modules;
  } catch (error) {
    console.info(`The module cache was not restored, Go downloads what is missing: ${messageOf(error)}`);
    return modules;
  } finally {
    store.discard(outcome.directory);
  }
}

/** Saves what go.sum names and GOMODCACHE holds by now, unless another job has stored the same. */
export async function saveModules(
  modules: { readonly key: string; readonly goModCache: string },
  work: string,
  store: CacheStore,
): Promise<SaveReport> {
  const started = performance.now();
  // The job may have removed the list of names: that costs the module cache, not the set.
  const uploaded = await uploadModules(modules, work, store).catch((error: unknown) =>
    notUploaded('failed', messageOf(error)),
  );
  return { ...uploaded, key: modules.key, seconds: (performance.now() - started) / 1000 };
}

async function uploadModules(
  { key, goModCache }: { readonly key: string; readonly goModCache: string },
  work: string,
  store: CacheStore,
): Promise<Uploaded> {
  const names: string[] = JSON.parse(readFileSync(namesFile(work), 'utf8'));
  const files = names.flatMap((name) => {
    const path = join(goModCache, name);
    const file = statSync(path, { throwIfNoEntry: false });
    return file?.isFile() ? [{ name, path, bytes: file.size }] : [];
  });
  if (files.length === 0) return notUploaded('skipped', 'the job needed no module from GOMODCACHE');
  if ((await store.lookup([key])) === key) {
    return notUploaded('skipped', 'another job has just stored the same modules');
  }
  return upload(store, files, key);
}
