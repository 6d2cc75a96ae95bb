import type { ObjectClass } from '../gocache/content.ts';
import type { GocacheObject } from '../gocache/scan.ts';
import { leaveOutOrder } from './past.ts';

/** What may be packed: the whole set, or less of it. */
export interface Choice {
  readonly objects: readonly GocacheObject[];
  /** Of the objects as they are. */
  readonly rawBytes: number;
  readonly leftOut: readonly ObjectClass[];
}

/** The whole set, then without what may be left out, class by class in the order of `leaveOutOrder`. Pure. */
export function choicesOf(
  objects: readonly GocacheObject[],
  classes: ReadonlyMap<string, ObjectClass>,
): [Choice, ...Choice[]] {
  const choices: [Choice, ...Choice[]] = [{ objects, rawBytes: sizeOf(objects), leftOut: [] }];
  let last = choices[0];
  for (const step of leaveOutOrder) {
    const kept = last.objects.filter(({ name }) => !step.includes(classes.get(name) ?? 'other'));
    if (kept.length === last.objects.length) continue;
    last = { objects: kept, rawBytes: sizeOf(kept), leftOut: [...last.leftOut, ...step] };
    choices.push(last);
  }
  return choices;
}

/** How a choice was made; `bytes` are those of the smallest one that was looked at. */
export type Fit<T> =
  | { readonly fits: true; readonly choice: T; readonly bytes: number }
  | { readonly fits: false; readonly bytes: number; readonly estimated: boolean };

/** No set packs better: an estimate by an earlier one may be wrong, since each class packs otherwise, but not so much. */
const bestRatio = 0.02;

/**
 * Packs the first choice that fits. One that is too large by the estimate is not packed, but for the last one, as long as
 * it could fit at all: so a set that fits is never refused for good.
 *
 * @param room bytes for a choice
 * @param ratio of stored to raw bytes of an earlier set that was packed so, if there is one
 * @param pack writes a choice in place of an earlier one, and gives the bytes that it takes
 */
export async function packFitting<T extends { readonly rawBytes: number }>(
  choices: readonly [T, ...T[]],
  of: { readonly room: (choice: T) => number; readonly ratio: (choice: T) => number | undefined },
  pack: (choice: T) => Promise<number>,
): Promise<Fit<T>> {
  let smallest: Fit<T> = { fits: false, bytes: 0, estimated: true };
  for (const [at, choice] of choices.entries()) {
    const [room, ratio] = [of.room(choice), of.ratio(choice)];
    const estimate = ratio === undefined ? 0 : choice.rawBytes * ratio;
    const isLast = at === choices.length - 1;
    const tooLarge = isLast ? choice.rawBytes * bestRatio > room : estimate > room;
    if (room <= 0 || tooLarge) {
      smallest = {
        fits: false,
        bytes: Math.round(Math.max(estimate, choice.rawBytes * bestRatio)),
        estimated: true,
      };
      continue;
    }
    const bytes = await pack(choice);
    if (bytes <= room) return { fits: true, choice, bytes };
    smallest = { fits: false, bytes, estimated: false };
  }
  return smallest;
}

function sizeOf(objects: readonly GocacheObject[]): number {
  return objects.reduce((sum, { bytes }) => sum + bytes, 0);
}
