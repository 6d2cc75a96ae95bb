import { hash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { HelpersState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import { fileOf } from '../go/build-helpers.ts';
import type { Helper } from '../go/helpers.ts';
import { type PackRule, readPack } from '../pack/read.ts';
import { writePack } from '../pack/write.ts';
import type { Console } from '../report/console.ts';
import { overLine } from '../report/lines.ts';
import type { ProgramReport, SaveReport } from '../report/report.ts';
import { entryBytes } from '../store/budget.ts';
import type { CacheStore } from '../store/cache.ts';
import type { Room } from './budget.ts';
import { packFitting } from './fit.ts';
import type { Helpers } from './helpers.ts';
import { downloading, packing } from './phases.ts';
import { notUploaded, type Uploaded, uploadUnlessStored } from './upload.ts';

/** The helpers' entry: each program under `<SHA-256>/<file>`, so that what is broken is never run. */

const rules: readonly PackRule[] = [{ name: /^(?<sha256>[0-9a-f]{64})\/[^/]{1,200}$/, executable: true }];

const what = 'the helpers';

/** What was restored, before Go has looked at it. */
export interface PlacedHelpers {
  readonly outcome: 'exact' | 'partial' | 'miss' | 'failed';
  readonly reason: string | null;
  readonly key: string | null;
  readonly seconds: number;
  /** The hashes of the programs that are now in the directory, by their files. One that was there before is not among them. */
  readonly files: ReadonlyMap<string, string>;
}

/** Restores the programs of the plan into its directory; others in the entry are left out. It never rejects. */
export async function restoreHelpers(
  { helpers, output, keys }: Pick<Helpers, 'helpers' | 'output' | 'keys'>,
  {
    store,
    work,
    platform,
    console,
  }: Pick<SaveHelpers, 'store' | 'work' | 'console'> & { platform: NodeJS.Platform },
): Promise<PlacedHelpers> {
  const started = performance.now();
  const done = (outcome: PlacedHelpers['outcome'], more: Partial<PlacedHelpers> = {}): PlacedHelpers => ({
    ...{ outcome, reason: null, key: null, files: new Map<string, string>(), ...more },
    seconds: (performance.now() - started) / 1000,
  });
  const staging = join(work, 'helpers-restored');
  const found = await console.progress(downloading(what), (watch) => store.restore(keys.restore, { watch }));
  if (found.kind === 'miss') return done('miss');
  if (found.kind !== 'hit') return done('failed', { ...found });
  try {
    const { written } = await readPack({ directory: found.directory.pack, target: staging, rules });
    const files = new Map<string, string>();
    mkdirSync(output, { recursive: true });
    for (const helper of helpers) {
      const file = fileOf(helper, platform);
      const name = written.find((one) => one.endsWith(`/${file}`));
      if (name === undefined || existsSync(join(output, file))) continue;
      move(join(staging, name), join(output, file));
      files.set(file, name.slice(0, 64));
    }
    const outcome = found.key.startsWith(`${keys.primary}-`) ? 'exact' : 'partial';
    return done(outcome, { key: found.key, files });
  } catch (error) {
    return done('failed', { key: found.key, reason: messageOf(error) });
  } finally {
    rmSync(staging, { recursive: true, force: true });
    store.discard(found.directory);
  }
}

function move(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    copyFileSync(from, to); // Another file system.
  }
}

export interface Program extends ProgramReport {
  readonly file: string;
  readonly sha256: string;
}

/** The hashes of the programs that are there, by their files. */
export function hashesIn(
  output: string,
  helpers: readonly Helper[],
  platform: NodeJS.Platform,
): ReadonlyMap<string, string> {
  const files = helpers.map((helper) => fileOf(helper, platform));
  const there = files.filter((file) => statSync(join(output, file), { throwIfNoEntry: false })?.isFile());
  return new Map(there.map((file) => [file, hash('sha256', readFileSync(join(output, file)))]));
}

/** The programs as they are now; `built` where one is not what was there `before` the build. */
export function programsOf(
  helpers: readonly Helper[],
  options: { output: string; platform: NodeJS.Platform; before: ReadonlyMap<string, string> },
): Program[] {
  const { output, platform, before } = options;
  return helpers.map((helper): Program => {
    const file = fileOf(helper, platform);
    const content = readFileSync(join(output, file));
    const sha256 = hash('sha256', content);
    const built = before.get(file) !== sha256;
    return { name: helper.name, package: helper.importPath, bytes: content.length, built, file, sha256 };
  });
}

const listFile = (work: string): string => join(work, 'helpers.json');

/** Main's word to post. */
export function writePrograms(work: string, output: string, programs: readonly Program[]): void {
  const files = programs.map(({ file, sha256, bytes }) => ({ file, sha256, bytes }));
  writeFileSync(listFile(work), JSON.stringify({ output, files }));
}

interface SaveHelpers {
  readonly work: string;
  readonly store: CacheStore;
  readonly console: Console;
  readonly room: () => Promise<Room | undefined>;
}

/** Saves the programs as main left them, unless they were restored by the same content. It never rejects. */
export async function saveHelpers(
  { key, primary, seenKey, stored }: HelpersState,
  { work, store, console, room }: SaveHelpers,
): Promise<SaveReport> {
  const started = performance.now();
  const uploaded = await upload().catch((error: unknown) => notUploaded('failed', messageOf(error)));
  const saved = uploaded.outcome === 'saved';
  return { ...uploaded, base: null, key: saved ? key : null, seconds: (performance.now() - started) / 1000 };

  async function upload(): Promise<Uploaded> {
    if (stored) return notUploaded('skipped', 'those of the same content were restored');
    const list: { output: string; files: Pick<Program, 'file' | 'sha256' | 'bytes'>[] } = JSON.parse(
      readFileSync(listFile(work), 'utf8'),
    );
    const files = list.files.map(({ file, sha256, bytes }) => ({
      ...{ name: `${sha256}/${file}`, path: join(list.output, file), bytes, sha256 },
    }));
    const changed = files.find(({ path, sha256 }) => !isThere(path, sha256));
    if (changed !== undefined) return notUploaded('skipped', `the job has changed ${changed.path}`);
    const rawBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
    const pack = async (directory: string) => {
      const left = await room();
      const limits = { room: () => left?.bytes ?? Infinity, ratio: () => undefined };
      const fit = await packFitting([{ rawBytes }], limits, async () =>
        console.progress(packing(what), async (watch) =>
          entryBytes((await writePack({ directory, files, watch })).packedBytes),
        ),
      );
      return fit.fits || left === undefined ? { bytes: fit.bytes } : { refused: overLine(fit, left, 'it') };
    };
    return uploadUnlessStored({ store, console, what }, pack, { key, prefix: `${primary}-`, seenKey });
  }
}

function isThere(path: string, sha256: string): boolean {
  const file = statSync(path, { throwIfNoEntry: false });
  return file?.isFile() === true && hash('sha256', readFileSync(path)) === sha256;
}
