import { createWriteStream, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import { messageOf } from '../errors.ts';
import type { Control } from './control.ts';
import { PackError } from './pack-error.ts';
import { CHUNK_BYTES, compressor } from './zstd.ts';

export interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
}

/** Writes the entries into a new file at `path`, a compressed tar; resolves with its size in bytes. Throws what goes wrong. */
export async function writeTar(
  { path, level }: { readonly path: string; readonly level: number },
  entries: Iterable<TarEntry>,
  control: Control,
): Promise<number> {
  const tar = pack();
  const packed = pipeline(
    inChunks(tar),
    compressor(level),
    createWriteStream(path, { flags: 'wx', highWaterMark: CHUNK_BYTES }),
  );
  // A failure on either side ends the other: the first one is what is thrown.
  const filled = addEntries(tar, entries, control).catch((error: unknown) => {
    tar.destroy(error instanceof Error ? error : new Error(messageOf(error)));
    throw error;
  });
  const [, ended] = await Promise.allSettled([filled, packed]);
  // A full disk ends the tar, too, which then says no more than that it was ended.
  if (ended.status === 'rejected') throw ended.reason;
  await filled;
  return statSync(path).size;
}

async function addEntries(tar: Pack, entries: Iterable<TarEntry>, control: Control): Promise<void> {
  for (const { name, content } of entries) {
    if (control.stopped) throw new PackError('stopped');
    await new Promise<void>((resolve, reject) => {
      // No owner and no time, so that the same objects give the same bytes; the mode is for people who unpack by hand.
      tar.entry({ name, mode: 0o644, mtime: new Date(0) }, content, (error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  }
  tar.finalize();
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
