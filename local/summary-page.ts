import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { marked } from 'marked';

/** What a browser has made of a page: of each chart what it shows, of each table the text of its cells. */
export interface DrawnPage {
  /** Of the whole page, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly sections: readonly DrawnSection[];
}

/** One job summary. */
export interface DrawnSection {
  readonly name: string;
  /** The names of all elements outside of charts, each once. */
  readonly elements: readonly string[];
  /** Folded blocks: those that are not in another one, and all. */
  readonly folded: number;
  readonly foldedAnywhere: number;
  readonly text: string;
  /** By table, row, cell; the head is the first row. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  readonly charts: readonly DrawnChart[];
}

export interface DrawnChart {
  /** `pie`, `xychart`; of Mermaid's picture of an error `error`; '' where nothing was drawn. */
  readonly kind: string;
  readonly title: string;
  /** Slices of a pie that have an outline. */
  readonly slices: number;
  readonly legend: readonly string[];
  /** The labels of the x axis. */
  readonly axis: readonly string[];
  /** Of an xychart: the points in pixels, as x and y. */
  readonly line: { readonly points: readonly (readonly number[])[]; readonly colour: string } | null;
  /** Pairs of labels that lie over one another. */
  readonly overlaps: number;
  readonly width: number;
  readonly text: string;
}

const root = resolve(import.meta.dirname, '..');
const script = (path: string): string => `<script src="${pathToFileURL(resolve(root, path))}"></script>`;

/** Plain, near to what GitHub makes of tables; with the theme of its light page. */
const style = `
body { width: 900px; margin: 0; padding: 16px 24px; box-sizing: border-box; font: 15px/1.5 sans-serif; color: #1f2328; }
table { border-collapse: collapse; margin: 12px 0; font-size: 14px; }
th, td { border: 1px solid #d1d9e0; padding: 4px 12px; }
blockquote { margin: 0; padding: 0 1em; border-left: 4px solid #d1d9e0; color: #59636e; }
code { font: 13px monospace; }
summary { margin: 6px 0; }
.chart { max-width: 560px; }
`;

/**
 * A page that shows job summaries as GitHub's Markdown has them, each in a section of its name, with the charts drawn by
 * Mermaid. Nothing is sanitized, so what the Markdown lets through shows.
 *
 * @param open which folded blocks are open in the end
 */
export function summaryPage(summaries: Readonly<Record<string, string>>, open: 'all' | 'charts'): string {
  const sections = Object.entries(summaries).map(
    ([name, markdown]) =>
      `<section data-name="${name}">${marked.parse(markdown, { gfm: true, async: false })}</section>`,
  );
  return [
    `<!doctype html><meta charset="utf-8"><title>Job summary</title><style>${style}</style>`,
    `<body data-open="${open}">`,
    ...sections,
    script('node_modules/mermaid/dist/mermaid.min.js'),
    script('local/drawing.js'),
  ].join('\n');
}

/** What the page's script has left in the DOM. @throws Error where it has not ended */
export function drawnPage(dom: string): DrawnPage {
  const [, drawn] = /<pre id="drawn"[^>]*>([^<]*)<\/pre>/.exec(dom) ?? [];
  if (drawn === undefined) throw new Error('the page has not been drawn');
  return JSON.parse(decodeURIComponent(drawn));
}
