import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PackError } from '../../src/pack/pack-error.ts';
import { readPack } from '../../src/pack/read.ts';
import { writePack } from '../../src/pack/write.ts';
import type { Gauge, Watch } from '../../src/progress.ts';
import { outputName, put, rules, scratchDirectory, sources, tree } from './builders.ts';

const id = 'ab'.repeat(32);
const small = 'small';
const large = randomBytes(3_000_000);
const program = '#!/bin/sh\nexit 0\n';
const contents = {
  [`${id}-a`]: `v1 ${id}\n`,
  [outputName(small)]: small,
  [outputName(large)]: large,
  [`${outputName(program)}/program`]: program,
  'free/empty': '',
  'free/deep/er/é ✓ name': 'names may be long and odd',
  [`free/${'long'.repeat(50)}`]: 'a name that needs a longer header',
};

function read(directory: string, target: string) {
  return readPack({ directory, target, rules });
}

describe('a pack that is written and read', () => {
  it.each(['plain', 'with spaces', 'ünïcödé ✓', 'missing/parents'])('into a target %s', async (place) => {
    const directory = join(scratchDirectory(place), 'pack');
    const target = join(scratchDirectory(place), 'target');
    const files = sources(contents);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    const written = await writePack({ directory, files });
    expect(written).toMatchObject({ files: files.length, bytes, parts: 1 });
    const result = await read(directory, target);
    expect(result).toMatchObject({ files: files.length, bytes, writtenBytes: bytes });
    expect([...result.written].sort()).toEqual(Object.keys(contents).sort());
    for (const [name, content] of Object.entries(contents)) {
      expect(readFileSync(join(target, name)).equals(Buffer.from(content)), name).toBe(true);
    }
  });

  it('in several parts and threads, each part an ordinary file of the manifest', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [`free/${n}`, randomBytes(1_000_000 + n)]),
    );
    const directory = scratchDirectory();
    const target = scratchDirectory('target');
    const files = sources(many);
    const written = await writePack({ directory, files, parts: 3, threads: 2 });
    expect(readdirSync(directory).sort()).toEqual([
      'manifest.json',
      'part-1.tar.zst',
      'part-2.tar.zst',
      'part-3.tar.zst',
    ]);
    const sizes = [1, 2, 3].map((n) => statSync(join(directory, `part-${n}.tar.zst`)).size);
    expect(written.packedBytes).toBe(sizes.reduce((sum, size) => sum + size));
    const result = await readPack({ directory, target, rules, threads: 5 });
    expect(result.written.length).toBe(40);
    for (const file of files) {
      expect(readFileSync(join(target, file.name)).equals(readFileSync(file.path)), file.name).toBe(true);
    }
  });

  it('without what a reader with the same rules would refuse', async () => {
    const directory = scratchDirectory();
    const target = scratchDirectory('target');
    const half = { [outputName('other')]: 'half', [`${'cd'.repeat(32)}-a`]: 'v1', 'trim.txt': '1' };
    const written = await writePack({ directory, files: sources({ ...contents, ...half }), rules });
    expect([...written.broken].sort()).toEqual(Object.keys(half).sort());
    expect(written.files).toBe(Object.keys(contents).length);
    expect([...(await read(directory, target)).written].sort()).toEqual(Object.keys(contents).sort());
  });

  it('with a count of the files that are done, which grows to all of them', async () => {
    const directory = join(scratchDirectory(), 'pack');
    const files = sources(
      Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`free/${at}`, `${at}`])),
    );
    for (const run of [
      (watch: Watch) => writePack({ directory, files, parts: 3, watch }),
      (watch: Watch) => readPack({ directory, target: scratchDirectory('target'), rules, watch }),
    ]) {
      let gauge: Gauge = () => undefined;
      const seen: number[] = [];
      const timer = setInterval(() => seen.push(gauge()?.done ?? 0), 1);
      await run((given) => {
        gauge = given;
      });
      clearInterval(timer);
      expect(seen).toEqual([...seen].sort((a, b) => a - b));
      expect(gauge()).toEqual({ done: files.length, total: files.length });
    }
  });

  it('with a note, which may say what was packed', async () => {
    const directory = scratchDirectory();
    const files = sources(contents);
    const written = await writePack({ directory, files, note: (packed) => ({ packed, odd: ['é', null] }) });
    const { note } = await read(directory, scratchDirectory('target'));
    const { bytes, packedBytes } = written;
    expect(note).toEqual({ packed: { bytes, packedBytes }, odd: ['é', null] });
  });

  it('without files', async () => {
    const directory = scratchDirectory();
    const target = scratchDirectory('target');
    expect(await writePack({ directory, files: [] })).toEqual({
      files: 0,
      bytes: 0,
      packedBytes: 0,
      parts: 0,
      broken: [],
      listing: [],
      deltas: { files: 0, bytes: 0, packedBytes: 0 },
      dead: { files: 0, bytes: 0 },
    });
    expect(await read(directory, target)).toEqual({ written: [], writtenBytes: 0, files: 0, bytes: 0 });
  });

  it.skipIf(process.platform === 'win32')('makes executables executable, less the umask', async () => {
    const directory = scratchDirectory();
    const target = scratchDirectory('target');
    await writePack({ directory, files: sources(contents) });
    const umask = process.umask();
    await read(directory, target);
    expect(statSync(join(target, outputName(program), 'program')).mode & 0o777).toBe(0o777 & ~umask);
    expect(statSync(join(target, outputName(small))).mode & 0o777).toBe(0o666 & ~umask);
  });

  it('leaves a file that is there as it is', async () => {
    const directory = scratchDirectory();
    const target = scratchDirectory('target');
    put(join(target, outputName(small)), 'mine');
    put(join(target, 'other'), 'mine, too');
    await writePack({ directory, files: sources(contents) });
    const result = await read(directory, target);
    expect(result.files).toBe(Object.keys(contents).length);
    expect(result.written).not.toContain(outputName(small));
    expect(result.written.length).toBe(result.files - 1);
    expect(result.writtenBytes).toBe(result.bytes - small.length);
    expect(readFileSync(join(target, outputName(small)), 'utf8')).toBe('mine');
    expect((await read(directory, target)).written).toEqual([]);
  });

  it('follows a target that is itself a link', async () => {
    const directory = scratchDirectory();
    const target = scratchDirectory('target');
    const link = scratchDirectory('link');
    mkdirSync(target, { recursive: true });
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(target, link, 'junction');
    await writePack({ directory, files: sources({ 'free/a': 'a' }) });
    await read(directory, link);
    expect(readFileSync(join(target, 'free/a'), 'utf8')).toBe('a');
  });

  it('has the same bytes for the same files, whatever their order, place, mode and threads', async () => {
    const first = scratchDirectory('first');
    const second = scratchDirectory('second');
    const again = sources(contents).reverse();
    for (const file of again) chmodSync(file.path, 0o700);
    await writePack({ directory: first, files: sources(contents), threads: 1 });
    await writePack({ directory: second, files: again, threads: 4 });
    expect(tree(second)).toEqual(tree(first));
  });
});

describe('a pack that cannot be written', () => {
  const a = () => sources({ 'free/a': 'content' });
  it.each([
    [
      'a file that vanished',
      () => a().map((file) => ({ ...file, path: `${file.path}-gone` })),
      /free\/a: ENOENT/,
    ],
    [
      'a file that grew',
      () => a().map((file) => ({ ...file, bytes: 3 })),
      /free\/a: has 7 bytes, listed with 3/,
    ],
    ['a directory', () => a().map((file) => ({ ...file, path: dirname(file.path) })), /free\/a: /],
    ['a name listed twice', () => [...a(), ...a()], /free\/a: listed twice/],
    ['an absolute name', () => a().map((file) => ({ ...file, name: '/a' })), /\/a: not a name/],
    ['a name that climbs', () => a().map((file) => ({ ...file, name: 'free/../../a' })), /not a name/],
    [
      'a file that is too large',
      () => a().map((file) => ({ ...file, bytes: 2 ** 31 })),
      /free\/a: too large/,
    ],
  ])('%s: a PackError that names it, nothing left', async (_, files, message) => {
    const directory = scratchDirectory();
    const failure = writePack({ directory, files: files() });
    await expect(failure).rejects.toThrow(PackError);
    await expect(failure).rejects.toThrow(message);
    expect(existsSync(directory) ? readdirSync(directory) : []).toEqual([]);
  });

  it('into a directory that holds something', async () => {
    const directory = scratchDirectory();
    put(join(directory, 'part-1.tar.zst'), 'older');
    await expect(writePack({ directory, files: a() })).rejects.toThrow(/not empty/);
    expect(readFileSync(join(directory, 'part-1.tar.zst'), 'utf8')).toBe('older');
  });
});
