import { closeSync, createWriteStream, fstatSync, openSync, readFileSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import { messageOf } from '../errors.ts';
import type { Control } from './control.ts';
import type { Done, WriteJob } from './jobs.ts';
import { PackError } from './pack-error.ts';
import type { PackFile } from './pack-file.ts';
import { keepsRules } from './rules.ts';
import { CHUNK_BYTES, compressor } from './zstd.ts';

/**
 * Packs the job's files into one part, which must not be there yet, but for those that do not keep its rules: whoever
 * reads the part would refuse it. Throws what goes wrong.
 */
export async function writePart(job: WriteJob, control: Control): Promise<Done> {
  const tar = pack();
  const broken: string[] = [];
  const packed = pipeline(
    inChunks(tar),
    compressor(job.level),
    createWriteStream(job.path, { flags: 'wx', highWaterMark: CHUNK_BYTES }),
  );
  // A failure on either side ends the other: the first one is what is thrown.
  const filled = addFiles(tar, { ...job, broken }, control).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(messageOf(error)));
    throw error;
  });
  const [, ended] = await Promise.allSettled([filled, packed]);
  // A full disk ends the tar, too, which then says no more than that it was ended.
  if (ended.status === 'rejected') throw ended.reason;
  await filled;
  return { bytes: statSync(job.path).size, broken };
}

async function addFiles(
  tar: Pack,
  { files, rules, broken }: Pick<WriteJob, 'files' | 'rules'> & { readonly broken: string[] },
  control: Control,
): Promise<void> {
  for (const file of files) {
    if (control.stopped) throw new PackError('stopped');
    control.count();
    const content = contentOf(file);
    if (rules !== null && !keepsRules(file.name, content, rules)) {
      broken.push(file.name);
      continue;
    }
    await new Promise<void>((resolve, reject) => {
      // No owner and no time, so that the same objects give the same bytes; the mode is for people who unpack by hand.
      tar.entry({ name: file.name, mode: 0o644, mtime: new Date(0) }, content, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
  tar.finalize();
}

function contentOf(file: PackFile): Buffer {
  try {
    const handle = openSync(file.path, 'r');
    try {
      const stat = fstatSync(handle);
      if (!stat.isFile()) throw new PackError('is not a regular file');
      if (stat.size !== file.bytes) throw new PackError(`has ${stat.size} bytes, listed with ${file.bytes}`);
      const content = readFileSync(handle);
      if (content.length !== file.bytes) throw new PackError('changed while it was read');
      return content;
    } finally {
      closeSync(handle);
    }
  } catch (error) {
    throw new PackError(`${file.name}: ${messageOf(error)}`);
  }
}

// tar-stream gives headers, contents and padding one by one; compressed one by one, 512-byte headers would dominate.
async function* inChunks(tar: Pack): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const piece of tar) {
    if (!Buffer.isBuffer(piece)) throw new PackError('tar-stream gave something else than bytes');
    waiting.push(piece);
    bytes += piece.length;
    if (bytes >= CHUNK_BYTES) {
      yield Buffer.concat(waiting, bytes);
      waiting = [];
      bytes = 0;
    }
  }
  if (bytes > 0) yield Buffer.concat(waiting, bytes);
}
