import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { PackError } from '../../src/pack/pack-error.ts';
import { readPack } from '../../src/pack/read.ts';
import { writePack } from '../../src/pack/write.ts';
import { type RawPart, rules, scratchDirectory, sources, tree } from './builders.ts';
import { good, goodEntry, id, noise, packWith, refused } from './refused.ts';

const flipped = (offset: number) => (part: Buffer) => {
  const at = offset < 0 ? part.length + offset : Math.floor(part.length * offset);
  part.writeUInt8(part.readUInt8(at) ^ 1, at);
  return part;
};

describe('a part that is not what it should be', () => {
  it.each<[string, RawPart, RegExp]>([
    [
      'truncated',
      { entries: [noise], packed: (part) => part.subarray(0, part.length / 2) },
      /part-2\.tar\.zst/,
    ],
    ['without its last byte', { packed: (part) => part.subarray(0, -1) }, /part-2\.tar\.zst: unexpected end/],
    ['empty', { packed: () => Buffer.alloc(0) }, /part-2\.tar\.zst: unexpected end/],
    ['gzip', { tar: (tar) => tar, packed: (part) => gzipSync(part) }, /part-2\.tar\.zst: /],
    [
      'zstd of something else than a tar',
      { tar: () => Buffer.alloc(4096, 'x') },
      /part-2\.tar\.zst: .*tar header/,
    ],
    ['with a flipped bit at its start', { entries: [noise], packed: flipped(0) }, /part-2\.tar\.zst: /],
    [
      'with a flipped bit in its first third',
      { entries: [noise], packed: flipped(0.3) },
      /part-2\.tar\.zst: /,
    ],
    ['with a flipped bit in its middle', { entries: [noise], packed: flipped(0.5) }, /part-2\.tar\.zst: /],
    ['with a flipped bit near its end', { entries: [noise], packed: flipped(0.9) }, /part-2\.tar\.zst: /],
    ['with a flipped bit in its checksum', { entries: [noise], packed: flipped(-1) }, /part-2\.tar\.zst: /],
    [
      'a tar that ends in a file',
      { entries: [noise], tar: (tar) => tar.subarray(0, 100_000) },
      /nexpected end of data/,
    ],
    [
      'a tar that ends between files',
      { entries: [noise], tar: (tar) => tar.subarray(0, 1024) },
      /holds 1 files, the manifest says 2/,
    ],
    ['an entry more than its count', { entries: [noise], says: { files: 1 } }, /free\/noise: one file more/],
    ['an entry fewer than its count', { says: { files: 2 } }, /holds 1 files/],
    ['more bytes than its count', { says: { bytes: 11 } }, /-d: more bytes than the manifest says/],
    ['fewer bytes than its count', { says: { bytes: 1000 } }, /holds 12 bytes, the manifest says 1000/],
    [
      'a bomb of one file',
      { entries: [{ name: 'free/bomb', content: Buffer.alloc(50_000_000) }], says: { bytes: 5000 } },
      /unpacks to more than the manifest says/,
    ],
    [
      'a bomb of zeros after the end',
      { tar: (tar) => Buffer.concat([tar, Buffer.alloc(50_000_000)]) },
      /unpacks to more/,
    ],
    [
      'a bomb of long headers',
      { entries: [{ name: `free/${'n'.repeat(100_000)}`, content: '' }] },
      /unpacks to more|name/,
    ],
  ])('%s', async (_, part, message) => {
    await refused(await packWith(part), message);
  });

  it('any single flipped bit of a small part changes nothing or is refused', async () => {
    const files = sources({ [goodEntry.name]: good, [`${id}-a`]: `v1 ${id}\n` });
    const source = scratchDirectory('source');
    await writePack({ directory: source, files });
    const whole = readFileSync(join(source, 'part-1.tar.zst'));
    const target = scratchDirectory('whole');
    await readPack({ directory: source, target, rules });
    const right = tree(target);
    for (let bit = 0; bit < whole.length * 8; bit += 29) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      writeFileSync(join(source, 'part-1.tar.zst'), bytes);
      rmSync(target, { recursive: true, force: true });
      const outcome = await readPack({ directory: source, target, rules }).catch((error: unknown) => error);
      // The bits that only say how much memory or whether a checksum follows may be either: the content is the same.
      expect(tree(target), `bit ${bit}`).toEqual(outcome instanceof PackError ? {} : right);
    }
  });
});
