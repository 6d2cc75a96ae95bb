import { relative, resolve, sep } from 'node:path';

/** A compile error at its place; `file` is relative to the workspace, with `/`, as an annotation wants it. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
  readonly message: string;
}

// What may stand before a place: `vet: `, and of a source that cover cannot parse, by Go's log package,
// `2026/05/05 10:00:00 cover: /repo/a.go: `.
const place =
  /^(?:vet: |[\d/]+ [\d:]+ cover: .*?\.go: )?((?:[A-Za-z]:)?[^:\s][^:]*\.(?:go|s|c|cc|cpp|h)):(\d+)(?::(\d+))?: (.+)$/;

/**
 * The compile and vet errors in what a go command printed: lines `file.go:12:5: message` (the column may be
 * missing), with paths relative to the directory of the command. Lines that begin with a tab continue a message.
 */
export function diagnostics(output: string, directory: string, workspace: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const lines = output.split(/\r?\n/);
  for (const [index, text] of lines.entries()) {
    const match = place.exec(text);
    if (match === null) continue;
    const [, path = '', line = '', column, message = ''] = match;
    const more: string[] = [];
    for (const next of lines.slice(index + 1)) {
      if (!next.startsWith('\t')) break;
      more.push(next.trim());
    }
    const file = relative(workspace, resolve(directory, path)).split(sep).join('/');
    found.push({
      file,
      line: Number(line),
      column: column === undefined ? undefined : Number(column),
      message: [message, ...more].join(' '),
    });
  }
  return unique(found);
}

/**
 * The same without columns: those of a measured source are its instrumented copy's, which has the same lines and
 * longer ones (seen with Go 1.26: column 40 for 9).
 */
export function withoutColumns(found: readonly Diagnostic[]): Diagnostic[] {
  return unique(found.map((one) => ({ ...one, column: undefined })));
}

/** Each place and message once. */
export function unique(found: readonly Diagnostic[]): Diagnostic[] {
  const named = new Map(found.map((one) => [`${one.file}:${one.line}:${one.column}:${one.message}`, one]));
  return [...named.values()];
}

/** Why a go command failed, in one line, where no place is known: an import cycle, a missing module, a panic. */
export function failureLine(output: string): string {
  const lines = output.split(/\r?\n/).map((line) => line.trim());
  const telling =
    lines.find((line) =>
      /import cycle not allowed|no required module provides|cannot find|^panic: |^flag provided but not|^invalid .*value /.test(
        line,
      ),
    ) ??
    lines.find((line) => /^(go|pattern|package|flag|usage): ?/.test(line)) ??
    failedStart(lines) ??
    lines.find((line) => line !== '' && !line.startsWith('#'));
  return telling ?? 'it printed nothing';
}

/** `FAIL <package> <time>` of a binary that was started, with what it printed last: init or TestMain went wrong. */
function failedStart(lines: readonly string[]): string | undefined {
  const at = lines.findIndex((line) => /^FAIL\s+\S+\s+[\d.]+s$/.test(line));
  const failed = lines[at]?.split(/\s+/)[1];
  if (failed === undefined) return lines.find((line) => /^(--- FAIL|FAIL\s)/.test(line));
  // What go test says of other packages: `ok`, `?`, `FAIL`, `# p`; with -cover, of one without tests its coverage.
  const others = /^(?:(?:ok|\?|FAIL)\s|FAIL$|#)|\scoverage: \S+ of statements/;
  const before = lines.slice(0, at).filter((line) => line !== '' && !others.test(line));
  const said = before.at(-1);
  return `the test binary of ${failed} was started without a test, and its init or TestMain failed${said === undefined ? '' : `: ${said}`}`;
}
