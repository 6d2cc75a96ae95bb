import type { Sketch } from './sketch.ts';

/** Something with a content. */
export interface Sketched<T> {
  readonly item: T;
  readonly sketch: Sketch;
  readonly bytes: number;
}

// So many that share a hash are as good as all of them, and looking at all would take the square of their number.
const MOST_SHARING = 64;

/**
 * Finds for each content the reference that shares most hashes with it; of several the one of the nearest size, then the
 * first. Undefined for one that shares none with any. Pure; the same contents in the same order give the same pairs.
 */
export function nearest<R>(
  contents: readonly Sketched<unknown>[],
  references: readonly Sketched<R>[],
): (R | undefined)[] {
  const sharing = new Map<number, number[]>();
  for (const [index, { sketch }] of references.entries()) {
    for (const value of sketch) {
      const known = sharing.get(value);
      if (known === undefined) sharing.set(value, [index]);
      else if (known.length < MOST_SHARING) known.push(index);
    }
  }
  return contents.map(({ sketch, bytes }) => {
    const shared = new Map<number, number>();
    for (const value of sketch) {
      for (const index of sharing.get(value) ?? []) shared.set(index, (shared.get(index) ?? 0) + 1);
    }
    const away = (index: number) => Math.abs((references[index]?.bytes ?? 0) - bytes);
    const [best] = [...shared].sort(([a, ofA], [b, ofB]) => ofB - ofA || away(a) - away(b) || a - b);
    return best === undefined ? undefined : references[best[0]]?.item;
  });
}
