import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What a reader of the pages can click on or type. */
const root = resolve(import.meta.dirname, '../..');
const read = (name: string): string => readFileSync(join(root, name), 'utf8');
const front = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'SECURITY.md'];
const docs = globSync('docs/**/*.md', { cwd: root }).map((file) => file.split(sep).join('/'));
const { scripts }: { scripts: Record<string, string> } = JSON.parse(read('package.json'));

describe.each([...front, ...docs])('%s', (name) => {
  const text = read(name);

  it('links to what is there', () => {
    for (const { link, target, anchor } of linksOf(name)) {
      expect(existsSync(target), link).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(readFileSync(target, 'utf8')), link).toContain(anchor);
    }
  });

  it('names npm scripts that there are', () => {
    const named = [...text.matchAll(/npm (?:run ([\w-]+)|(test)\b)/g)].map(([, run, test]) => run ?? test);
    for (const script of named) expect(Object.keys(scripts)).toContain(script);
  });
});

it.each(docs)('%s is linked from another page', (name) => {
  const others = [...front, ...docs].filter((other) => other !== name);
  const targets = others.flatMap((other) => linksOf(other).map(({ target }) => target));
  expect(targets).toContain(join(root, name));
});

describe('anchors', () => {
  it.each([
    ['# How it works', ['how-it-works']],
    ['## `go.work`, and *more*: a [link](x.md)?', ['gowork-and-more-a-link']],
    ['## Twice\n\n## Twice', ['twice', 'twice-1']],
    ['## Größe – 2', ['größe--2']],
    ['```sh\n# no heading\n```\n# One', ['one']],
  ])('of %j', (text, anchors) => {
    expect(anchorsOf(text)).toEqual(anchors);
  });
});

interface Link {
  /** As it is written. */
  readonly link: string;
  /** An absolute path. */
  readonly target: string;
  readonly anchor: string | undefined;
}

/** The links of a page to files of the project and to headings. */
function linksOf(name: string): Link[] {
  const links = [...withoutCode(read(name)).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links
    .filter((link) => !/^https?:/.test(link))
    .map((link) => {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? join(root, name) : join(root, dirname(name), path);
      return { link, target, anchor };
    });
}

/** The anchors of a page's headings, as GitHub makes them: a second one of the same text gets a number. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => {
    const shown = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
    const anchor = shown.replace(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, '').replaceAll(' ', '-');
    const before = seen.get(anchor) ?? 0;
    seen.set(anchor, before + 1);
    return before === 0 ? anchor : `${anchor}-${before}`;
  });
}

function withoutCode(text: string): string {
  return text.replace(/^ *```.*?^ *```$/gms, '');
}
