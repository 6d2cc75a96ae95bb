import type { HelperLine } from '../flags.ts';
import { cleanPattern } from './patterns.ts';

/**
 * The lines of `helpers`: a package or a pattern each, or `name=package`. Blank lines and comments are left out.
 *
 * @throws Error with one line that names the wrong one and what would be right
 */
export function parseHelpers(text: string): HelperLine[] {
  const written = text.split(/\r?\n/).map((line) => line.trim());
  const lines = [...new Set(written.filter((line) => line !== '' && !line.startsWith('#')))].map(parseLine);
  const names = lines.flatMap(({ name }) => name ?? []);
  // Names that differ in case alone are one file on Windows and macOS.
  const twice = names.find(
    (name, at) => names.findIndex((one) => one.toLowerCase() === name.toLowerCase()) < at,
  );
  if (twice !== undefined)
    throw new Error(`two lines have the name ${twice}: give each helper one of its own`);
  return lines;
}

function parseLine(line: string): HelperLine {
  const [, name, pattern = ''] = /^(?:([^=]*)=)?(.*)$/.exec(line) ?? [];
  const wrong = wrongPattern(pattern.trim()) ?? (name === undefined ? undefined : wrongName(name.trim()));
  if (wrong !== undefined) throw new Error(`${line}: ${wrong}`);
  return { name: name?.trim(), pattern: cleanPattern(pattern.trim()) };
}

function wrongPattern(pattern: string): string | undefined {
  if (pattern === '') return 'it names no package: write name=package, as in gen=./internal/cmd/generate';
  if (pattern.startsWith('-')) return 'a flag is no package: helpers are built with GOFLAGS alone';
  if (/\s/.test(pattern)) return 'one package a line';
  if (pattern.endsWith('.go')) return 'it is a file: name its package';
  if (pattern.includes('@')) return "no version here: go.mod's own is built (go get -tool adds one)";
  return undefined;
}

/** A name becomes a file on every platform; `.exe` is not part of it. */
function wrongName(name: string): string | undefined {
  if (/[/\\]/.test(name)) return 'a name is a file in helpers-dir, without a directory';
  if (!/^[A-Za-z0-9_](?:[A-Za-z0-9._~+-]{0,98}[A-Za-z0-9_~+-])?$/.test(name)) {
    return 'a name is 1 to 100 letters, digits, "_", ".", "~", "+" or "-", with a letter, digit or "_" first and no "." last';
  }
  if (/\.exe$/i.test(name)) return 'leave .exe out: it is added on Windows';
  if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(name)) return 'a device name on Windows: choose another';
  return undefined;
}
