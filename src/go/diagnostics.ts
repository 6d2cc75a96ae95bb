import { relative, resolve, sep } from 'node:path';

/** A compile error at its place; `file` is relative to the workspace, with `/`, as an annotation wants it. */
export interface Diagnostic {
  readonly file: string;
  readonly line: number;
  readonly column: number | undefined;
  readonly message: string;
}

/**
 * The compile and vet errors in what a go command printed: lines `file.go:12:5: message` (the column may be
 * missing), with paths relative to the directory of the command. Lines that begin with a tab continue a message.
 */
export function diagnostics(output: string, directory: string, workspace: string): Diagnostic[] {
  const found: Diagnostic[] = [];
  const lines = output.split(/\r?\n/);
  for (const [index, text] of lines.entries()) {
    const match = /^(?:vet: )?((?:[A-Za-z]:)?[^:\s][^:]*\.(?:go|s|c|cc|cpp|h)):(\d+)(?::(\d+))?: (.+)$/.exec(
      text,
    );
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
  const unique = new Map(found.map((one) => [`${one.file}:${one.line}:${one.column}:${one.message}`, one]));
  return [...unique.values()];
}

/** Why a go command failed, in one line, where no place is known: an import cycle, a missing module, a panic. */
export function failureLine(output: string): string {
  const lines = output.split(/\r?\n/).map((line) => line.trim());
  const telling =
    lines.find((line) =>
      /import cycle not allowed|no required module provides|cannot find|^panic: /.test(line),
    ) ??
    lines.find((line) => /^(go|pattern|package|flag|usage): ?/.test(line)) ??
    lines.find((line) => /^(--- FAIL|FAIL\s)/.test(line)) ??
    lines.find((line) => line !== '' && !line.startsWith('#'));
  return telling ?? 'it printed nothing';
}
