import { hash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { objectRules } from '../gocache/layout.ts';
import { identityOf, inOrder, type Listed, type PackFile, type Written, writePack } from '../pack/write.ts';
import type { Watch } from '../progress.ts';
import { entryBytes } from '../store/budget.ts';
import { baseKey, topKey, topKeyOn } from '../store/key.ts';
import type { RestoredBase } from './base.ts';
import { type LayerFacts, type LayerPlan, planLayers } from './layers.ts';

/** What is known before anything is packed. */
export interface Layering {
  /** What main has restored, and what has become of it since. */
  readonly base: RestoredBase | 'none' | 'gone';
  /** The key of the base that the restore could not use; undefined where there was none. */
  readonly lostKey: string | undefined;
  /** What is in GOCACHE and no longer in the set: references, beside what stands aside. */
  readonly dead: readonly PackFile[];
  /** Whether others than this ref restore what it saves. */
  readonly isShared: boolean;
  /** Whether the job has succeeded. */
  readonly isSettled: boolean;
  /** What the keys of all sets of the shape and name begin with, and the key of the set without layers. */
  readonly keys: { readonly prefix: string; readonly set: string };
}

/** A set on the disk, ready to be uploaded: first the base, if there is a new one. */
export interface PackedSet {
  readonly key: string;
  /** What its entries take that are to be uploaded. */
  readonly bytes: number;
  /** What all its layers take that are on this ref. */
  readonly takes: number;
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

/** What is worth while as far as is known before anything is packed. */
export function firstPlan(files: readonly Listed[], { base, isShared, isSettled }: Layering): LayerPlan {
  return planLayers({ base: factsOf(base, files), topBytes: null, isShared, isSettled });
}

/** The key that a set has if it is written so, on a new base one like it, for what is to be known before it is packed. */
export function keyOf({ write }: LayerPlan, files: readonly Listed[], { base, keys }: Layering): string {
  if (write === 'alone') return keys.set;
  if (write === 'top' && typeof base === 'object') return topKeyOn(base.key, keys.set);
  return topKey(keys.set, { identity: identityOf(inOrder(files)) });
}

/** Packs a set as the plan says, over what an earlier call has left. @throws PackError */
export async function packSet(plan: LayerPlan, layering: Layering, options: PackOptions): Promise<PackedSet> {
  const { base, keys } = layering;
  if (plan.write === 'top' && typeof base === 'object') return await packTop(base, layering, options);
  if (plan.write === 'base') return await packOnNewBase(plan.reason, layering, options);
  const { packedBytes, broken } = await write(options);
  const bytes = entryBytes(packedBytes);
  return { key: keys.set, bytes, takes: bytes, base: null, broken };
}

async function packTop(
  base: RestoredBase,
  { keys, dead, isShared }: Layering,
  options: PackOptions,
): Promise<PackedSet> {
  const { packedBytes, broken } = await write(options, { ...base, references: [...base.aside, ...dead] });
  const bytes = entryBytes(packedBytes);
  // The base of a pull request's set is the default branch's, not its own.
  const takes = bytes + (isShared ? base.storedBytes : 0);
  return { key: topKeyOn(base.key, keys.set), bytes, takes, base: null, broken };
}

/** A top that says the set is its base, and nothing more. */
async function packOnNewBase(reason: string, layering: Layering, options: PackOptions): Promise<PackedSet> {
  const { prefix, set } = layering.keys;
  const { listing, broken, packedBytes } = await writeBase(options);
  const identity = identityFor(identityOf(listing), layering);
  const key = baseKey({ prefix, identity });
  const left = new Set(broken);
  const whole = { ...options, files: options.files.filter(({ name }) => !left.has(name)) };
  const top = await write(whole, { key, files: listing, references: [], storedBytes: packedBytes });
  const baseBytes = entryBytes(packedBytes);
  const bytes = baseBytes + entryBytes(top.packedBytes);
  return {
    ...{ key: topKey(set, { identity }), bytes, takes: bytes },
    ...{ base: { key, bytes: baseBytes, reason }, broken },
  };
}

/** What is to be written instead of a top that has been packed; undefined where it is worth while. */
export function insteadOf(
  { bytes }: PackedSet,
  files: readonly Listed[],
  { base, isShared, isSettled }: Layering,
): LayerPlan | undefined {
  const plan = planLayers({ base: factsOf(base, files), topBytes: bytes, isShared, isSettled });
  return plan.write === 'top' ? undefined : plan;
}

/** Under the key of the lost base lies what could not be used, and no key is stored twice. */
function identityFor(identity: string, { keys, lostKey }: Layering): string {
  if (baseKey({ prefix: keys.prefix, identity }) !== lostKey) return identity;
  return hash('sha256', `${identity} ${keys.set}`, 'hex');
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
