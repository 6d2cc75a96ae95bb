import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { type Extract, type ExtractEvents, extract, type Header } from 'tar-stream';
import { messageOf } from '../errors.ts';
import type { Control } from './control.ts';
import type { ReadJob } from './jobs.ts';
import { PackError } from './pack-error.ts';
import { PartReader } from './part-reader.ts';
import { Scratch } from './scratch.ts';
import { CHUNK_BYTES, decompressor } from './zstd.ts';

type Source = ExtractEvents['entry'][1];

// What a tar adds to a file's content: a header, padding, and where the name is long or not ASCII the same again.
const TAR_BYTES_PER_FILE = 8 * 1024;
// The end of an archive: two empty records from tar-stream, up to 10 KiB from a tar that fills its last block.
const TAR_BYTES_AT_END = 10 * 1024;

/**
 * Unpacks one part, each object whole, checked and then written; resolves with the bytes of the new files.
 * Throws what goes wrong; what was made by then is in the job's journal.
 */
export async function readPart(job: ReadJob, control: Control): Promise<number> {
  const reader = new PartReader(job);
  const tar = unpacker(reader, control);
  // Zeros and long headers are no files: without a bound of its own a small part could unpack for hours.
  const most = job.bytes + job.files * TAR_BYTES_PER_FILE + TAR_BYTES_AT_END;
  await pipeline(
    createReadStream(job.path, { highWaterMark: CHUNK_BYTES }),
    decompressor(),
    async (chunks: AsyncIterable<Buffer>) => {
      let unpacked = 0;
      for await (const chunk of chunks) {
        unpacked += chunk.length;
        if (unpacked > most) throw new PackError('unpacks to more than the manifest says');
        await tar.write(chunk);
      }
    },
  );
  await tar.end();
  reader.checkTotals();
  return reader.writtenBytes;
}

interface Unpacker {
  /** Resolves when there is room for more; rejects with what the archive or an object in it has wrong. */
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
}

// tar-stream's streams are not those of node:stream, so they are driven by hand rather than by a pipeline.
function unpacker(reader: PartReader, control: Control): Unpacker {
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
    const allowed = reader.announce(header);
    content.clear();
    stream.on('data', (chunk) => guarded(() => content.append(chunk)));
    stream.on('end', () =>
      guarded(() => {
        reader.take(header.name, content.bytes(), allowed);
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
