import fc from 'fast-check';
import { expect, test } from 'vitest';
import { outputName, scratchDirectory, tree } from './builders.ts';
import {
  type Contents,
  edited,
  expectContents,
  noiseOf,
  read,
  record,
  writeBase,
  writeTopOn,
} from './layers.ts';

/** One file of a set: of one of ten families of contents that differ little, a record, or one that has been written anew. */
const file = fc.oneof(
  { weight: 4, arbitrary: fc.record({ family: fc.nat(9), edit: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ record: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ anew: fc.nat(2), version: fc.nat(3) }) },
);
type File = typeof file extends fc.Arbitrary<infer T> ? T : never;
const someFiles = fc.oneof(
  fc.array(file, { maxLength: 3 }),
  fc.array(file, { minLength: 15, maxLength: 25 }),
);

function contentsOf(files: readonly File[]): Contents {
  const all = files.map((one): Contents => {
    if ('record' in one) return record(`${one.record}`);
    if ('anew' in one) return { [`free/${one.anew}`]: `version ${one.version}` };
    const first = noiseOf(`family ${one.family}`, one.family ** 2 * 1500);
    const content = one.edit === 0 ? first : edited(first, `${one.edit}`);
    return { [outputName(content)]: content };
  });
  return Object.assign({}, ...all);
}

test('a set is what its layers give, whatever the base has, and whichever tops were written on it before', async () => {
  let deltas = 0;
  await fc.assert(
    fc.asyncProperty(
      ...[someFiles, fc.array(someFiles, { minLength: 1, maxLength: 3 })],
      async (inBase, sets) => {
        const written = await writeBase(contentsOf(inBase));
        const own = await writeTopOn(written, contentsOf(inBase));
        // As the next job knows it.
        const base = { ...written, listing: (await read(own.directory, written)).result.base };
        let references = base.files;
        for (const files of sets) {
          const set = contentsOf(files);
          const top = await writeTopOn(base, set, { references, threads: 1 });
          deltas += top.written.deltas.files;
          const again = await writeTopOn(base, set, { references: references.toReversed(), threads: 4 });
          expect(tree(again.directory)).toEqual(tree(top.directory));
          const { result, target } = await read(top.directory, base, {
            keep: 'all',
            threads: 1 + (deltas % 4),
          });
          expectContents(target, set);
          // What the next job would have: what stands aside, and the set itself.
          const live = Object.keys(set).map((name) => ({
            ...{ name, path: `${target}/${name}`, bytes: Buffer.byteLength(set[name] ?? '') },
          }));
          references = [...result.kept, ...live];
        }
      },
    ),
    { numRuns: 15 },
  );
  // Else the property would say nothing.
  expect(deltas).toBeGreaterThan(10);
});

test('layers of sets that have nothing in common: the objects of both bases never mix', async () => {
  const [here, there] = [contentsOf([{ family: 3, edit: 0 }]), contentsOf([{ family: 4, edit: 0 }])];
  const [first, second] = [await writeBase(here), await writeBase(there)];
  const onFirst = await writeTopOn(first, there);
  const onSecond = await writeTopOn(second, here);
  expectContents((await read(onFirst.directory, first)).target, there);
  expectContents((await read(onSecond.directory, second)).target, here);
  await expect(read(onFirst.directory, second)).rejects.toThrow(/the base has \d+ bytes/);
  expect(tree(scratchDirectory('none'))).toEqual({});
});
