import { rmSync } from 'node:fs';
import type { SetState } from '../config/state.ts';
import type { ObjectClass } from '../gocache/content.ts';
import { objectRules } from '../gocache/layout.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { PackFile } from '../pack/pack-file.ts';
import { writePack } from '../pack/write.ts';
import type { Console } from '../report/console.ts';
import { overLine } from '../report/lines.ts';
import type { BudgetReport, SaveReport } from '../report/report.ts';
import { entryBytes } from '../store/budget.ts';
import type { CacheStore } from '../store/cache.ts';
import { type SaveRecord, storedRatio, withRecord } from '../store/history.ts';
import type { Room } from './budget.ts';
import { type Choice, choicesOf, type Fit, packFitting } from './fit.ts';
import type { Past } from './past.ts';
import { packing } from './phases.ts';
import { uploadUnlessStored } from './upload.ts';

/** What is to be saved, and what is told with it. */
export interface SetToSave {
  readonly objects: readonly GocacheObject[];
  readonly classes: ReadonlyMap<string, ObjectClass>;
  readonly content: 'whole' | 'unwarmed';
  /** Of the set that was restored. */
  readonly history: readonly SaveRecord[];
  /** Of this run, but for what the save itself finds out. */
  readonly record: Omit<SaveRecord, 'time' | 'rawBytes' | 'storedBytes' | 'saveSeconds'>;
  /** What it may take, asked only when it is to be packed; undefined where there is no limit. */
  readonly room: () => Promise<Room | undefined>;
}

export interface SavedSet {
  readonly save: SaveReport;
  /** Null without a limit, and where nothing was packed. */
  readonly budget: BudgetReport | null;
  /** With this save; as it was where nothing was saved. */
  readonly history: readonly SaveRecord[];
  /** Objects that are not what their names say, as a killed go command leaves them: they were not saved. */
  readonly broken: readonly string[];
}

/** Saves objects as one set, unless another job has just stored the same content, or `max-size` has no room for it. */
export async function saveSet(
  set: SetToSave,
  state: SetState,
  { store, console }: { readonly store: CacheStore; readonly console: Console },
): Promise<SavedSet> {
  const to = { store, console, what: 'the set' };
  const { objects, classes, content } = set;
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  const key = content === 'whole' ? state.keys.save : state.keys.unwarmed;
  const prefix = content === 'whole' ? `${state.keys.primary}-` : key;
  const choices = choicesOf(objects, classes);
  const ratio = storedRatio(set.history);
  let { history } = set;
  let fit: Fit<Choice> | undefined;
  let broken: readonly string[] = [];
  let room: Room | undefined;

  const packOne = (directory: string) => async (choice: Choice) => {
    rmSync(directory, { recursive: true, force: true }); // What did not fit.
    const files = toFiles(choice.objects, state.gocache);
    const packed = await console.progress(packing(to.what), (watch) =>
      writePack({
        ...{ directory, files, rules: objectRules, watch },
        note: ({ bytes: rawBytes, packedBytes: storedBytes }): Past => {
          const measured = { rawBytes, storedBytes, saveSeconds: seconds() };
          history = withRecord(set.history, { time: new Date().toISOString(), ...set.record, ...measured });
          return { history, leftOut: choice.leftOut };
        },
      }),
    );
    broken = packed.broken;
    return entryBytes(packed.packedBytes);
  };
  const pack = async (directory: string) => {
    room = await set.room();
    fit = await packFitting(choices, { room: room?.bytes ?? Infinity, ratio }, packOne(directory));
    return fit.fits || room === undefined ? fit.bytes : { refused: overLine(fit, room, to.what) };
  };
  const uploaded = await uploadUnlessStored(to, pack, { key, prefix, seenKey: state.seenKey });
  const saved = uploaded.outcome === 'saved';
  return {
    save: { ...uploaded, key: saved ? key : null, seconds: seconds() },
    budget: room === undefined || fit === undefined ? null : budgetOf(room, fit, choices, ratio),
    history: saved ? history : set.history,
    broken: saved ? broken : [],
  };
}

function budgetOf(
  { limitBytes, takenBytes }: Room,
  fit: Fit<Choice>,
  [whole, ...less]: readonly [Choice, ...Choice[]],
  ratio: number | undefined,
): BudgetReport {
  const smallest = less.at(-1) ?? whole;
  const { objects, rawBytes, leftOut } = fit.fits ? fit.choice : smallest;
  return {
    ...{ limitBytes, takenBytes, fits: fit.fits },
    estimatedBytes: ratio === undefined ? null : Math.round(whole.rawBytes * ratio),
    leftOut: {
      classes: leftOut,
      objects: whole.objects.length - objects.length,
      bytes: whole.rawBytes - rawBytes,
    },
  };
}

/** Objects as a pack names them: an executable by its file. */
export function toFiles(objects: readonly GocacheObject[], gocache: string): PackFile[] {
  return objects.map(({ name, file, bytes }) => {
    const inPack = file === undefined ? name : `${name}/${file}`;
    return { name: inPack, path: `${gocache}/${inPack}`, bytes };
  });
}
