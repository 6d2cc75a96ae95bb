import type { SetState } from '../config/state.ts';
import type { ObjectClass } from '../gocache/content.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import type { PackFile } from '../pack/pack-file.ts';
import type { Console } from '../report/console.ts';
import { overLine } from '../report/lines.ts';
import type { BudgetReport, SaveReport } from '../report/report.ts';
import type { CacheStore } from '../store/cache.ts';
import { type SaveRecord, storedRatio, withRecord } from '../store/history.ts';
import { baseKeyOf, topKeyOn } from '../store/key.ts';
import type { TransferDirectory } from '../store/transfer-directory.ts';
import { readBase } from './base.ts';
import type { Room } from './budget.ts';
import { type Choice, choicesOf, type Fit } from './fit.ts';
import { type FittedLayers, fitLayers } from './fit-layers.ts';
import type { LayerPlan } from './layers.ts';
import { type Layering, type PackOptions, packSet } from './pack-layers.ts';
import type { Past } from './past.ts';
import { packing } from './phases.ts';
import { uploadUnlessStored } from './upload.ts';

/** What is to be saved, and what is told with it. */
export interface SetToSave {
  readonly objects: readonly GocacheObject[];
  /** Of ours those that are not in the set, and still in GOCACHE. */
  readonly dead: readonly GocacheObject[];
  readonly classes: ReadonlyMap<string, ObjectClass>;
  readonly content: 'whole' | 'unwarmed';
  /** Whether the job has succeeded. */
  readonly isSettled: boolean;
  /** Of the set that was restored. */
  readonly history: readonly SaveRecord[];
  /** Of this run, but for what the save itself finds out. */
  readonly record: Omit<SaveRecord, 'time' | 'rawBytes' | 'storedBytes' | 'saveSeconds'>;
  /** What an entry of this key may take, asked only when it is to be packed; undefined where there is no limit. */
  readonly room: (key: string) => Promise<Room | undefined>;
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
  const { seenKey } = state;
  const seenBase = seenKey === null ? undefined : baseKeyOf(seenKey);
  let { history } = set;
  let fitted: FittedLayers | undefined;
  let directory: TransferDirectory | undefined;

  const filesOf = (choice: Choice) => toFiles(choice.objects, state.gocache);
  const packOne =
    (directories: PackOptions['directories'], layering: Layering) => (choice: Choice, plan: LayerPlan) => {
      const note = (storedBytes: number): Past => {
        const measured = { rawBytes: choice.rawBytes, storedBytes, saveSeconds: seconds() };
        history = withRecord(set.history, { time: new Date().toISOString(), ...set.record, ...measured });
        return { history, leftOut: choice.leftOut };
      };
      return console.progress(packing(to.what), (watch) =>
        packSet(plan, layering, { files: filesOf(choice), directories, note, watch }),
      );
    };
  // Beside the look-up for the same content. But with max-size what is overdue is deleted first, maybe the base.
  const asked = state.maxSize === null ? baseOf(state, store) : undefined;
  asked?.catch(() => undefined); // Who awaits it hears of it.
  const pack = async (top: string) => {
    if (asked === undefined) await set.room(key);
    const base = await (asked ?? baseOf(state, store));
    const below = store.prepare();
    directory = below;
    const dead = toFiles(set.dead, state.gocache);
    const keys = { prefix: state.keys.prefix, set: key };
    const { isSettled } = set;
    const layering: Layering = { base, lostKey: seenBase, dead, isShared: state.isShared, isSettled, keys };
    fitted = await fitLayers(layering, choices, {
      ...{ room: set.room, ratio, filesOf, pack: packOne({ top, base: below.pack }, layering) },
    });
    const { fit, room, packed } = fitted;
    if (!fit.fits && room !== undefined) return { refused: overLine(fit, room, to.what) };
    if (packed === undefined) throw new Error('nothing was packed');
    const first = packed.base && { key: packed.base.key, directory: below };
    return { bytes: packed.bytes, key: packed.key, base: first };
  };
  try {
    // Of this run, as what was restored is called.
    const own = seenBase === undefined ? key : topKeyOn(seenBase, key);
    const uploaded = await uploadUnlessStored(to, pack, { key: own, prefix, seenKey });
    const saved = uploaded.outcome === 'saved';
    const { packed, room, fit } = fitted ?? {};
    return {
      save: {
        ...uploaded,
        key: saved ? (packed?.key ?? key) : null,
        base: saved ? (packed?.base ?? null) : null,
        seconds: seconds(),
      },
      budget: room === undefined || fit === undefined ? null : budgetOf(room, fit, choices, ratio),
      history: saved ? history : set.history,
      broken: saved ? (packed?.broken ?? []) : [],
    };
  } finally {
    if (directory !== undefined) store.discard(directory);
  }
}

/** What a top can lie on: another job may have deleted it since main restored it. */
async function baseOf({ work, seenKey }: SetState, store: CacheStore): Promise<Layering['base']> {
  const base = readBase(work);
  if (base === null) return seenKey !== null && baseKeyOf(seenKey) !== undefined ? 'gone' : 'none';
  return (await store.lookup([base.key])) === base.key ? base : 'gone';
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
