/** A word as a shell hands it to a program. */
export interface Word {
  readonly text: string;
  /** The same with NUL for each character that was quoted: what is left may mean something to a shell. */
  readonly bare: string;
}

/** A line that is neither blank nor a comment alone; one that ends in a backslash reaches into the next. */
export interface Line {
  /** Of its start, from 1. */
  readonly number: number;
  readonly words: readonly Word[];
  /** What needs a shell, or is no word, and what to write instead; the words are not to be used then. */
  readonly wrong: string | undefined;
}

// POSIX, "Shell Command Language", 2.2, 2.3 and 2.6; of bash, the shell of a workflow's `run`, also $' $" and $[.
const expansion = String.raw`\$\([^)\n]*\)?|\$\{[^}\n]*\}?|\$(?:\w+|[@*#?$!\-\[])|\x60[^\x60\n]*\x60?`;
const quotes = String.raw`'[^'\n]*'|"(?:\\[\s\S]|[^"\\\n])*"`;
const piece = String.raw`\\[\s\S]|${quotes}|${expansion}|\$['"]|[^ \t\n|&;<>()]`;
const tokens = new RegExp(
  String.raw`(?<end>\n)|\\\n|[ \t]+|#.*|(?<operator>\|\||&&|&>|[|&;<>()])|(?<word>(?:${piece})+)`,
  'g',
);

/**
 * Splits commands into words as a POSIX shell does, and says where a line asks for more of a shell than that.
 */
export function splitLines(text: string): Line[] {
  const input = text.replaceAll('\r\n', '\n');
  const lines: Line[] = [];
  let words: Word[] = [];
  let wrong: string | undefined;
  let start: number | undefined;
  const finish = (): void => {
    if (start !== undefined) lines.push({ number: lineNumber(input, start), words, wrong });
    words = [];
    wrong = undefined;
    start = undefined;
  };
  for (const { index, groups } of input.matchAll(tokens)) {
    if (groups?.['end'] !== undefined) finish();
    const { operator, word } = groups ?? {};
    if (operator !== undefined || word !== undefined) start ??= index;
    if (operator !== undefined) wrong ??= operatorAdvice(operator);
    if (word !== undefined) {
      const read = readWord(word);
      words.push({ text: read.text, bare: read.bare });
      wrong ??= read.wrong;
    }
  }
  finish();
  return lines;
}

/**
 * Whether a shell would make other words of one that is not a flag, by the files that there are. Of a flag it would
 * only expand braces: no file is named like it.
 */
export function isExpanded({ bare }: Word): boolean {
  const braces = /\{[^{}]*(?:,|\.\.)[^{}]*\}/;
  return braces.test(bare) || (!bare.startsWith('-') && /[*?[]|^~/.test(bare));
}

function lineNumber(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function readWord(raw: string): Word & { readonly wrong: string | undefined } {
  let text = '';
  let bare = '';
  let wrong: string | undefined;
  for (const [part] of raw.matchAll(new RegExp(piece, 'g'))) {
    if (part === '\\\n') continue;
    const quoted = unquote(part);
    text += quoted ?? part;
    bare += quoted === undefined ? part : '\0'.repeat(quoted.length);
    wrong ??= pieceAdvice(part);
  }
  return { text, bare, wrong };
}

/** What a quoted piece stands for; undefined where the piece is not quoted. */
function unquote(part: string): string | undefined {
  if (part.length < 2) return undefined;
  if (part.startsWith('\\')) return part.slice(1);
  if (part.startsWith("'")) return part.slice(1, -1);
  if (part.startsWith('"')) return part.slice(1, -1).replace(/\\(?:\n|([$`"\\]))/g, '$1');
  return undefined;
}

function pieceAdvice(part: string): string | undefined {
  if (part === '"' || part === "'") return `the quote ${part} is not closed`;
  if (/^\$['"]/.test(part)) return `${part} is of bash alone: write ordinary quotes`;
  const unescaped = part.startsWith('"') ? part.replace(/\\./gs, '\0') : part;
  const found = /^[$`"]/.test(part) ? new RegExp(expansion).exec(unescaped)?.[0] : undefined;
  if (found === undefined) return undefined;
  if (/^(\$\(|`)/.test(found)) {
    return `${found} is a command, and none is run: write what it prints, packages as a pattern such as ./...`;
  }
  return `${found} is a variable, and no shell fills it in: write its value (GitHub fills in \${{ … }} before)`;
}

function operatorAdvice(operator: string): string {
  if (operator === '&&' || operator === ';') {
    return `${operator} joins commands: write each on a line of its own`;
  }
  if (/[<>]/.test(operator)) {
    return `${operator} redirects, which decides nothing that is compiled: leave it out, or quote it where it is meant`;
  }
  return `${operator} is for a shell: write the go command alone, or quote it where it is meant`;
}
