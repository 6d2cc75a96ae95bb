import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunContext } from '../config/context.ts';
import type { SetState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import { hashFiles } from '../go/content.ts';
import { downloadFileName } from '../go/modules.ts';
import { readPack } from '../pack/read.ts';
import { writePack } from '../pack/write.ts';
import type { Console } from '../report/console.ts';
import { size } from '../report/lines.ts';
import type { SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import { moduleKeys } from '../store/key.ts';
import { type ModuleDirectory, moduleFiles, sumFiles } from './survey.ts';

/**
 * The module cache, an entry of its own: the zip and go.mod files that go.sum names, from GOMODCACHE's download
 * cache. Go unpacks a zip when it needs it, after it has compared its hash with go.sum.
 */

const namesFile = (work: string): string => join(work, 'modules.json');

/** Restores it. Returns what post needs to save it; null where there is nothing to save. */
export async function restoreModules(
  directories: readonly ModuleDirectory[],
  work: string,
  context: RunContext,
  { store, console }: { store: CacheStore; console: Console },
): Promise<SetState['modules']> {
  const goModCache = directories[0]?.goEnv['GOMODCACHE'] ?? '';
  const sums = sumFiles(directories).filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
  const names = moduleFiles(sums.map((file) => readFileSync(file, 'utf8')));
  if (names.length === 0 || goModCache === '') return null;
  writeFileSync(namesFile(work), JSON.stringify(names));

  const goVersion = directories[0]?.goEnv['GOVERSION'] ?? '';
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
  const done = (outcome: SaveReport['outcome'], reason: string | null, bytes: number | null): SaveReport => ({
    outcome,
    reason,
    key: modules.key,
    bytes,
    seconds: (performance.now() - started) / 1000,
  });
  const names: string[] = JSON.parse(readFileSync(namesFile(work), 'utf8'));
  const files = names.flatMap((name) => {
    const path = join(modules.goModCache, name);
    const file = statSync(path, { throwIfNoEntry: false });
    return file?.isFile() ? [{ name, path, bytes: file.size }] : [];
  });
  if (files.length === 0) return done('skipped', 'the job needed no module from GOMODCACHE', null);
  if ((await store.lookup([modules.key])) === modules.key) {
    return done('skipped', 'another job has just stored the same modules', null);
  }
  const directory = store.prepare();
  try {
    const packed = await writePack({ directory: directory.pack, files });
    const saved = await store.save(directory, modules.key);
    return saved.kind === 'saved'
      ? done('saved', null, saved.bytes ?? packed.packedBytes)
      : done(saved.kind, saved.reason, null);
  } catch (error) {
    return done('failed', messageOf(error), null);
  } finally {
    store.discard(directory);
  }
}
