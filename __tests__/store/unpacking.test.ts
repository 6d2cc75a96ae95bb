import { lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { type CacheServer, startCacheServer } from '../../local/server/server.ts';
import { CacheStore } from '../../src/store/cache.ts';
import type { RestoreOutcome } from '../../src/store/outcomes.ts';
import { confined } from '../../src/store/unpacking.ts';
import { type Entry, tarOf, tree } from '../pack/builders.ts';

// Below `home`: outside/ is what no archive may reach, transfers/<root>/ is where tar unpacks.
let home: string;
let outside: string;
let server: CacheServer;

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'gobuild-test-unpacking-'));
  outside = join(home, 'outside');
  mkdirSync(outside);
  writeFileSync(join(outside, 'mine'), 'mine');
  server = await startCacheServer({ directory: join(home, 'entries') });
  onTestFinished(async () => {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  });
});

const pack: readonly Entry[] = [
  { name: 'gobuild-test-pack/', type: 'directory', mode: 0o755 },
  { name: 'gobuild-test-pack/manifest.json', content: '{}' },
];
const linkTo = (name: string, linkname: string): Entry => ({ name, linkname, type: 'symlink' });
const hardLinkTo = (name: string, linkname: string): Entry => ({ name, linkname, type: 'link' });
const file = (name: string): Entry => ({ name, content: 'theirs' });

/** Restores an entry whose archive holds this, after a whole one was saved by the store itself. */
async function restored(entries: readonly Entry[], env: NodeJS.ProcessEnv = {}): Promise<RestoreOutcome> {
  const store = new CacheStore(join(home, 'transfers'), { ...process.env, ...server.environment(), ...env });
  const directory = store.prepare();
  mkdirSync(directory.pack);
  writeFileSync(join(directory.pack, 'manifest.json'), '{}');
  expect(await store.save(directory, 'some-key')).toMatchObject({ kind: 'saved' });
  const archive = zstdCompressSync(await tarOf(entries));
  await server.corrupt('some-key', () => archive);
  return await store.restore(['some-key']);
}

describe('an archive writes nothing outside the directory of its transfer', () => {
  const inPack = (name: string) => `gobuild-test-pack/${name}`;
  const up = '../../outside'; // From where tar unpacks.
  const hit = { kind: 'hit', key: 'some-key' };
  const failed = (reason: RegExp) => {
    return { kind: 'failed', key: 'some-key', reason: expect.stringMatching(reason) };
  };
  test.each<[string, () => readonly Entry[], object]>([
    ['a whole one', () => pack, hit],
    ['an absolute name', () => [...pack, file(join(outside, 'theirs'))], hit],
    ['a name that climbs', () => [...pack, file(`${up}/theirs`)], hit],
    [
      'a name of the pack that climbs',
      () => [...pack, file(inPack(`../${up}/theirs`))],
      failed(/cannot be unpacked: .*theirs.*'\.\.'/),
    ],
    [
      'a file through a link',
      () => [...pack, linkTo(inPack('link'), outside), file(inPack('link/theirs'))],
      failed(/unpacked: .*link\/theirs/),
    ],
    [
      'a file through a relative link',
      () => [...pack, linkTo(inPack('link'), `../${up}`), file(inPack('link/theirs'))],
      failed(/unpacked: .*link\/theirs/),
    ],
    [
      'a file in a pack that is a link',
      () => [linkTo('gobuild-test-pack', outside), file(inPack('manifest.json'))],
      failed(/unpacked: .*manifest\.json/),
    ],
    [
      'a file over a hard link',
      () => [...pack, hardLinkTo(inPack('link'), join(outside, 'mine')), file(inPack('link'))],
      failed(/unpacked: .*link/),
    ],
    [
      'a hard link that climbs',
      () => [...pack, hardLinkTo(inPack('link'), `${up}/mine`)],
      failed(/unpacked: .*link/),
    ],
    [
      'a hard link through a link',
      () => [...pack, linkTo(inPack('a'), outside), hardLinkTo(inPack('b'), inPack('a/mine'))],
      failed(/unpacked: .*mine/),
    ],
    ['no pack', () => [file('other')], failed(/gobuild-test-pack: Not found in archive/)],
    [
      'a pack under an absolute name',
      () => [file(join(outside, inPack('manifest.json')))],
      failed(/Not found/),
    ],
  ])('%s', async (_, entries, expected) => {
    const before = tree(outside);
    expect(await restored(entries())).toMatchObject(expected);
    expect(tree(outside)).toEqual(before);
    expect(lstatSync(join(outside, 'mine')).nlink).toBe(1);
  });

  test("a -P in GNU tar's own variable changes nothing", async () => {
    const entries = [...pack, file(inPack(`../${up}/theirs`))];
    expect(await restored(entries, { TAR_OPTIONS: '-P' })).toMatchObject({ kind: 'failed' });
    expect(Object.keys(tree(outside))).toEqual(['', 'mine']);
  });
});

test.skipIf(process.platform === 'win32')(
  'a path that is longer than the system takes at once is removed, too',
  async () => {
    const names = [...Array(19).fill('a'.repeat(200)), 'b'.repeat(200)];
    const deep: Entry = { name: `gobuild-test-pack/${names.join('/')}/`, type: 'directory', mode: 0o755 };
    const outcome = await restored([...pack, deep]);
    if (outcome.kind !== 'hit') throw new Error(JSON.stringify(outcome));
    new CacheStore(home, {}).discard(outcome.directory);
    expect(readdirSync(join(home, 'transfers'))).toEqual([]);
  },
);

test.skipIf(process.platform === 'win32')('what is unpacked is ours, and plain', async () => {
  const [directory, manifest] = pack;
  const outcome = await restored([
    { name: './', type: 'directory', mode: 0o777, uid: 4242, gid: 4242 },
    { ...file('beside'), uid: 4242 },
    { ...(directory ?? file('')), uid: 4242, gid: 4242 },
    { ...(manifest ?? file('')), uid: 4242, gid: 4242, mode: 0o6755 },
  ]);
  if (outcome.kind !== 'hit') throw new Error(JSON.stringify(outcome));
  const seen = (path: string) => {
    const { uid, mode } = lstatSync(path);
    return { uid, setid: mode & 0o6000 };
  };
  const plain = { uid: process.getuid?.(), setid: 0 };
  expect(seen(outcome.directory.pack)).toEqual(plain);
  expect(seen(join(outcome.directory.pack, 'manifest.json'))).toEqual(plain);
  expect(lstatSync(outcome.directory.root).mode & 0o777).toBe(0o700);
  expect(tree(outcome.directory.root)).not.toHaveProperty('beside');
});

test('only a tar that unpacks is started with other arguments than the toolkit has', () => {
  const added = ['--no-same-owner', '--no-same-permissions', 'gobuild-test-pack'];
  const unpack = ['-C', '/w', '--force-local', '--use-compress-program', 'zstd -d'];
  expect(confined(['-xf', 'a', '-P', ...unpack])).toEqual(['-xf', 'a', ...unpack, ...added]);
  for (const args of [['-tf', 'a', '-P'], ['--posix', '-cf', 'a', '-P'], ['--quiet', '--version'], []]) {
    expect(confined(args)).toEqual(args);
  }
});

test.skipIf(process.getuid?.() === 0 || process.platform === 'win32')(
  'a directory that an archive has closed is removed (skipped for root and on Windows, where modes do not refuse)',
  async () => {
    const closed: Entry = { name: 'gobuild-test-pack/closed/', type: 'directory', mode: 0o500 };
    const outcome = await restored([...pack, closed, file(`${closed.name}inside`)]);
    if (outcome.kind !== 'hit') throw new Error(JSON.stringify(outcome));
    new CacheStore(home, {}).discard(outcome.directory);
    expect(readdirSync(join(home, 'transfers'))).toEqual([]);
  },
);
