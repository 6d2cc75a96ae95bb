import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, zstdDecompressSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { type Entry, tree } from '../pack/builders.ts';
import { archiveOf, flipped, membersOf, packName, StoredSet, stray } from './archives.ts';
import { wholeJob } from './scenario.ts';

/** The archive of an entry, which the toolkit's tar unpacks. What is in its pack: faults-pack.test.ts. */
const stored = await StoredSet.save('base', afterAll);
const { whole } = stored;
const members = await membersOf(whole);

// A place that no archive may reach, with a pack that is whole.
const outside = join(stored.scenario.home, 'outside');
mkdirSync(join(outside, packName), { recursive: true });
for (const { name, type, content = '' } of members) {
  if (type !== 'directory') writeFileSync(join(outside, name), content);
}

const part = `${packName}/part-1.tar.zst`;
const file = (name: string): Entry => ({ name, content: 'theirs' });
const link = (name: string, linkname: string): Entry => ({ name, linkname, type: 'symlink' });
/** The pack without its first part, and then these. */
const instead = (...others: readonly Entry[]): Entry[] => [
  ...members.filter((member) => member.name !== part),
  ...others,
];
const renamed = (prefix: string): Entry[] =>
  members.map((member) => ({ ...member, name: `${prefix}${member.name}` }));

const unreadable = / cannot be unpacked: .*(premature end|end of file|Restored data|[Ee]rror)/;
const ofAnotherFormat = / cannot be unpacked: .*(unsupported format|not look like a tar|[Ee]rror)/;
const withoutPack = / cannot be unpacked: .*gobuild-test-pack: Not found in archive/;

describe('bytes that are not those of the archive', () => {
  test.each<[string, Buffer, RegExp]>([
    ['cut in half', whole.subarray(0, whole.length / 2), unreadable],
    ['without the last byte', whole.subarray(0, -1), unreadable],
    ['nothing', Buffer.alloc(0), unreadable],
    ['a flipped bit at the start', flipped(0)(whole), ofAnotherFormat],
    ['a flipped bit in the first third', flipped(0.3)(whole), unreadable],
    ['a flipped bit in the last third', flipped(0.7)(whole), unreadable],
    ['a flipped bit at the end', flipped(1)(whole), unreadable],
    ['gzip', gzipSync(whole), ofAnotherFormat],
    ['zip', Buffer.concat([Buffer.from('PK\x05\x06'), Buffer.alloc(18)]), ofAnotherFormat],
    ['text', Buffer.from('not an archive\n'.repeat(100)), ofAnotherFormat],
    ['a tar without compression', zstdDecompressSync(whole), ofAnotherFormat],
  ])('%s', async (_, archive, reason) => {
    await stored.expectRefused(archive, reason);
  });
});

describe('an archive that holds what it should not', () => {
  test.each<[string, readonly Entry[], RegExp]>([
    ['no pack', [file('other')], withoutPack],
    ['a pack of no files', members.filter(({ type }) => type === 'directory'), /the entry \S+ holds no pack/],
    ['a pack under an absolute name', renamed(`${outside}/${stray}/`), withoutPack],
    ['a pack beside the place of the transfer', renamed(`../${stray}/`), withoutPack],
    [
      'a name of the pack that climbs',
      [...members, file(`${packName}/../../${stray}`)],
      /unpacked: .*stray-file.*'\.\.'/,
    ],
    [
      'a file through a link',
      [...members, link(`${packName}/link`, outside), file(`${packName}/link/${stray}`)],
      /unpacked: .*link\/stray-file/,
    ],
    [
      'a hard link to a file outside',
      instead({ name: part, type: 'link', linkname: join(outside, part) }),
      /unpacked: .*part-1/,
    ],
    [
      'a hard link that climbs',
      instead({ name: part, type: 'link', linkname: `../../../../outside/${part}` }),
      /unpacked: .*part-1/,
    ],
    [
      'a link to a whole pack',
      [link(packName, join(outside, packName))],
      /is broken: the base: the pack is no directory of its own/,
    ],
    [
      'a link to a whole part',
      instead(link(part, join(outside, part))),
      /is broken: the base: part-1\.tar\.zst is no regular file/,
    ],
    [
      'a pipe',
      instead({ name: part, type: 'fifo' }),
      /is broken: the base: part-1\.tar\.zst is no regular file/,
    ],
  ])('%s', async (_, entries, reason) => {
    const before = tree(outside);
    await stored.expectRefused(await archiveOf(entries), reason);
    expect(tree(outside)).toEqual(before);
  });
});

test('beside a whole pack nothing is unpacked, and the pack is restored', async () => {
  const strange = [
    file(`${outside}/${stray}`),
    file(`../${stray}`),
    file(stray),
    link(`${stray}-link`, outside),
  ];
  const { main, post, restore, complete } = await stored.jobWith(await archiveOf([...strange, ...members]));
  expect([main.exitCode, post.exitCode]).toEqual([0, 0]);
  expect(main.annotations).toEqual([]);
  expect(restore.outcome).toBe('exact');
  expect(complete).toBe(true);
  expect(stored.strays()).toEqual([]);
});

test('the archive as it is, packed by tar itself, is restored', async () => {
  const tar = ['--posix', '-P', '-C', outside, '-I', 'zstdmt', '-cf', '-', packName];
  const archive = execFileSync('tar', tar, { maxBuffer: 2 ** 30 });
  expect(await stored.jobWith(archive)).toMatchObject({ restore: { outcome: 'exact' }, complete: true });
});

test('a broken archive is told once, and is replaced by the next save', async () => {
  const { scenario } = stored;
  await stored.put(whole.subarray(0, whole.length / 2));
  const second = await wholeJob(scenario);
  expect(second.report.restore).toMatchObject({ outcome: 'failed', objects: 0 });
  expect(second.main.annotations).toHaveLength(1);
  expect(second.compiled).toEqual([]);
  // The same content is stored already, but by the very entry that is broken.
  expect(second.report.save.outcome).toBe('saved');
  const third = await wholeJob(scenario, { cold: true });
  expect(third.report.restore).toMatchObject({ outcome: 'exact', matchedKey: second.report.save.key });
});
