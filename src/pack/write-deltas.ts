import type { Control } from './control.ts';
import { canBeReference, makeDelta } from './delta.ts';
import type { Pair, WriteDeltasJob, WrittenDeltas } from './jobs.ts';
import { PackError } from './pack-error.ts';
import { contentOf, type PackFile } from './pack-file.ts';
import { keepsRules, type PackRule } from './rules.ts';
import { type TarEntry, writeTar } from './tar-writer.ts';

// What is larger packs better beside its like.
const MOST_OF_CONTENT = 0.25;

/**
 * Packs the job's files into one part, a tar whose entries hold, under the file's name, the reference's number in the base
 * (4 bytes, little endian) and the delta. Throws what goes wrong with the files; a reference that is not to be read, or is not
 * what its name says, costs the delta alone.
 */
export async function writeDeltas(job: WriteDeltasJob, control: Control): Promise<WrittenDeltas> {
  const told: Told = { broken: [], refused: [], deltaBytes: 0 };
  const packedBytes = await writeTar(job, entries(job, told, control), control);
  return { ...told, packedBytes };
}

interface Told {
  readonly broken: string[];
  readonly refused: string[];
  deltaBytes: number;
}

function* entries({ pairs, rules }: WriteDeltasJob, told: Told, control: Control): Generator<TarEntry> {
  for (const pair of pairs) {
    const { name } = pair.file;
    const content = contentOf(pair.file);
    if (!keepsRules(name, content, rules)) {
      control.count();
      told.broken.push(name);
      continue;
    }
    const entry = entryOf(content, pair, rules);
    if (entry === null) {
      told.refused.push(name);
      continue;
    }
    control.count(); // What is refused counts where it is packed as it is.
    told.deltaBytes += entry.length;
    yield { name, content: entry };
  }
}

function entryOf(content: Buffer, { reference, index }: Pair, rules: readonly PackRule[]): Buffer | null {
  const old = referenceOf(reference, rules);
  if (old === null) return null;
  const delta = makeDelta(content, old);
  if (delta.length > content.length * MOST_OF_CONTENT) return null;
  const number = Buffer.alloc(4);
  number.writeUInt32LE(index);
  return Buffer.concat([number, delta]);
}

function referenceOf(file: PackFile, rules: readonly PackRule[]): Buffer | null {
  try {
    const content = contentOf(file);
    return keepsRules(file.name, content, rules) && canBeReference(content) ? content : null;
  } catch (error) {
    if (error instanceof PackError) return null;
    throw error;
  }
}
