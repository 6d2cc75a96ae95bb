export interface Series {
  readonly name: string;
  /** Bytes, one for each label; at most four series are drawn. */
  readonly values: readonly number[];
}

export interface Plot {
  readonly title: string;
  /** Of the places from left to right. */
  readonly labels: readonly string[];
  readonly series: readonly Series[];
  /** Lines under the plot. */
  readonly notes: readonly string[];
}

const width = 960;
const frame = { left: 64, top: 56, width: 660, height: 320 };
const bottom = frame.top + frame.height;
const lineHeight = 18;
/** Room for the labels of the places, which stand aslant. */
const labelRoom = 96;

/** Colours that are apart for the colour-blind too (Okabe and Ito's), darker on a light page; told by dashes as well. */
const inks = [
  { light: '#0072b2', dark: '#56b4e9', dash: 'none' },
  { light: '#b84a00', dark: '#ff9e4a', dash: '7 3' },
  { light: '#00795a', dark: '#2fd6a3', dash: '2 3' },
  { light: '#a3427b', dark: '#ea9cc8', dash: '9 3 2 3' },
];

/** Lines of bytes as an SVG, to be read on a light page and on a dark one. Pure. */
export function plot({ title, labels, series, notes }: Plot): string {
  const top = ceiling(Math.max(...series.flatMap(({ values }) => values)));
  const x = (at: number) => round(frame.left + (frame.width * at) / Math.max(1, labels.length - 1));
  const y = (value: number) => round(bottom - (frame.height * value) / top.bytes);
  const height = bottom + labelRoom + notes.length * lineHeight + 12;
  const ends = spread(series.map(({ values }) => y(values.at(-1) ?? 0)));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title desc">`,
    `<title id="title">${text(title)}</title>`,
    `<desc id="desc">${text(described(series))}</desc>`,
    `<style>${style()}</style>`,
    `<rect class="page" width="${width}" height="${height}"/>`,
    `<text class="head" x="${frame.left}" y="28">${text(title)}</text>`,
    ...ticks(top).flatMap((value) => [
      `<line class="grid" x1="${frame.left}" x2="${frame.left + frame.width}" y1="${y(value)}" y2="${y(value)}"/>`,
      `<text class="tick" text-anchor="end" x="${frame.left - 8}" y="${y(value) + 4}">${shown(value)}</text>`,
    ]),
    ...labels.map(
      (label, at) =>
        `<text class="place" text-anchor="end" transform="translate(${x(at) + 4} ${bottom + 16}) rotate(-45)">${text(label)}</text>`,
    ),
    ...series.flatMap(({ name, values }, of) => [
      `<polyline class="line s${of}" points="${values.map((value, at) => `${x(at)},${y(value)}`).join(' ')}"/>`,
      `<text class="name n${of}" x="${frame.left + frame.width + 12}" y="${round((ends[of] ?? 0) + 4)}">${text(name)}, ${shown(values.at(-1) ?? 0)}</text>`,
    ]),
    ...notes.map(
      (note, at) =>
        `<text class="note" x="${frame.left}" y="${bottom + labelRoom + at * lineHeight}">${text(note)}</text>`,
    ),
    '</svg>\n',
  ].join('\n');
}

/** Heights for labels, each at least a line from the next, as near to the given ones as their order allows. */
export function spread(heights: readonly number[], least = lineHeight): number[] {
  const order = heights.map((height, at) => ({ height, at })).sort((a, b) => b.height - a.height);
  const placed: number[] = [];
  let below = bottom + least;
  // From the lowest upwards: the lowest stays on the axis, and the others are pushed away from it.
  for (const { height, at } of order) {
    below = Math.min(height, below - least);
    placed[at] = below;
  }
  return placed;
}

interface Scale {
  readonly bytes: number;
  readonly step: number;
}

/** The end of an axis that begins at 0: the next whole step, of which there are four to ten. */
function ceiling(most: number): Scale {
  const power = 10 ** Math.floor(Math.log10(most / 4));
  const step = [1, 2, 5, 10].map((of) => of * power).find((of) => most / of <= 8) ?? 10 * power;
  return { bytes: Math.ceil(most / step) * step, step };
}

function ticks({ bytes, step }: Scale): number[] {
  return Array.from({ length: Math.round(bytes / step) + 1 }, (_, at) => at * step);
}

function shown(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  return `${(bytes / 1e6).toFixed(bytes < 1e7 && bytes > 0 ? 1 : 0)} MB`;
}

function described(series: readonly Series[]): string {
  const ends = series.map(
    ({ name, values }) => `${name} from ${shown(values[0] ?? 0)} to ${shown(values.at(-1) ?? 0)}`,
  );
  return `${ends.join('; ')}.`;
}

function style(): string {
  const strokes = (mode: 'light' | 'dark') =>
    inks.map((ink, at) => `.s${at}{stroke:${ink[mode]}}.n${at}{fill:${ink[mode]}}`).join('');
  const page = (paper: string, words: string, grid: string) =>
    `.page{fill:${paper}}text{fill:${words}}.grid{stroke:${grid}}`;
  return [
    'text{font:13px system-ui,sans-serif}.head{font-size:17px;font-weight:600}.place,.note{font-size:12px}',
    '.line{fill:none;stroke-width:2.5;stroke-linejoin:round}.name{font-weight:600}',
    inks.map(({ dash }, at) => `.s${at}{stroke-dasharray:${dash}}`).join(''),
    page('#ffffff', '#1f2328', '#d1d9e0'),
    strokes('light'),
    `@media (prefers-color-scheme:dark){${page('#0d1117', '#e6edf3', '#3d444d')}${strokes('dark')}}`,
  ].join('');
}

function text(words: string): string {
  const entities: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return words.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
