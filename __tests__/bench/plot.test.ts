import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { type Plot, plot, spread } from '../../bench/plot.ts';

const MB = 1e6;
const example: Plot = {
  title: 'Stored bytes',
  labels: ['v1.0.0', 'v1.1.0', 'edit "1" <&>'],
  series: [
    { name: 'ours', values: [50 * MB, 51 * MB, 50 * MB] },
    { name: 'others & all', values: [50 * MB, 100 * MB, 400 * MB] },
    { name: 'third of 18 letters', values: [55 * MB, 55 * MB, 55 * MB] },
    { name: 'fourth', values: [80 * MB, 200 * MB, 390 * MB] },
  ],
  notes: ['2 processors', 'Node 24'],
};

interface Drawn {
  readonly svg: {
    readonly title: { readonly '#text': string };
    readonly desc: { readonly '#text': string };
    readonly style: string;
    readonly polyline: readonly { readonly '@points': string; readonly '@class': string }[];
    readonly line: readonly { readonly '@y1': string }[];
    readonly text: readonly {
      readonly '#text': string;
      readonly '@class': string;
      readonly '@x'?: string;
      readonly '@y'?: string;
    }[];
    readonly '@viewBox': string;
  };
}

function draw(of: Plot): Drawn['svg'] {
  const svg = plot(of);
  expect(XMLValidator.validate(svg)).toBe(true);
  const options = { ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false };
  return (new XMLParser(options).parse(svg) as Drawn).svg;
}

const points = (line: { readonly '@points': string } | undefined): [number, number][] =>
  (line?.['@points'] ?? '').split(' ').map((pair) => {
    const [x = Number.NaN, y = Number.NaN] = pair.split(',').map(Number);
    return [x, y];
  });

describe('plot', () => {
  const drawn = draw(example);
  const texts = (kind: string) => drawn.text.filter((text) => text['@class'].split(' ').includes(kind));

  it('is XML with a title and a description that have all words', () => {
    expect(drawn.title['#text']).toBe('Stored bytes');
    expect(drawn.desc['#text']).toContain('others & all from 50 MB to 400 MB');
    expect(texts('place').map((text) => text['#text'])).toEqual(example.labels);
    expect(texts('note').map((text) => text['#text'])).toEqual(example.notes);
  });

  it('has a point for each value, where the axis says', () => {
    expect(drawn.polyline).toHaveLength(4);
    const ticks = texts('tick').map((text): [number, number] => [
      Number.parseFloat(text['#text']) * MB,
      Number(text['@y']) - 4,
    ]);
    const [zero, first] = [ticks[0], ticks.at(-1)];
    if (zero === undefined || first === undefined) throw new Error('there are no ticks');
    expect(zero[0]).toBe(0);
    const perPixel = (first[0] - zero[0]) / (first[1] - zero[1]);
    for (const [of, { values }] of example.series.entries()) {
      const own = points(drawn.polyline[of]);
      expect(own).toHaveLength(values.length);
      const read = own.map(([, y]) => (y - zero[1]) * perPixel);
      for (const [at, value] of values.entries())
        expect(Math.abs((read[at] ?? 0) - value)).toBeLessThan(0.3 * MB);
      expect(own.map(([x]) => x)).toEqual(points(drawn.polyline[0]).map(([x]) => x));
    }
    expect(Math.max(...example.series.flatMap(({ values }) => values))).toBeLessThanOrEqual(first[0]);
  });

  it('has its ticks where the lines of the grid are', () => {
    expect(texts('tick').map((text) => Number(text['@y']) - 4)).toEqual(
      drawn.line.map((line) => Number(line['@y1'])),
    );
  });

  it('names each line at its end, a line of text apart from the next', () => {
    const names = texts('name');
    expect(names.map((text) => text['#text'].split(',')[0])).toEqual(example.series.map(({ name }) => name));
    const heights = names.map((text) => Number(text['@y'])).sort((a, b) => a - b);
    for (const [at, height] of heights.entries()) {
      if (at > 0) expect(height - (heights[at - 1] ?? 0)).toBeGreaterThanOrEqual(18);
    }
  });

  it('holds all of it within its frame', () => {
    const [, , width = 0, height = 0] = drawn['@viewBox'].split(' ').map(Number);
    const xs = drawn.polyline.flatMap((line) => points(line).map(([x]) => x));
    expect(Math.max(...xs)).toBeLessThan(width);
    for (const { '@y': y } of drawn.text) expect(Number(y ?? 0)).toBeLessThan(height);
    // A character of 13 px is seldom wider than 8.
    for (const { '@x': x, '#text': words } of texts('name')) {
      expect(Number(x) + words.length * 8).toBeLessThan(width);
    }
  });

  it('can be told apart from a light page and from a dark one', () => {
    const [light = '', dark = ''] = drawn.style.split('@media (prefers-color-scheme:dark)');
    for (const mode of [light, dark]) {
      const paper = colour(mode, /\.page\{fill:(#\w{6})\}/);
      for (const at of [0, 1, 2, 3]) {
        // WCAG 2.1, 1.4.11: what is to be seen, 3; 1.4.3: text, 4.5.
        expect(contrast(paper, colour(mode, new RegExp(`\\.n${at}\\{fill:(#\\w{6})\\}`)))).toBeGreaterThan(
          4.5,
        );
        expect(contrast(paper, colour(mode, new RegExp(`\\.s${at}\\{stroke:(#\\w{6})\\}`)))).toBeGreaterThan(
          3,
        );
      }
      expect(contrast(paper, colour(mode, /text\{fill:(#\w{6})\}/))).toBeGreaterThan(4.5);
    }
  });

  it.each([
    ['little', [3e6, 1e6]],
    ['much', [123e9, 9e9]],
    ['one place', [7e6]],
  ])('has whole ticks for %s', (_, values) => {
    const { text, polyline } = draw({
      ...example,
      labels: values.map(String),
      series: [
        { name: 'one', values },
        { name: 'two', values },
      ],
    });
    const ticks = text.filter((one) => one['@class'] === 'tick');
    expect(ticks.length).toBeGreaterThanOrEqual(4);
    expect(ticks.length).toBeLessThanOrEqual(11);
    expect(points(polyline[0]).flat().every(Number.isFinite)).toBe(true);
  });
});

describe('spread', () => {
  it('leaves what is apart where it is', () => {
    expect(spread([100, 200, 300], 18)).toEqual([100, 200, 300]);
  });

  it('keeps the order and pushes upwards', () => {
    expect(spread([300, 300, 100, 295], 18)).toEqual([300, 282, 100, 264]);
  });
});

function colour(style: string, form: RegExp): string {
  const [, found] = form.exec(style) ?? [];
  if (found === undefined) throw new Error(`no ${form} in ${style}`);
  return found;
}

/** WCAG 2.1, "contrast ratio" and "relative luminance". */
function contrast(one: string, other: string): number {
  const luminance = (hex: string) => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [a, b] = [luminance(one), luminance(other)];
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
}
