import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { constants, createZstdCompress } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Control } from '../../src/pack/control.ts';
import { MOST_AT_ONCE, readTar } from '../../src/pack/tar-reader.ts';
import { compressor } from '../../src/pack/zstd.ts';
import { type Entry, scratchDirectory, tarOf } from './builders.ts';

const noise = randomBytes(3_000_000);
const entries: readonly Entry[] = [
  { name: 'empty', content: '' },
  ...Array.from({ length: 500 }, (_, at) => ({ name: `small/${at}`, content: `${at}`.repeat(at) })),
  { name: 'large', content: noise },
  { name: `${'long'.repeat(50)} é ✓`, content: 'a name that needs a longer header' },
  { name: 'aligned', content: noise.subarray(0, 512 * 1024) },
];

async function partOf(contents: readonly Entry[], zstd = compressor(3)): Promise<Buffer> {
  zstd.end(await tarOf(contents));
  return await buffer(zstd);
}

/** What the entries of a part hold, by name; the manifest promises so many bytes. */
async function read(part: Buffer, bytes: number): Promise<Record<string, Buffer>> {
  const path = scratchDirectory('part-1.tar.zst');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, part);
  const found: Record<string, Buffer> = {};
  const taker = {
    announce: () => undefined,
    take: (name: string, content: Buffer) => {
      found[name] = Buffer.from(content);
    },
  };
  const control = new Control();
  await readTar({ path, files: entries.length, bytes }, taker, control);
  expect(control.files).toBe(Object.keys(found).length);
  return found;
}

// What decides is what is promised, not what comes.
describe.each([
  ['at once', 4_000_000],
  ['as a stream', MOST_AT_ONCE + 1],
])('a part that is read %s', (_, promised) => {
  it('gives each entry whole', async () => {
    const found = await read(await partOf(entries), promised);
    expect(Object.keys(found)).toEqual(entries.map(({ name }) => name));
    for (const { name, content = '' } of entries)
      expect(found[name]?.equals(Buffer.from(content)), name).toBe(true);
  });

  it.each<[string, (part: Buffer) => Buffer, RegExp]>([
    ['empty', () => Buffer.alloc(0), /unexpected end of file/],
    ['cut in its middle', (part) => part.subarray(0, part.length / 2), /unexpected end of file/],
    ['without its last byte', (part) => part.subarray(0, -1), /unexpected end of file/],
    ['no zstd', () => Buffer.from('no zstd'.repeat(1000)), /Unknown frame descriptor/],
    ['with a wrong checksum', (part) => flipped(part, part.length - 1), /doesn't match checksum/],
    ['with a flipped bit', (part) => flipped(part, part.length - 1000), /doesn't match checksum/],
  ])('is refused where it is %s', async (_name, change, message) => {
    await expect(read(change(await partOf(entries)), promised)).rejects.toThrow(message);
  });

  it('is refused where it asks for a larger window than any writer uses', async () => {
    const wide = createZstdCompress({ params: { [constants.ZSTD_c_windowLog]: 27 } });
    await expect(read(await partOf(entries, wide), promised)).rejects.toThrow(/requires too much memory/);
  });

  it('is refused where it unpacks to more than is promised', async () => {
    const zeros = { name: 'zeros', content: Buffer.alloc(promised + 5_000_000) };
    await expect(read(await partOf([zeros]), promised)).rejects.toThrow(
      /unpacks to more than the manifest says/,
    );
  });

  it('is refused where its tar ends in an entry', async () => {
    const zstd = compressor(3);
    zstd.end((await tarOf(entries)).subarray(0, 1_000_000));
    await expect(read(await buffer(zstd), promised)).rejects.toThrow(/nexpected end of data/);
  });
});

it('a part that is larger on the disk than what is held at once is read as a stream', async () => {
  // Only a stream comes to see it: what follows the frame is no frame.
  const part = Buffer.concat([await partOf(entries), Buffer.alloc(MOST_AT_ONCE)]);
  await expect(read(part, 4_000_000)).rejects.toThrow(/Unknown frame descriptor/);
});

function flipped(part: Buffer, at: number): Buffer {
  const changed = Buffer.from(part);
  changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
  return changed;
}
