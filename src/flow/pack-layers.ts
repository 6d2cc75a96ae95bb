import { rmSync } from 'node:fs';
import { objectRules } from '../gocache/layout.ts';
import { identityOf, inOrder, type Listed, type PackFile, type Written, writePack } from '../pack/write.ts';
import type { Watch } from '../progress.ts';
import { entryBytes } from '../store/budget.ts';
import { baseKey, topKey } from '../store/key.ts';
import type { RestoredBase } from './base.ts';
import { type LayerFacts, planLayers } from './layers.ts';

/** What is known before anything is packed. */
export interface Layering {
  /** What main has restored, and what has become of it since. */
  readonly base: RestoredBase | 'none' | 'gone';
  /** What is in GOCACHE and no longer in the set: references, beside what stands aside. */
  readonly dead: readonly PackFile[];
  /** Whether others than this ref restore what it saves. */
  readonly isShared: boolean;
  /** What the keys of all sets of the shape and name begin with, and the key of the set without layers. */
  readonly keys: { readonly prefix: string; readonly set: string };
}

/** A set on the disk, ready to be uploaded: first the base, if there is a new one. */
export interface PackedSet {
  readonly key: string;
  /** What its entries take that are to be uploaded. */
  readonly bytes: number;
  /** Null for a top on the base that was restored, and for a set without layers. */
  readonly base: { readonly key: string; readonly bytes: number; readonly reason: string } | null;
  readonly broken: readonly string[];
}

export interface PackOptions {
  readonly files: readonly PackFile[];
  /** Where the newest layer goes, and the base, if there is to be one. */
  readonly directories: { readonly top: string; readonly base: string };
  /** @param storedBytes of all layers, packed */
  readonly note: (storedBytes: number) => unknown;
  readonly watch: Watch;
}

/** The key that a set will most likely have, for what is to be known before it is packed. */
export function likelyKey(files: readonly Listed[], { base, isShared, keys }: Layering): string {
  const plan = planLayers({ base: factsOf(base, files), topBytes: null, isShared });
  if (plan.write === 'alone') return keys.set;
  const listing = plan.write === 'top' && typeof base === 'object' ? base.files : files;
  return topKey(keys.set, { identity: identityOf(inOrder(listing)) });
}

/** Packs a set in the layers that are worth while, over what an earlier call has left. @throws PackError */
export async function packSet(layering: Layering, options: PackOptions): Promise<PackedSet> {
  const { base, isShared, keys } = layering;
  const facts = { base: factsOf(base, options.files), isShared };
  let plan = planLayers({ ...facts, topBytes: null });
  if (plan.write === 'top' && typeof base === 'object') {
    const packed = await packTop(base, layering, options);
    plan = planLayers({ ...facts, topBytes: packed.bytes });
    if (plan.write === 'top') return packed;
  }
  if (plan.write === 'base') return await packOnNewBase(plan.reason, layering, options);
  const { packedBytes, broken } = await write(options);
  return { key: keys.set, bytes: entryBytes(packedBytes), base: null, broken };
}

async function packTop(
  base: RestoredBase,
  { keys, dead }: Layering,
  options: PackOptions,
): Promise<PackedSet> {
  const { packedBytes, broken } = await write(options, { ...base, references: [...base.aside, ...dead] });
  const key = topKey(keys.set, { identity: identityOf(inOrder(base.files)) });
  return { key, bytes: entryBytes(packedBytes), base: null, broken };
}

/** A top that says the set is its base, and nothing more. */
async function packOnNewBase(reason: string, { keys }: Layering, options: PackOptions): Promise<PackedSet> {
  const { listing, broken, packedBytes } = await writeBase(options);
  const identity = identityOf(listing);
  const key = baseKey({ prefix: keys.prefix, identity });
  const left = new Set(broken);
  const whole = { ...options, files: options.files.filter(({ name }) => !left.has(name)) };
  const top = await write(whole, { key, files: listing, references: [], storedBytes: packedBytes });
  const bytes = entryBytes(packedBytes);
  return {
    key: topKey(keys.set, { identity }),
    bytes: bytes + entryBytes(top.packedBytes),
    base: { key, bytes, reason },
    broken,
  };
}

type On = Pick<RestoredBase, 'key' | 'files' | 'storedBytes'> & { readonly references: readonly PackFile[] };

async function write({ files, directories, note, watch }: PackOptions, base?: On): Promise<Written> {
  const directory = directories.top;
  rmSync(directory, { recursive: true, force: true });
  const below = base?.storedBytes ?? 0;
  return await writePack({
    ...{ directory, files, rules: objectRules, watch },
    ...(base === undefined ? {} : { base }),
    note: ({ packedBytes }) => note(below + packedBytes),
  });
}

async function writeBase({ files, directories, watch }: PackOptions): Promise<Written> {
  const directory = directories.base;
  rmSync(directory, { recursive: true, force: true });
  return await writePack({ directory, files, rules: objectRules, watch });
}

function factsOf(base: Layering['base'], files: readonly Listed[]): LayerFacts['base'] {
  if (typeof base === 'string') return base;
  const inSet = new Set(files.map(({ name }) => name));
  const sum = (listed: readonly Listed[]) => listed.reduce((total, { bytes }) => total + bytes, 0);
  return {
    storedBytes: base.storedBytes,
    bytes: sum(base.files),
    deadBytes: sum(base.files.filter(({ name }) => !inSet.has(name))),
  };
}
