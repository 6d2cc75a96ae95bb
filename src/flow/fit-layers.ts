import type { PackFile } from '../pack/pack-file.ts';
import type { Room } from './budget.ts';
import { type Choice, type Fit, packFitting } from './fit.ts';
import type { LayerPlan } from './layers.ts';
import { firstPlan, insteadOf, keyOf, type Layering, type PackedSet } from './pack-layers.ts';

export interface FitOptions {
  /** What a set of this key may take; undefined where there is no limit. */
  readonly room: (key: string) => Promise<Room | undefined>;
  /** Of stored to raw bytes of an earlier set, if there is one. */
  readonly ratio: number | undefined;
  readonly filesOf: (choice: Choice) => readonly PackFile[];
  /** Writes a choice as the plan says, in place of an earlier one. */
  readonly pack: (choice: Choice, plan: LayerPlan) => Promise<PackedSet>;
}

export interface FittedLayers {
  readonly fit: Fit<Choice>;
  readonly room: Room | undefined;
  /** What was packed last; undefined where nothing was. */
  readonly packed: PackedSet | undefined;
}

type Choices = readonly [Choice, ...Choice[]];

/**
 * Packs a set in the layers that are worth while, and of it as much as fits. Where a top has no room beside its base, the
 * same may have it as a new base: so layers keep no set out.
 *
 * @throws PackError
 */
export async function fitLayers(
  layering: Layering,
  choices: Choices,
  options: FitOptions,
): Promise<FittedLayers> {
  const files = options.filesOf(choices[0]);
  const first = firstPlan(files, layering);
  const isTop = first.write === 'top';
  const plans: Plans = isTop && layering.isShared && layering.isSettled ? [first, noRoom] : [first];
  const fitted = await packOneOf(plans, { layering, choices, files }, options);
  if (!isTop || !fitted.fit.fits || fitted.packed === undefined || fitted.packed.base !== null) return fitted;
  const instead = insteadOf(fitted.packed, files, layering);
  if (instead === undefined) return fitted;
  const { choice } = fitted.fit;
  const renewed = await packOneOf([instead], { layering, choices: [choice], files }, options);
  if (renewed.fit.fits) return renewed;
  // The base stays for another ref, or nothing is deleted: a large top of it all is better than less, or nothing.
  return await packOneOf([first], { layering, choices: [choice], files }, options);
}

const noRoom: LayerPlan = { write: 'base', reason: 'max-size has no room for a top beside the last one' };

type Plans = readonly [LayerPlan, ...LayerPlan[]];

/** Packs the first choice that fits, in the first way in which it does. */
async function packOneOf(
  [plan, ...others]: Plans,
  set: { readonly layering: Layering; readonly choices: Choices; readonly files: readonly PackFile[] },
  options: FitOptions,
): Promise<FittedLayers> {
  const { layering, files } = set;
  const rooms = new Map<LayerPlan, Room | undefined>();
  for (const one of [plan, ...others]) rooms.set(one, await options.room(keyOf(one, files, layering)));
  const [whole, ...less] = set.choices;
  const tries = less.flatMap((choice) => [plan, ...others].map((one) => ({ ...choice, plan: one })));
  let packed: PackedSet | undefined;
  const fit = await packFitting(
    [{ ...whole, plan }, ...others.map((one) => ({ ...whole, plan: one })), ...tries],
    {
      room: (one) => rooms.get(one.plan)?.bytes ?? Infinity,
      // What a top takes is told by no earlier one.
      ratio: (one) => (one.plan.write === 'top' ? undefined : (baseRatio(layering) ?? options.ratio)),
    },
    async (one) => {
      packed = await options.pack(one, one.plan);
      return packed.takes;
    },
  );
  // Where nothing fits, the last try is told.
  const told = fit.fits ? fit.choice.plan : (others.at(-1) ?? plan);
  return { fit, room: rooms.get(told), packed };
}

/** A new base packs as the one before. */
function baseRatio({ base }: Layering): number | undefined {
  if (typeof base === 'string') return undefined;
  const bytes = base.files.reduce((sum, file) => sum + file.bytes, 0);
  return bytes === 0 ? undefined : base.storedBytes / bytes;
}
