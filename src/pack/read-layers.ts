import { join } from 'node:path';
import { type Bits, hasBit } from './bits.ts';
import { canBeDelta } from './delta.ts';
import { type Destination, wholeOrNothing } from './destination.ts';
import type { ReadDeltasJob, ReadJob } from './jobs.ts';
import { identityOf, type Listed } from './listing.ts';
import { type Layers, openLayers } from './open-layers.ts';
import { PackError } from './pack-error.ts';
import type { PackFile } from './pack-file.ts';
import { type Threads, withThreads } from './pool.ts';
import { type Read, type ReadOptions, readJob, writtenBytesOf } from './read.ts';

export interface LayersOptions extends Omit<ReadOptions, 'directory'> {
  /** The directory of the top's pack. */
  readonly top: string;
  /** The directory of the base's pack, and the key under which it was found. */
  readonly base: { readonly directory: string; readonly key: string };
  /** Where files of the base go that the set does not have. */
  readonly aside: {
    /** Made where it is missing. */
    readonly directory: string;
    /** `needed`: those that the top refers to. `all`: those that another top on the same base may refer to. */
    readonly keep: 'needed' | 'all';
  };
}

/** `files` and `bytes` are those of the set. */
export interface LayersRead extends Read {
  /** All files of the base, in their order: what another top on it has to know. */
  readonly base: readonly Listed[];
  /** Those of them that are in the directory aside. */
  readonly kept: readonly PackFile[];
}

/**
 * Unpacks the set that a top was written of: the top, and what of its base the set has. Otherwise as readPack, for both
 * packs alike; where it throws, what it made aside is removed again, too.
 */
export async function readLayers(options: LayersOptions): Promise<LayersRead> {
  const layers = await openLayers(options.top, options.base);
  return await wholeOrNothing(options.target, (into) =>
    wholeOrNothing(options.aside.directory, (beside) =>
      withThreads(layers.base.files + layers.top.files, options, (threads) =>
        unpack(layers, options, { into, beside, threads }),
      ),
    ),
  );
}

interface Means {
  readonly threads: Threads;
  readonly into: Destination;
  readonly beside: Destination;
}

async function unpack(layers: Layers, options: LayersOptions, means: Means): Promise<LayersRead> {
  const { threads, into } = means;
  const { dead, base } = layers.needs;
  const asTheyAre = await threads.run(plainJobs(layers, options, means));
  const listing = asTheyAre.flatMap(({ listed }) => listed);
  if (identityOf(listing) !== base.identity) {
    throw new PackError('the base holds other files than the one that the top was written on');
  }
  const kept = keptOf(listing, layers, options);
  // The deltas need what stands aside now.
  const rebuilt = await threads.run(deltaJobs(layers, kept, options, means));
  const live = listing.filter((_, index) => !hasBit(dead, index));
  return {
    written: into.written(),
    writtenBytes: writtenBytesOf([...asTheyAre, ...rebuilt]),
    files: live.length + layers.top.files,
    bytes: live.reduce((sum, { bytes }) => sum + bytes, 0) + layers.top.bytes,
    note: layers.top.note,
    base: listing,
    kept: [...kept.values()],
  };
}

/** The parts of the base, then those of the top that hold files as they are. */
function plainJobs({ base, top, needs }: Layers, options: LayersOptions, { into, beside }: Means): ReadJob[] {
  const { rules } = options;
  let first = 0;
  const ofBase = base.parts.map((part): ReadJob => {
    const job = readJob(part, { directory: options.base.directory, target: into.place(), rules });
    const { dead } = needs;
    const numbered = { first, dead, kept: keptBits(needs, options), aside: beside.place() };
    first += part.files;
    // The top has parts of the same names.
    return { ...job, part: `${part.name} of the base`, base: numbered };
  });
  const ofTop = top.parts.map((part) =>
    readJob(part, { directory: options.top, target: into.place(), rules }),
  );
  return [...ofBase, ...ofTop];
}

function deltaJobs(
  { top, needs }: Layers,
  kept: ReadonlyMap<number, PackFile>,
  options: LayersOptions,
  { into }: Means,
): ReadDeltasJob[] {
  const references = new Map([...kept].filter(([index]) => hasBit(needs.references, index)));
  return top.deltas.map(({ name, files, bytes, deltaBytes }) => ({
    ...{ kind: 'read-deltas', part: name, path: join(options.top, name), files, bytes, deltaBytes },
    ...{ target: into.place(), rules: options.rules, references },
  }));
}

function keptBits({ dead, references }: Layers['needs'], { aside }: LayersOptions): Bits {
  return aside.keep === 'all' ? dead : references;
}

/** What the jobs have put aside, by the number in the base. */
function keptOf(
  listing: readonly Listed[],
  { needs }: Layers,
  options: LayersOptions,
): Map<number, PackFile> {
  const bits = keptBits(needs, options);
  const kept = new Map<number, PackFile>();
  for (const [index, file] of listing.entries()) {
    if (!hasBit(bits, index) || !canBeDelta(file, options.rules)) continue;
    kept.set(index, { ...file, path: join(options.aside.directory, file.name) });
  }
  return kept;
}
