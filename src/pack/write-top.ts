import { hash } from 'node:crypto';
import { type Bits, noBits, setBit } from './bits.ts';
import { type Reference, writeDeltaParts } from './delta-parts.ts';
import { identityOf, inOrder, type Listed } from './listing.ts';
import type { Contents } from './manifest.ts';
import { contentOf, type PackFile } from './pack-file.ts';
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
  /** What the base lacks, but for what is packed as deltas. */
  readonly listing: readonly Listed[];
  /** Names of what was left out. */
  readonly broken: readonly string[];
  readonly dead: readonly Listed[];
}

/**
 * Those of the files that the base does not have, or has with another content: Go writes a record anew under its name.
 * Throws a PackError for a file that is not to be read.
 */
export function lackingIn(base: Pick<BaseOfTop, 'files'>, files: readonly PackFile[]): PackFile[] {
  const inBase = new Map(base.files.map((file) => [file.name, file]));
  return files.filter((file) => {
    const known = inBase.get(file.name);
    if (known?.sha256 === undefined) return known === undefined;
    return hash('sha256', contentOf(file), 'hex') !== known.sha256;
  });
}

/** Writes a top of these files, of which the base lacks some. Throws as writePack. */
export async function writeTop(
  { files, lacking }: { readonly files: readonly PackFile[]; readonly lacking: readonly PackFile[] },
  base: BaseOfTop,
  options: PartOptions,
): Promise<WrittenTop> {
  const listing = inOrder(base.files);
  const isNew = new Set(lacking.map(({ name }) => name));
  const ofBase = new Set(files.flatMap(({ name }) => (isNew.has(name) ? [] : [name])));
  const dead = listing.flatMap((file, index) => (ofBase.has(file.name) ? [] : [{ ...file, index }]));
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
    listing: plain.listing,
    broken: [...deltas.broken, ...plain.broken],
    dead,
  };
}
