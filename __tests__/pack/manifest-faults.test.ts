import { renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { put, rawPack } from './builders.ts';
import { goodEntry, refused } from './refused.ts';

describe('a manifest that is not what it should be', () => {
  const part = { name: 'part-1.tar.zst', files: 1, bytes: 1, packedBytes: 1 };
  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['newer', { pack: 3, more: true }, /a newer version wrote this pack \(format 3, known is 2\)/],
    ['of no version', { pack: '1' }, /not the manifest of a pack/],
    ['with a wrong file count', { files: 7 }, /files is not the sum/],
    ['with a wrong byte count', { bytes: 7 }, /bytes is not the sum/],
    ['with a count that is none', { files: -1 }, /files of the manifest is not a count/],
    ['with an unknown field', { extra: 1 }, /unknown field extra/],
    ['without parts', { parts: undefined }, /has no parts/],
    ['with parts of another kind', { parts: {} }, /parts is not a list/],
    ['with too many parts', { parts: Array(2000).fill(part) }, /2000 parts are too many/],
    ['with a part of no form', { parts: [7] }, /part-1\.tar\.zst is not an object/],
    [
      'with a part of another name',
      { parts: [{ ...part, name: '../part-1.tar.zst' }] },
      /part-1\.tar\.zst is called/,
    ],
    ['with a part without a size', { parts: [{ ...part, packedBytes: undefined }] }, /has no packedBytes/],
    ['with a part too few', { files: 0, bytes: 0, parts: [] }, /part-1\.tar\.zst: not described/],
    [
      'with a part too many',
      { files: 2, bytes: 2, parts: [part, { ...part, name: 'part-2.tar.zst' }] },
      /part-\d/,
    ],
  ])('%s', async (_, says, message) => {
    await refused(await rawPack({ parts: [{ entries: [goodEntry] }], says }), message);
  });

  it.each<[string, (directory: string) => void, RegExp]>([
    ['missing', (directory) => rmSync(join(directory, 'manifest.json')), /manifest\.json is missing/],
    ['garbage', (directory) => writeFileSync(join(directory, 'manifest.json'), '{"pack": 1'), /is not JSON/],
    ['a list', (directory) => writeFileSync(join(directory, 'manifest.json'), '[]'), /not an object/],
    [
      'huge',
      (directory) => truncateSync(join(directory, 'manifest.json'), 2 ** 30),
      /no regular file of its size/,
    ],
    [
      'without its part',
      (directory) => rmSync(join(directory, 'part-1.tar.zst')),
      /part-1\.tar\.zst is missing/,
    ],
    ['beside a file of no part', (directory) => put(join(directory, 'extra'), ''), /extra: not described/],
    [
      'of a part with more bytes',
      (directory) => put(join(directory, 'part-1.tar.zst'), 'longer than that'),
      /has 16 bytes/,
    ],
    ['of no directory', (directory) => rmSync(directory, { recursive: true }), /ENOENT/],
    [
      'of a directory that is a link',
      (directory) => {
        renameSync(directory, `${directory}-elsewhere`);
        symlinkSync(`${directory}-elsewhere`, directory, 'junction');
      },
      /no directory of its own/,
    ],
  ])('%s', async (_, spoil, message) => {
    const directory = await rawPack({ parts: [{ entries: [goodEntry] }] });
    spoil(directory);
    await refused(directory, message);
  });
});
