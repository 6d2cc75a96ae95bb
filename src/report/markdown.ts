/** Pieces of GitHub's Markdown. What is put into them may come from a build: file names, import paths, flags. */

/** Text that says itself and nothing else: no markup, no HTML, no link, no cell border, no line break. */
export function plain(text: string): string {
  return (
    text
      .replace(/\s+/g, ' ')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      // Of an address the sign that makes it one; elsewhere colons and dots stay readable.
      .replace(/[\\`*_{}[\]()#+!|~$@-]|:(?=\/\/)|(?<=www)\./gi, (sign) => `&#${sign.charCodeAt(0)};`)
  );
}

/** Text in the letters of code, which is what commands and names are. */
export function code(text: string): string {
  return text === '' ? '' : `<code>${plain(text)}</code>`;
}

/** A table; the first column is for names, the others for figures. Cells are Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const borders = head.map((_, at) => (at === 0 ? ':--' : '--:'));
  return [line(head), line(borders), ...rows.map(line)].join('\n');
}

/** A part that is folded until somebody opens it. `title` is text, `body` Markdown. */
export function folded(title: string, body: string): string {
  return `<details><summary>${plain(title)}</summary>\n\n${body}\n\n</details>`;
}

/** A Mermaid chart, which GitHub draws. */
export function chart(lines: readonly string[]): string {
  return ['```mermaid', ...lines, '```'].join('\n');
}
