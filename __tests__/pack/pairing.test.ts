import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { Control } from '../../src/pack/control.ts';
import type { SketchJob } from '../../src/pack/jobs.ts';
import { nearest } from '../../src/pack/pairing.ts';
import { type Sketch, sketchOf } from '../../src/pack/sketch.ts';
import { sketchFiles } from '../../src/pack/sketch-files.ts';
import { temporaryDirectory } from '../helpers/module.ts';
import { edited, noiseOf } from './layers.ts';

const shared = (a: Sketch, b: Sketch) => a.filter((value) => b.includes(value)).length;

describe('a sketch', () => {
  const content = noiseOf('content', 300_000);
  const sketch = sketchOf(content);

  it('is the same for the same content, here as on every machine', () => {
    expect(sketch).toHaveLength(32);
    expect(sketchOf(Buffer.from(content))).toEqual(sketch);
    expect([...sketch.slice(0, 3)]).toEqual([1210637, 4865955, 8506174]);
  });

  it('is nearly the same after an edit, and when something comes first', () => {
    expect(shared(sketch, sketchOf(edited(content, 'now')))).toBeGreaterThanOrEqual(30);
    expect(
      shared(sketch, sketchOf(Buffer.concat([noiseOf('before', 1000), content]))),
    ).toBeGreaterThanOrEqual(30);
  });

  it('is of 64 KiB at either end', () => {
    const end = 64 * 1024;
    const [first, last] = [content.subarray(0, end), content.subarray(-end)];
    expect(sketchOf(Buffer.concat([first, noiseOf('between', 200_001), last]))).toEqual(sketch);
    const both = [
      Buffer.concat([first, noiseOf('end', 300_000)]),
      Buffer.concat([noiseOf('start', 300_000), last]),
    ];
    for (const half of both) expect(shared(sketch, sketchOf(half))).toBeGreaterThan(8);
    const none = Buffer.concat([noiseOf('start', end), content, noiseOf('end', end)]);
    expect(shared(sketch, sketchOf(none))).toBe(0);
  });

  it('is another for another content, and none for a very short one', () => {
    expect(shared(sketch, sketchOf(noiseOf('other', 300_000)))).toBe(0);
    expect(sketchOf(Buffer.from('short'))).toHaveLength(0);
    expect(sketchOf(Buffer.alloc(0))).toHaveLength(0);
  });
});

test.each([0, 1, 131_071, 131_072, 131_073, 300_001])('of a file of %i bytes its ends are read', (bytes) => {
  const path = join(temporaryDirectory(), 'file');
  const content = noiseOf('file', bytes);
  writeFileSync(path, content);
  const job: SketchJob = { kind: 'sketch', part: '', files: [{ name: 'file', path, bytes }] };
  expect(sketchFiles(job, new Control())).toEqual([sketchOf(content)]);
});

test('the nearest reference shares most; of several it is that of the nearest size, then the first', () => {
  const of = (item: string, bytes: number, ...sketch: number[]) => ({
    ...{ item, bytes, sketch: Uint32Array.from(sketch) },
  });
  const references = [
    of('one', 100, 1, 2, 3),
    of('two', 200, 2, 3, 4),
    of('three', 210, 2, 3, 4),
    of('four', 210, 2, 3, 4),
  ];
  const contents = [
    of('', 999, 1, 2, 3, 9),
    of('', 190, 2, 3, 4),
    of('', 230, 2, 3, 4),
    of('', 110, 3),
    of('', 100, 7, 8),
    of('', 100),
  ];
  expect(nearest(contents, references)).toEqual(['one', 'two', 'three', 'one', undefined, undefined]);
  expect(nearest(contents, [])).toEqual(contents.map(() => undefined));
});

test('many references that share all with all do not take the square of their number', () => {
  const many = Array.from({ length: 20_000 }, (_, at) => ({
    ...{ item: at, bytes: at, sketch: Uint32Array.from({ length: 32 }, (_unused, n) => n) },
  }));
  // Where it did, this would hang.
  expect(nearest(many, many)[0]).toBe(0);
});
