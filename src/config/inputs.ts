import { posix } from 'node:path';
import { messageOf, UserError } from '../errors.ts';
import { parseBuildFlags } from './flags.ts';

export type Gocache =
  | { readonly kind: 'own' }
  | { readonly kind: 'inherit' }
  | { readonly kind: 'path'; readonly path: string };

/** Everything that the user of the action may choose, parsed. */
export interface Inputs {
  /** Paths or glob patterns as written, relative to the workspace. */
  readonly workingDirectories: readonly string[];
  /** Go package patterns in the form that `go list` gives back in `Match`, without duplicates. */
  readonly coverPackages: readonly string[];
  readonly plainPackages: readonly string[];
  /** Each `-name` or `-name=value`. */
  readonly buildFlags: readonly string[];
  /** Go commands that the job runs at once, at least 1. */
  readonly parallelism: number;
  readonly warm: (typeof warmChoices)[number];
  /** `default` where the input is empty. */
  readonly name: string;
  readonly save: (typeof saveChoices)[number];
  readonly gocache: Gocache;
  readonly moduleCache: boolean;
}

const warmChoices = ['auto', 'always', 'never'] as const;
const saveChoices = ['auto', 'always', 'never'] as const;

/**
 * Parses all inputs at once.
 *
 * @param get the text of an input, '' where it is not set
 * @param processors the default of `parallelism`
 * @throws UserError that names every wrong input, its value and what would be right, a line each
 */
export function parseInputs(get: (name: string) => string, processors: number): Inputs {
  const wrong: string[] = [];
  function input<T>(name: string, parse: (text: string) => T, fallback: T): T {
    const text = get(name).trim();
    try {
      return parse(text);
    } catch (error) {
      wrong.push(`input ${name}: ${JSON.stringify(text)}: ${messageOf(error)}`);
      return fallback;
    }
  }

  const inputs: Inputs = {
    workingDirectories: input('working-directory', parseDirectories, []),
    coverPackages: input('cover-packages', parsePatterns, []),
    plainPackages: input('plain-packages', parsePatterns, []),
    buildFlags: input('build-flags', parseBuildFlags, []),
    parallelism: input('parallelism', (text) => parseCount(text, processors), 1),
    warm: input('warm', (text) => choose(text, warmChoices), 'auto'),
    name: input('name', parseName, 'default'),
    save: input('save', (text) => choose(text, saveChoices), 'auto'),
    gocache: input('gocache', parseGocache, { kind: 'own' }),
    moduleCache: input('module-cache', parseBoolean, true),
  };
  if (wrong.length > 0) throw new UserError(wrong.join('\n'));
  return inputs;
}

function parseDirectories(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const directories = lines.filter((line) => line !== '');
  return directories.length === 0 ? ['.'] : [...new Set(directories)];
}

function parsePatterns(text: string): string[] {
  const patterns = text.split(/\s+/).filter((word) => word !== '');
  for (const pattern of patterns) {
    if (pattern.startsWith('-')) {
      throw new Error(`${pattern} is a flag, not a package pattern: flags belong in build-flags`);
    }
  }
  return [...new Set(patterns.map(cleanPattern))];
}

/** As `go list` cleans patterns before it gives them back in `Match` (cmd/go/internal/search.CleanPatterns). */
function cleanPattern(pattern: string): string {
  if (!/^\.{1,2}([/\\]|$)/.test(pattern)) return posix.normalize(pattern).replace(/\/+$/, '');
  const clean = posix.normalize(pattern.replaceAll('\\', '/')).replace(/\/+$/, '');
  return /^\.{1,2}(\/|$)/.test(clean) ? clean : `./${clean}`;
}

function parseCount(text: string, fallback: number): number {
  if (text === '') return fallback;
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new Error('must be a whole number from 1, or empty for the number of processors');
  }
  return count;
}

function choose<const T extends string>(text: string, choices: readonly [T, ...T[]]): T {
  if (text === '') return choices[0];
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw new Error(`must be one of ${choices.join(', ')}`);
  return choice;
}

/**
 * A name becomes a directory and a part of the key, so it is kept to what both can hold on every platform:
 * a key may hold no comma, and Windows forbids most punctuation, a final dot and, in any case, CON and its like.
 */
function parseName(text: string): string {
  if (text === '') return 'default';
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/.test(text)) {
    throw new Error(
      'must be 1 to 100 letters, digits, ".", "_" or "-", with a letter or digit first and no "." last',
    );
  }
  if (/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(text)) {
    throw new Error('is a device name on Windows: choose another');
  }
  return text;
}

function parseGocache(text: string): Gocache {
  if (text === '') return { kind: 'own' };
  if (text === 'inherit') return { kind: 'inherit' };
  if (text === 'off') throw new Error('must be a directory, "inherit" or empty: Go needs a build cache');
  return { kind: 'path', path: text };
}

function parseBoolean(text: string): boolean {
  if (text === '' || text.toLowerCase() === 'true') return true;
  if (text.toLowerCase() === 'false') return false;
  throw new Error('must be true or false');
}
