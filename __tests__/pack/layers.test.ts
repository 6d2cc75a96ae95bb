import { rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPack } from '../../src/pack/read.ts';
import { readLayers } from '../../src/pack/read-layers.ts';
import { writePack } from '../../src/pack/write.ts';
import { put, rules, scratchDirectory, sources, tree } from './builders.ts';
import {
  type Contents,
  edited,
  expectContents,
  noiseOf,
  outputs,
  read,
  record,
  refusedLayers,
  writeBase,
  writeTopOn,
} from './layers.ts';

/** Packages of many sizes, and a program. */
const packages = Array.from({ length: 40 }, (_, n) => noiseOf(n, 1000 + n * n * 150));
const old = packages.slice(0, 15);
const program = noiseOf('program', 90_000);
const kept: Contents = {
  ...outputs(packages.slice(15)),
  ...record('kept'),
  'free/kept': 'whatever it is called',
};
const before: Contents = {
  ...kept,
  ...outputs(old),
  ...record('old'),
  [`${Object.keys(outputs([program]))[0]}/program`]: program,
  'free/old': noiseOf('free', 10_000),
};
const newProgram = edited(program, 'now');
const after: Contents = {
  ...kept,
  ...outputs(old.map((content) => edited(content, 'now'))),
  ...record('new'),
  [`${Object.keys(outputs([newProgram]))[0]}/program`]: newProgram,
  'free/new': edited(noiseOf('free', 10_000), 'now'),
  ...outputs(['', 'little']),
};

describe('a set that is written on a base and read with it', () => {
  it.each([1, 4])('is the set and nothing else, in %i threads', async (threads) => {
    const base = await writeBase(before);
    const top = await writeTopOn(base, after, { threads });
    const { result, target } = await read(top.directory, base, { threads });
    expectContents(target, after);
    const bytes = sources(after).reduce((sum, file) => sum + file.bytes, 0);
    expect(result).toMatchObject({ files: Object.keys(after).length, bytes, writtenBytes: bytes });
    expect([...result.written].sort()).toEqual(Object.keys(after).sort());
    expect(result.base).toMatchObject(base.listing);
  });

  it('has what was written anew under a name of the base, whose name is no hash of it', async () => {
    const base = await writeBase(before);
    const { result } = await read((await writeTopOn(base, before)).directory, base);
    const known = { ...base, listing: result.base };
    const top = await writeTopOn(known, { ...before, 'free/kept': 'As long, and with others' });
    expect(top.written).toMatchObject({ files: 1, dead: { files: 1 } });
    const again = await read(top.directory, base);
    expectContents(again.target, { ...before, 'free/kept': 'As long, and with others' });
    expect(again.result.files).toBe(Object.keys(before).length);
    expect((await writeTopOn(known, before)).written).toMatchObject({ files: 0, dead: { files: 0 } });
  });

  it('takes little: what has a reference is packed as what it differs by', async () => {
    const base = await writeBase(before);
    const { written } = await writeTopOn(base, after);
    // All old packages and the program; not what is very short, nor what has no hash for its name.
    expect(written.deltas.files).toBe(16);
    expect(written.deltas.packedBytes).toBeLessThan(5000);
    expect(written.dead).toMatchObject({ files: 18 });
    expect(written.files).toBe(Object.keys(after).length - Object.keys(kept).length);
  });

  it.skipIf(process.platform === 'win32')('has executable programs', async () => {
    const base = await writeBase(before);
    const { target } = await read((await writeTopOn(base, after)).directory, base);
    const name = Object.keys(after).find((one) => one.endsWith('/program')) ?? '';
    expect(statSync(join(target, name)).mode & 0o777).toBe(0o777 & ~process.umask());
  });

  it('has the same bytes for the same files, whatever their order and threads', async () => {
    const base = await writeBase(before);
    const shuffled = { ...base, listing: base.listing.toReversed() };
    const reversed = Object.fromEntries(Object.entries(after).reverse());
    const first = await writeTopOn(base, after, { threads: 1 });
    const second = await writeTopOn(shuffled, reversed, {
      ...{ threads: 4, references: base.files.toReversed() },
    });
    expect(tree(second.directory)).toEqual(tree(first.directory));
  });

  it('leaves a file that is there as it is', async () => {
    const base = await writeBase(before);
    const top = await writeTopOn(base, after);
    const [rebuilt = ''] = Object.keys(outputs([edited(old[3] ?? Buffer.alloc(0), 'now')]));
    const [live = ''] = Object.keys(outputs(packages.slice(20, 21)));
    const target = scratchDirectory('target');
    for (const name of [rebuilt, live]) put(join(target, name), 'mine');
    const aside = { directory: scratchDirectory('aside'), keep: 'all' } as const;
    const result = await readLayers({ top: top.directory, base, target, aside, rules });
    expect(result.written).not.toContain(rebuilt);
    expect(result.written).not.toContain(live);
    expectContents(target, { ...after, [rebuilt]: 'mine', [live]: 'mine' });
  });

  it('on a base that it is the same as, and on one that it shares nothing with', async () => {
    const base = await writeBase(before);
    const same = await writeTopOn(base, before);
    expect(same.written).toMatchObject({ files: 0, parts: 0, dead: { files: 0 } });
    expectContents((await read(same.directory, base)).target, before);
    const other = outputs([noiseOf('another', 100_000)]);
    const foreign = await writeTopOn(base, other);
    expect(foreign.written).toMatchObject({ files: 1, deltas: { files: 0 } });
    expectContents((await read(foreign.directory, base)).target, other);
    const none = await writeTopOn(base, {});
    expectContents((await read(none.directory, base)).target, {});
  });

  it('of many parts of each kind', async () => {
    const large = Array.from({ length: 6 }, (_, n) => noiseOf(`large ${n}`, 4_000_000));
    const base = await writeBase(outputs(large));
    const set = {
      ...outputs(large.map((one) => edited(one, 'now'))),
      ...outputs([noiseOf('x', 17_000_000)]),
    };
    const top = await writeTopOn(base, set, { parts: 3 });
    expect(Object.keys(tree(top.directory)).sort()).toEqual([
      ...['', 'delta-1.tar.zst', 'delta-2.tar.zst', 'delta-3.tar.zst', 'manifest.json', 'part-1.tar.zst'],
    ]);
    expect(top.written.packedBytes).toBeLessThan(17_400_000);
    expectContents((await read(top.directory, base)).target, set);
  });
});

describe('what of the base is put aside', () => {
  const dead = { ...outputs(old), [`${Object.keys(outputs([program]))[0]}/program`]: program };

  it('needed: what the deltas refer to', async () => {
    const base = await writeBase(before);
    const set = { ...kept, ...outputs(old.slice(0, 3).map((content) => edited(content, 'now'))) };
    const top = await writeTopOn(base, set);
    const { result, aside } = await read(top.directory, base, { keep: 'needed' });
    expectContents(aside, outputs(old.slice(0, 3)));
    expect(result.kept.map(({ name }) => name).sort()).toEqual(Object.keys(outputs(old.slice(0, 3))).sort());
  });

  it('all: what others could refer to, with which the next top is written', async () => {
    const base = await writeBase(before);
    const top = await writeTopOn(base, kept);
    const { result, aside, target } = await read(top.directory, base, { keep: 'all' });
    expectContents(aside, dead);
    const next = await writeTopOn({ ...base, listing: result.base }, after, { references: result.kept });
    expect(next.written.deltas.files).toBe(16);
    rmSync(target, { recursive: true });
    expectContents((await read(next.directory, base)).target, after);
  });
});

describe('a reference that is not to be used costs the delta alone', () => {
  const [content, now] = [noiseOf('one', 50_000), edited(noiseOf('one', 50_000), 'now')];
  const set = outputs([now]);

  it.each<[string, (path: string) => void]>([
    ['that vanished', (path) => rmSync(path)],
    ['of another size', (path) => writeFileSync(path, 'short')],
    ['that is not what its name says', (path) => writeFileSync(path, noiseOf('other', 50_000))],
  ])('one %s', async (_, spoil) => {
    const base = await writeBase(outputs([content]));
    const references = sources(outputs([content]));
    for (const { path } of references) spoil(path);
    const top = await writeTopOn(base, set, { references });
    expect(top.written).toMatchObject({ files: 1, deltas: { files: 0 } });
    expectContents((await read(top.directory, base)).target, set);
  });

  it('one that zstd would read as a dictionary of its own form', async () => {
    const dictionary = Buffer.concat([Buffer.from([0x37, 0xa4, 0x30, 0xec]), content]);
    const base = await writeBase(outputs([dictionary]));
    const changed = outputs([edited(dictionary, 'now')]);
    const top = await writeTopOn(base, changed);
    expect(top.written.deltas.files).toBe(0);
    expectContents((await read(top.directory, base)).target, changed);
  });

  it('one that is too large, or of a content that is', async () => {
    const large = Buffer.concat(Array.from({ length: 34 }, () => noiseOf('large', 1024 * 1024)));
    const base = await writeBase(outputs([large, large.subarray(0, 2_000_000)]));
    const changed = outputs([edited(large, 'now'), edited(large.subarray(0, 2_000_000), 'now')]);
    const top = await writeTopOn(base, changed);
    expect(top.written.deltas.files).toBe(1);
    const { target, aside } = await read(top.directory, base, { keep: 'all' });
    expectContents(target, changed);
    expectContents(aside, outputs([large.subarray(0, 2_000_000)]));
  });

  it('one of a file without rules: no name is known to be a hash', async () => {
    const base = await writeBase(outputs([content]));
    const directory = scratchDirectory('top');
    const on = { key: base.key, files: base.listing, references: base.files };
    expect(await writePack({ directory, files: sources(set), base: on })).toMatchObject({
      ...{ files: 1, deltas: { files: 0 } },
    });
  });
});

describe('a top without its base', () => {
  it('is read alone where it has no deltas', async () => {
    const base = await writeBase(before);
    const added = { ...before, ...outputs([noiseOf('added', 5000)]), ...record('added') };
    const { directory, written } = await writeTopOn(base, added);
    expect(written.deltas.files).toBe(0);
    const target = scratchDirectory('target');
    expect(await readPack({ directory, target, rules })).toMatchObject({ files: 2 });
    expectContents(target, { ...outputs([noiseOf('added', 5000)]), ...record('added') });
  });

  it('is refused where it has', async () => {
    const base = await writeBase(before);
    const { directory } = await writeTopOn(base, after);
    const target = scratchDirectory('target');
    await expect(readPack({ directory, target, rules })).rejects.toThrow(/needs the base/);
    expect(tree(target)).toEqual({});
    const gone = { ...base, directory: scratchDirectory('gone') };
    await refusedLayers({ top: directory, base: gone }, /^the base: ENOENT/);
  });
});
