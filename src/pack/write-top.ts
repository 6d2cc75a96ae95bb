import { type Bits, noBits, setBit } from './bits.ts';
import { type Reference, writeDeltaParts } from './delta-parts.ts';
import { identityOf, inOrder, type Listed } from './listing.ts';
import type { Contents } from './manifest.ts';
import type { PackFile } from './pack-file.ts';
import { type PartOptions, totals, writePlainParts } from './plain-parts.ts';

/** The pack that a top is written on. */
export interface BaseOfTop {
  /** The key of its entry, for whoever reads the top. */
  readonly key: string;
  /** All its files, as `writePack` or `readLayers` has told. */
  readonly files: readonly Listed[];
  /**
   * Where files of the base can be read that the set no longer has: what is new may be packed as what it differs by from
   * them. Others are not used.
   */
  readonly references: readonly PackFile[];
}

export interface WrittenTop extends Contents {
  /** What the base lacks. */
  readonly lacking: readonly PackFile[];
  /** Names of `lacking` that were left out. */
  readonly broken: readonly string[];
  readonly dead: readonly Listed[];
}

/** Writes what of these files the base lacks. Throws as writePack. */
export async function writeTop(
  files: readonly PackFile[],
  base: BaseOfTop,
  options: PartOptions,
): Promise<WrittenTop> {
  const listing = inOrder(base.files);
  const inBase = new Set(listing.map(({ name }) => name));
  const lacking = files.filter(({ name }) => !inBase.has(name));
  const inSet = new Set(files.map(({ name }) => name));
  const dead = listing.flatMap((file, index) => (inSet.has(file.name) ? [] : [{ ...file, index }]));
  const readable = new Map(base.references.map((file) => [file.name, file]));
  const references = dead.flatMap(({ name, index }): Reference[] => {
    const file = readable.get(name);
    return file === undefined ? [] : [{ file, index }];
  });

  const { rules } = options;
  const deltas =
    rules === null
      ? { parts: [], broken: [], packed: [] }
      : await writeDeltaParts(lacking, references, { ...options, rules });
  const settled = new Set([...deltas.broken, ...deltas.packed.map(({ file }) => file.name)]);
  const plain = await writePlainParts(
    lacking.filter(({ name }) => !settled.has(name)),
    options,
  );
  const bitsOf = (indices: readonly number[]): Bits => {
    const bits = noBits(listing.length);
    for (const index of indices) setBit(bits, index);
    return bits;
  };
  return {
    parts: plain.parts,
    deltas: deltas.parts,
    top: {
      base: { key: base.key, identity: identityOf(listing), ...totals(listing) },
      dead: bitsOf(dead.map(({ index }) => index)),
      references: bitsOf(deltas.packed.map(({ index }) => index)),
    },
    lacking,
    broken: [...deltas.broken, ...plain.broken],
    dead,
  };
}
