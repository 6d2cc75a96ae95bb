import { createReadStream, readFileSync, statSync } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Extract, type ExtractEvents, extract, type Header } from 'tar-stream';
import { messageOf } from '../errors.ts';
import type { Control } from './control.ts';
import { PackError } from './pack-error.ts';
import { Scratch } from './scratch.ts';
import { CHUNK_BYTES, decompressed, decompressor } from './zstd.ts';

type Source = ExtractEvents['entry'][1];

/** Takes the entries of a tar one after the other. What either method throws ends the reading. */
export interface EntryTaker<T> {
  /** Judges an entry by its header, before any of its content is held in memory; what it gives comes with the content. */
  announce(header: Header): T;
  /** Takes the whole content of the entry announced last, which is valid during the call alone. */
  take(name: string, content: Buffer, announced: T): void;
}

// What a tar adds to a file's content: a header, padding, and where the name is long or not ASCII the same again.
const TAR_BYTES_PER_FILE = 8 * 1024;
// The end of an archive: two empty records from tar-stream, up to 10 KiB from a tar that fills its last block.
const TAR_BYTES_AT_END = 10 * 1024;

/**
 * A part of which neither the packed nor the unpacked bytes are more than this is held in memory whole, both of
 * them: so much twice, and the largest object, for each of at most eight threads. Measured with eight parts of up to 96 MB
 * (650 MB of GOCACHEs, to a target in memory, two processors): 0.9 s in two threads, 1.2 s as a stream, which waits for
 * zlib's own thread with each chunk and copies each content together. In four threads 0.88 GB at the peak, 0.62 as a stream.
 */
export const MOST_AT_ONCE = 96 * 1024 * 1024;

/** A compressed tar, and what its manifest promises: how many entries it has, and the bytes of their contents. */
export interface TarFile {
  readonly path: string;
  readonly files: number;
  readonly bytes: number;
}

/** Hands on each entry of a compressed tar, its content whole. Throws what goes wrong. */
export async function readTar<T>(
  { path, files, bytes }: TarFile,
  taker: EntryTaker<T>,
  control: Control,
): Promise<void> {
  const tar = unpacker(taker, control);
  // Zeros and long headers are no files: without a bound of its own a small part could unpack for hours.
  const most = bytes + files * TAR_BYTES_PER_FILE + TAR_BYTES_AT_END;
  if (Math.max(most, statSync(path).size) <= MOST_AT_ONCE) {
    await tar.write(atOnce(path, most));
  } else {
    await pipeline(
      createReadStream(path, { highWaterMark: CHUNK_BYTES }),
      decompressor(),
      async (chunks: AsyncIterable<Buffer>) => {
        let unpacked = 0;
        for await (const chunk of chunks) {
          unpacked += chunk.length;
          if (unpacked > most) throw tooMuch();
          await tar.write(chunk);
        }
      },
    );
  }
  await tar.end();
}

function atOnce(path: string, most: number): Buffer {
  const tar = decompressed(readFileSync(path), most);
  if (tar === null) throw tooMuch();
  return tar;
}

function tooMuch(): PackError {
  return new PackError('unpacks to more than the manifest says');
}

interface Unpacker {
  /** Resolves when there is room for more; rejects with what the archive or an object in it has wrong. */
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

// tar-stream's streams are not those of node:stream, so they are driven by hand rather than by a pipeline.
function unpacker<T>(taker: EntryTaker<T>, control: Control): Unpacker {
  const tar = extract();
  const ended = endOf(tar);
  const content = new Scratch();
  const guarded = (act: () => void): void => {
    try {
      act();
    } catch (error) {
      tar.destroy(error instanceof Error ? error : new PackError(messageOf(error)));
    }
  };
  const takeEntry = (header: Header, stream: Source, next: () => void): void => {
    if (control.stopped) throw new PackError('stopped');
    const announced = taker.announce(header);
    content.clear();
    stream.on('data', (chunk) => guarded(() => content.append(chunk)));
    stream.on('end', () =>
      guarded(() => {
        taker.take(header.name, content.bytes(), announced);
        control.count();
        next();
      }),
    );
  };
  tar.on('entry', (header, stream, next) => {
    // The tar's own end says what is wrong; its entry's stream repeats it.
    stream.on('error', () => undefined);
    guarded(() => takeEntry(header, stream, next));
  });
  return {
    async write(chunk: Buffer): Promise<void> {
      if (tar.write(chunk)) return;
      await Promise.race([ended, new Promise<void>((resolve) => tar.once('drain', () => resolve()))]);
    },
    async end(): Promise<void> {
      tar.end(null);
      await ended;
    },
  };
}

function endOf(tar: Extract): Promise<void> {
  const ended = new Promise<void>((resolve, reject) => {
    tar.once('finish', resolve);
    tar.once('error', reject);
    tar.once('close', () => reject(new PackError('the archive ended early')));
  });
  // Whoever writes or ends awaits it; a failure between two writes must not count as unhandled meanwhile.
  ended.catch(() => undefined);
  return ended;
}
