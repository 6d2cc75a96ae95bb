import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { writePack } from '../../src/pack/write.ts';
import { type Entry, outputName, put, rawPack, scratchDirectory, sources } from './builders.ts';
import {
  type Base,
  deltaEntry,
  edited,
  noiseOf,
  outputs,
  rawTop,
  record,
  refusedLayers,
  spoilManifest,
  writeBase,
  writeTopOn,
} from './layers.ts';

const old = noiseOf('old', 40_000);
const other = noiseOf('other', 50_000);
const live = noiseOf('live', 60_000);
const now = edited(old, 'now');

/** In their order: a record, then `old`, `other`, `live`. */
async function goodBase(): Promise<Base> {
  return await writeBase({ ...record('one'), ...outputs([old, other, live]) });
}

/** A good top: `old` and `other` are dead, `old` is referred to. */
async function goodTop(base: Base): Promise<string> {
  const { directory } = await writeTopOn(base, {
    ...record('one'),
    ...outputs([live, now, noiseOf('plain', 9000)]),
  });
  return directory;
}

const bits = (byte: number) => Buffer.from([byte]).toString('base64');
const [oldAndOther, oldAlone] = [bits(0b0110), bits(0b0010)];

describe('a manifest of a top that is not what it should be', () => {
  it.each<[string, Readonly<Record<string, unknown>>, RegExp]>([
    ['without a base', { base: undefined }, /the manifest has no base/],
    ['with a base of no form', { base: 'a-base' }, /base is not an object/],
    ['with a field of the base that is unknown', { base: { more: 1 } }, /base has an unknown field more/],
    ['with a key of no form', { base: { key: 'a\nb' } }, /key of base has not the form/],
    ['with an identity of no form', { base: { identity: 'abc' } }, /identity of base has not the form/],
    ['with a base of no count', { base: { files: -1 } }, /files of base is not a count/],
    ['with a base too large', { base: { files: 2 ** 40 } }, /a base of 1099511627776 files is too large/],
    ['without the dead', { dead: undefined }, /the manifest has no dead/],
    ['with the dead of no form', { dead: [1] }, /dead does not tell of the 4 files/],
    ['with the dead in another text', { dead: `${oldAndOther.slice(0, -2)}??` }, /dead does not tell/],
    ['with the dead of more files', { dead: bits(0b10110) }, /dead does not tell of the 4 files/],
    ['with the dead of fewer bytes', { dead: '' }, /dead does not tell of the 4 files/],
    [
      'with references that live',
      { references: bits(0b1010) },
      /references has a file of the base that is not/,
    ],
    ['without deltas', { deltas: undefined }, /the manifest has no deltas/],
    ['with deltas of another kind', { deltas: {} }, /deltas is not a list/],
    ['with too many deltas', { deltas: Array(2000).fill({}) }, /2000 deltas are too many/],
    ['with a delta part of no form', { deltas: [7] }, /delta-1\.tar\.zst is not an object/],
    ['with a delta part without its bytes', { deltas: [{ name: 'delta-1.tar.zst' }] }, /has no files/],
    ['with counts that are not the sum', { files: 7 }, /files is not the sum/],
    ['with an unknown field', { extra: 1 }, /unknown field extra/],
    ['as of a pack that needs no base', { pack: 1 }, /unknown field deltas/],
  ])('%s', async (_, says, message) => {
    const base = await goodBase();
    const top = await goodTop(base);
    spoilManifest(top, (manifest) => {
      const about =
        typeof says['base'] === 'object' ? { ...Object(manifest['base']), ...says['base'] } : says['base'];
      return { ...manifest, ...says, ...('base' in says ? { base: about } : {}) };
    });
    await refusedLayers({ top, base }, message);
  });

  it.each<[string, (top: string) => void, RegExp]>([
    [
      'without a part of deltas',
      (top) => rmSync(join(top, 'delta-1.tar.zst')),
      /delta-1\.tar\.zst is missing/,
    ],
    [
      'beside a part of no manifest',
      (top) => put(join(top, 'delta-2.tar.zst'), ''),
      /delta-2.*not described/,
    ],
    [
      'of a part with fewer bytes',
      (top) => truncateSync(join(top, 'delta-1.tar.zst'), 9),
      /has 9 bytes, the/,
    ],
  ])('%s', async (_, spoil, message) => {
    const base = await goodBase();
    const top = await goodTop(base);
    spoil(top);
    await refusedLayers({ top, base }, message);
  });

  it('a pack that is no top', async () => {
    const base = await goodBase();
    await refusedLayers({ top: base.directory, base }, /is no top/);
  });
});

describe('a base that is not what it should be', () => {
  const others = async () => (await writeBase(outputs([old, other, noiseOf('else', 60_000)]))).directory;
  it.each<[string, (base: Base) => Promise<Partial<Base>> | Partial<Base>, RegExp]>([
    ['missing', () => ({ directory: scratchDirectory('none') }), /^the base: ENOENT/],
    ['of another key', () => ({ key: 'another' }), /on a base of another key/],
    ['of another number of files', async () => ({ directory: await others() }), /the base has 3 files/],
    [
      'of other files of the same sizes',
      async () => {
        const files = { ...record('one'), ...outputs([old, other, noiseOf('else', 60_000)]) };
        return { directory: (await writeBase(files)).directory };
      },
      /the base holds other files than the one/,
    ],
    [
      'of the same files in another order',
      async () => {
        const directory = await rawPack({
          parts: [
            { entries: [...entriesOf(outputs([live])), ...entriesOf(outputs([old, other]))] },
            { entries: entriesOf(record('one')) },
          ],
        });
        return { directory };
      },
      /the base holds other files than the one/,
    ],
    [
      'a top itself',
      async (base) => ({ directory: await goodTop(base) }),
      /the base is a top, which needs a base itself/,
    ],
    [
      'damaged',
      (base) => {
        const path = join(base.directory, 'part-1.tar.zst');
        const part = readFileSync(path);
        part.writeUInt8(part.readUInt8(part.length >> 1) ^ 1, part.length >> 1);
        writeFileSync(path, part);
        return {};
      },
      /part-1\.tar\.zst of the base: /,
    ],
    [
      'of a content that is not what its name says',
      async () => {
        const wrong = { ...outputs([other, live]), [outputName(old)]: noiseOf('wrong', 40_000) };
        const { directory } = await writePackOf({ ...record('one'), ...wrong });
        return { directory };
      },
      /of the base: .*-d: the content does not hash to the name/,
    ],
  ])('%s', async (_, change, message) => {
    const base = await goodBase();
    const top = await goodTop(base);
    await refusedLayers({ top, base: { ...base, ...(await change(base)) } }, message);
  });

  it('with another content in a file whose name is no hash', async () => {
    const same = outputs([old, live]);
    const base = await writeBase({ ...same, 'free/one': 'the one' });
    const top = await writeTopOn(base, { ...outputs([live]), 'free/one': 'the one' });
    const changed = await writeBase({ ...same, 'free/one': 'the two' });
    await refusedLayers({ top: top.directory, base: changed }, /the base holds other files than the one/);
  });
});

function entriesOf(contents: Readonly<Record<string, string | Buffer>>): Entry[] {
  return Object.entries(contents).map(([name, content]) => ({ name, content }));
}

/** Without rules: whatever the contents are. */
async function writePackOf(contents: Readonly<Record<string, string | Buffer>>) {
  const directory = scratchDirectory('any');
  await writePack({ directory, files: sources(contents) });
  return { directory };
}

describe('a part of deltas that is not what it should be', () => {
  const good = deltaEntry(outputName(now), now, { index: 1, content: old });
  const next = edited(old, 'next');
  const second = deltaEntry(outputName(next), next, { index: 1, content: old });
  const changed = edited(other, 'now');
  const few = old.subarray(0, 2900);
  const bomb = Buffer.alloc(20_000_000);
  const large = Buffer.alloc(33 * 1024 * 1024);
  type Options = Partial<Parameters<typeof rawTop>[0]>;
  it.each<[string, Options, RegExp]>([
    ['one entry more than its count', { entries: [good, second], part: { files: 1 } }, /one file more than/],
    ['one entry fewer', { part: { files: 2 } }, /holds 1 files, the manifest says 2/],
    ['more bytes than its count', { bytes: now.length - 1 }, /rebuilds to more than the manifest says/],
    ['fewer bytes', { bytes: now.length + 1 }, /holds \d+ bytes, the manifest says/],
    ['deltas of more bytes', { part: { deltaBytes: 10 } }, /-d: more bytes than the manifest says/],
    ['deltas of fewer bytes', { part: { deltaBytes: 10_000 } }, /holds \d+ bytes, the manifest says 10000/],
    [
      'a bomb',
      { entries: [deltaEntry(outputName(bomb), bomb, { index: 1, content: old })], bytes: 1000 },
      /-d: rebuilds to more than the manifest says/,
    ],
    [
      'a bomb that the manifest promises',
      { entries: [deltaEntry(outputName(large), large, { index: 1, content: old })], bytes: large.length },
      /-d: rebuilds to more than the manifest says/,
    ],
    [
      'an entry without a reference',
      { entries: [{ ...good, content: Buffer.from('abc') }] },
      /names no reference/,
    ],
    [
      'a reference that is much larger',
      { entries: [deltaEntry(outputName(few), few, { index: 1, content: old })], bytes: few.length },
      /the reference is much larger than what refers to it/,
    ],
    [
      'a reference that the manifest does not name',
      { entries: [deltaEntry(outputName(now), now, { index: 2, content: other })] },
      /does not name the reference 2/,
    ],
    [
      'a reference that lives',
      { entries: [deltaEntry(outputName(now), now, { index: 3, content: live })] },
      /does not name the reference 3/,
    ],
    [
      'a reference that the base does not have',
      { entries: [deltaEntry(outputName(now), now, { index: 2 ** 32 - 1, content: live })] },
      /does not name the reference 4294967295/,
    ],
    [
      'a reference that is a record',
      {
        entries: [deltaEntry(outputName(now), now, { index: 0, content: old })],
        top: { dead: bits(0b0111), references: bits(0b0001) },
      },
      /does not name the reference 0/,
    ],
    [
      'a delta of another reference',
      {
        entries: [deltaEntry(outputName(changed), changed, { index: 1, content: other })],
        bytes: changed.length,
      },
      /-d: (Data corruption|the content does not hash)/,
    ],
    [
      'a delta that rebuilds to another content',
      { entries: [deltaEntry(outputName(next), now, { index: 1, content: old })] },
      /does not hash to the name/,
    ],
    [
      'a delta of a record',
      { entries: [{ ...good, name: Object.keys(record('one'))[0] ?? '' }] },
      /a delta of what has no hash for its name/,
    ],
    ['a name outside the rules', { entries: [{ ...good, name: 'trim.txt' }] }, /trim\.txt: no rule allows/],
    ['a name that climbs', { entries: [{ ...good, name: '../outside' }] }, /the name is not a plain/],
    [
      'a link',
      { entries: [{ ...good, content: Buffer.alloc(0), type: 'symlink', linkname: '/etc/passwd' }] },
      /a symlink is no regular/,
    ],
    ['a delta that is no frame', { entries: [{ ...good, content: Buffer.alloc(40, 1) }] }, /-d: /],
    ['half a delta', { entries: [{ ...good, content: good.content.subarray(0, -9) }] }, /-d: unexpected end/],
    ['a cut tar', { packed: (part) => part.subarray(0, -7) }, /delta-1\.tar\.zst: unexpected end/],
  ])('%s', async (_, options, message) => {
    const base = await goodBase();
    const { directory } = await writeTopOn(base, {});
    const { base: about } = JSON.parse(readFileSync(join(directory, 'manifest.json'), 'utf8'));
    const told = { base: about, dead: oldAndOther, references: oldAlone, ...options.top };
    const top = await rawTop({ entries: [good], bytes: now.length, ...options, top: told });
    await refusedLayers({ top, base }, message);
  });
});
