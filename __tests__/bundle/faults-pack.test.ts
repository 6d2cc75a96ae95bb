import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, test } from 'vitest';
import { manifestOf, parseManifest, textOfManifest } from '../../src/pack/manifest.ts';
import { type Entry, outputName } from '../pack/builders.ts';
import { archiveOf, changed, flipped, membersOf, packName, StoredSet, stray } from './archives.ts';

/** What is in the pack of an entry, which is read by the action itself. The archive around it: faults-archive.test.ts. */
const stored = await StoredSet.save('top', afterAll);
const members = await membersOf(stored.whole);
const [manifestName, partName] = [`${packName}/manifest.json`, `${packName}/part-1.tar.zst`];
const contentOf = (name: string) =>
  Buffer.from(members.find((member) => member.name === name)?.content ?? '');
const manifest = parseManifest(contentOf(manifestName).toString());
const part = contentOf(partName);
const objects = await membersOf(part);
const record = objects.find(({ name }) => name.endsWith('-a'))?.name ?? '';
const output = objects.findLast(({ name }) => name.endsWith('-d'))?.name ?? '';

/** The entry with another first part, which the manifest describes but for what is added to its counts. */
async function withPart(bytes: Buffer, { files = 0, bytes: more = 0 } = {}): Promise<Buffer> {
  const parts = manifest.parts.map((one, at) =>
    at > 0 ? one : { ...one, files: one.files + files, bytes: one.bytes + more, packedBytes: bytes.length },
  );
  return await withManifest(
    textOfManifest(manifestOf({ ...manifest, parts })),
    changed(members, partName, () => bytes),
  );
}

function withManifest(text: string, others: readonly Entry[] = members): Promise<Buffer> {
  return archiveOf(changed(others, manifestName, () => text));
}

/** The first part with one object more, which the manifest counts. */
async function withObject(entry: Entry): Promise<Buffer> {
  const bytes = Buffer.byteLength(entry.content ?? '');
  return await withPart(await archiveOf([...objects, entry]), { files: 1, bytes });
}

const withContent = async (name: string, change: (content: Buffer) => Buffer) =>
  await withPart(await archiveOf(changed(objects, name, change)));

/** What tells that it is the pack that is wrong, and where. */
const broken = (what: RegExp) => new RegExp(`: the entry \\S+ is broken: ${what.source}`);

describe('a part that is not what it should be', () => {
  const inPart = broken(/part-1\.tar\.zst: /);
  test.each<[string, () => Promise<Buffer>, RegExp]>([
    ['cut in half', () => withPart(part.subarray(0, part.length / 2)), inPart],
    ['without the last byte', () => withPart(part.subarray(0, -1)), inPart],
    [
      'shorter than the manifest says',
      () => archiveOf(changed(members, partName, (bytes) => bytes.subarray(0, -1))),
      broken(/part-1\.tar\.zst has \d+ bytes, the manifest says \d+/),
    ],
    ['nothing', () => withPart(Buffer.alloc(0)), inPart],
    ['a flipped bit at the start', () => withPart(flipped(0)(part)), inPart],
    ['a flipped bit in the first third', () => withPart(flipped(0.3)(part)), inPart],
    ['a flipped bit in the last third', () => withPart(flipped(0.7)(part)), inPart],
    ['a flipped bit at the end', () => withPart(flipped(1)(part)), inPart],
    ['gzip', () => withPart(gzipSync(part)), inPart],
    ['zip', () => withPart(Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)])), inPart],
    ['text', () => withPart(Buffer.from('not an archive\n'.repeat(100))), inPart],
  ])('%s', async (_, archive, reason) => {
    await stored.expectRefused(await archive(), reason);
  });
});

describe('an object that is not what it should be', () => {
  const outside = join(stored.scenario.home, stray);
  const inObject = (what: RegExp) => broken(new RegExp(`part-1\\.tar\\.zst: .*${what.source}`));
  test.each<[string, () => Promise<Buffer>, RegExp]>([
    [
      'an absolute name',
      () => withObject({ name: outside, content: 'theirs' }),
      inObject(/stray-file: the name is not a plain relative one/),
    ],
    [
      'a name that climbs',
      () => withObject({ name: `../../${stray}`, content: 'theirs' }),
      inObject(/stray-file: the name is not a plain relative one/),
    ],
    [
      'a name that climbs, in a header of its own',
      () => withObject({ name: output, content: 'theirs', pax: { path: `../${stray}` } }),
      inObject(/stray-file: the name is not a plain relative one/),
    ],
    [
      'a name that no object has',
      () => withObject({ name: `fuzz/${stray}`, content: 'theirs' }),
      inObject(/fuzz\/stray-file: no rule allows this name/),
    ],
    [
      'a link that points outside',
      () => withObject({ name: outputName('theirs'), type: 'symlink', linkname: outside }),
      inObject(/-d: a symlink is no regular file/),
    ],
    [
      'a hard link that points outside',
      () =>
        withObject({
          name: outputName('theirs'),
          type: 'link',
          linkname: join(stored.scenario.workspace, 'go.mod'),
        }),
      inObject(/-d: a link is no regular file/),
    ],
    [
      'an output of the set with another bit',
      () => withContent(output, flipped(0.5)),
      inObject(/-d: the content does not hash to the name/),
    ],
    [
      'an output that hashes to another name',
      () => withObject({ name: outputName('ours'), content: 'theirs' }),
      inObject(/-d: the content does not hash to the name/),
    ],
    [
      'an executable that hashes to another name',
      () => withObject({ name: `${outputName('ours')}/covdata`, content: 'theirs' }),
      inObject(/-d\/covdata: the content does not hash to the name/),
    ],
    [
      'a record of another form',
      () => withContent(record, (content) => content.fill('v2', 0, 2)),
      inObject(/-a: the content has not the form/),
    ],
    [
      'a record of another action',
      () => withContent(record, (content) => content.fill('0'.repeat(64), 3, 67)),
      inObject(/-a: the content belongs to another name/),
    ],
  ])('%s', async (_, archive, reason) => {
    await stored.expectRefused(await archive(), reason);
  });
});

describe('a manifest that is not what it should be', () => {
  const without = (name: string) => archiveOf(members.filter((member) => member.name !== name));
  test.each<[string, () => Promise<Buffer>, RegExp]>([
    [
      'of a newer version',
      () => withManifest(JSON.stringify({ pack: 3, more: true })),
      broken(/manifest\.json: a newer version wrote this pack \(format 3, known is 2\)/),
    ],
    ['missing', () => without(manifestName), /the entry \S+ holds no pack/],
    ['garbage', () => withManifest('{"pack": 1'), broken(/manifest\.json is not JSON/)],
    ['nothing', () => withManifest(''), broken(/manifest\.json is not JSON/)],
    [
      'with a sum that is wrong',
      () => withManifest(textOfManifest({ ...manifest, files: manifest.files + 1 })),
      broken(/manifest\.json: files is not the sum/),
    ],
    [
      'with a file more',
      () => withPart(part, { files: 1 }),
      broken(/part-1\.tar\.zst: holds \d+ files, the manifest says \d+/),
    ],
    [
      'with a file fewer',
      () => withPart(part, { files: -1 }),
      broken(/.*one file more than the manifest says/),
    ],
    [
      'with a byte more',
      () => withPart(part, { bytes: 1 }),
      broken(/part-1\.tar\.zst: holds \d+ bytes, the manifest says \d+/),
    ],
    ['with a byte fewer', () => withPart(part, { bytes: -1 }), broken(/.*more bytes than the manifest says/)],
    ['without its part', () => without(partName), broken(/part-1\.tar\.zst is missing/)],
    [
      'beside a file that it does not name',
      () => archiveOf([...members, { name: `${packName}/${stray}`, content: 'theirs' }]),
      broken(/stray-file: not described by the manifest/),
    ],
  ])('%s', async (_, archive, reason) => {
    await stored.expectRefused(await archive(), reason);
  });
});
