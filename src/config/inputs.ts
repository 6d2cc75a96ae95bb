import { messageOf, UserError } from '../errors.ts';
import type { CoverShape, HelperLine, JobCommand } from '../flags.ts';
import { parseCommands } from './commands.ts';
import { parseBuildFlags } from './flags.ts';
import { parseHelpers } from './helpers.ts';
import { cleanPattern } from './patterns.ts';
import { parseSize } from './sizes.ts';

export type Gocache =
  | { readonly kind: 'own' }
  | { readonly kind: 'inherit' }
  | { readonly kind: 'path'; readonly path: string };

/** The two passes: what is measured, and what is compiled as it is. */
export interface Passes {
  readonly kind: 'passes';
  /** Go package patterns in the form that `go list` gives back in `Match`, without duplicates. */
  readonly coverPackages: readonly string[];
  readonly plainPackages: readonly string[];
  /** Each `-name` or `-name=value`. */
  readonly buildFlags: readonly string[];
  readonly cover: CoverShape;
}

/** The job's own commands. */
export interface Commands {
  readonly kind: 'commands';
  readonly commands: readonly JobCommand[];
  /** The inputs that are set and do not count beside `test-commands`. */
  readonly ignored: readonly string[];
}

/** Everything that the user of the action may choose, parsed. */
export interface Inputs {
  /** Paths or glob patterns as written, relative to the workspace. */
  readonly workingDirectories: readonly string[];
  readonly compile: Passes | Commands;
  /** Go commands that the job runs at once, at least 1. */
  readonly parallelism: number;
  readonly warm: (typeof warmChoices)[number];
  /** `default` where the input is empty. */
  readonly name: string;
  /** Seconds after which a download is given up. */
  readonly restoreTimeout: number;
  readonly save: (typeof saveChoices)[number];
  /** Whether a save deletes the entries that it replaces. */
  readonly supersede: boolean;
  /** Bytes that this action's entries may take on one ref; undefined: as many as there are. */
  readonly maxSize: number | undefined;
  readonly gocache: Gocache;
  readonly moduleCache: boolean;
  /** Whether the warm links test binaries and starts them, as `go test -run=^$` does. */
  readonly link: boolean;
  readonly onWarmError: (typeof onWarmErrorChoices)[number];
  /** What is done about packages that the job compiled after the warm. */
  readonly onMiss: (typeof onMissChoices)[number];
  readonly trace: boolean;
  /** When post writes a job summary. */
  readonly summary: SummaryChoice;
  readonly helpers: readonly HelperLine[];
  /** As written, relative to the workspace; '' for a directory of our own. */
  readonly helpersDir: string;
  /** Whether what `go run` and `go tool` linked is stored. */
  readonly keepExecutables: boolean;
}

const summaryChoices = ['true', 'false', 'on-change'] as const;
export type SummaryChoice = (typeof summaryChoices)[number];
const warmChoices = ['auto', 'always', 'never'] as const;
const coverShapeChoices = ['self', 'each'] as const;
const onWarmErrorChoices = ['fail', 'warn'] as const;
const onMissChoices = ['notice', 'warn', 'fail'] as const;
/** The inputs that `test-commands` stands in for, with their defaults of action.yml. */
export const passDefaults: ReadonlyMap<string, string> = new Map([
  ['cover-packages', './...'],
  ['plain-packages', './tests/...'],
  ['build-flags', ''],
  ['cover-shape', 'self'],
  ['coverpkg', ''],
]);
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
      const shown = text.includes('\n') ? '' : `${JSON.stringify(text)}: `;
      wrong.push(`input ${name}: ${shown}${messageOf(error)}`);
      return fallback;
    }
  }

  function passes(): Passes {
    const coverShape = input('cover-shape', (text) => choose(text, coverShapeChoices), 'self');
    const patterns = input('coverpkg', (text) => parseCoverpkg(text, coverShape), []);
    return {
      kind: 'passes',
      coverPackages: input('cover-packages', parsePatterns, []),
      plainPackages: input('plain-packages', parsePatterns, []),
      buildFlags: input('build-flags', parseBuildFlags, []),
      cover: patterns.length > 0 ? { kind: 'coverpkg', patterns } : { kind: coverShape },
    };
  }
  function commands(): Commands {
    return {
      kind: 'commands',
      commands: input('test-commands', parseCommands, []),
      ignored: [...passDefaults].flatMap(([name, text]) => {
        const given = get(name).trim();
        return given === text ? [] : [name];
      }),
    };
  }

  const inputs: Inputs = {
    workingDirectories: input('working-directory', parseDirectories, []),
    compile: get('test-commands').trim() === '' ? passes() : commands(),
    parallelism: input('parallelism', (text) => parseCount(text, processors), 1),
    warm: input('warm', (text) => choose(text, warmChoices), 'auto'),
    name: input('name', parseName, 'default'),
    restoreTimeout: input('restore-timeout', parseTimeout, 1),
    save: input('save', (text) => choose(text, saveChoices), 'auto'),
    supersede: input('supersede', (text) => parseBoolean(text, true), true),
    maxSize: input('max-size', parseSize, undefined),
    gocache: input('gocache', parseGocache, { kind: 'own' }),
    moduleCache: input('module-cache', (text) => parseBoolean(text, true), true),
    link: input('link', (text) => parseBoolean(text, false), false),
    onWarmError: input('on-warm-error', (text) => choose(text, onWarmErrorChoices), 'fail'),
    onMiss: input('on-miss', (text) => choose(text, onMissChoices), 'notice'),
    trace: input('trace', (text) => parseBoolean(text, false), false),
    summary: input('summary', (text) => choose(text.toLowerCase(), summaryChoices), 'true'),
    helpers: input('helpers', parseHelpers, []),
    helpersDir: get('helpers-dir').trim(),
    keepExecutables: input('keep-executables', (text) => parseBoolean(text, false), false),
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

/** Patterns for -coverpkg, which parts them by commas; one import path of a package stays as it is written. */
function parseCoverpkg(text: string, coverShape: 'self' | 'each'): string[] {
  const patterns = text.split(/[\s,]+/).filter((word) => word !== '');
  for (const pattern of patterns) {
    if (pattern.startsWith('-')) {
      throw new Error(`${pattern} is a flag, not a package pattern: name patterns alone, as in ./...`);
    }
  }
  if (patterns.length > 0 && coverShape === 'each') {
    throw new Error(
      'not together with cover-shape: each, which measures each package by itself: leave one out',
    );
  }
  return [...new Set(patterns)];
}

function parseCount(text: string, fallback: number): number {
  if (text === '') return fallback;
  const count = Number(text);
  if (!/^\d+$/.test(text) || count < 1 || !Number.isSafeInteger(count)) {
    throw new Error('must be a whole number from 1, or empty for the number of processors');
  }
  return count;
}

/** At most a day: a longer wait than a job's is none that anybody means, and a timer has an end, too. */
function parseTimeout(text: string): number {
  if (text === '') return 300;
  const seconds = Number(text);
  if (!/^\d+$/.test(text) || seconds < 1 || seconds > 86_400) {
    throw new Error('must be a whole number of seconds from 1 to 86400');
  }
  return seconds;
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

function parseBoolean(text: string, fallback: boolean): boolean {
  if (text === '') return fallback;
  if (text.toLowerCase() === 'true') return true;
  if (text.toLowerCase() === 'false') return false;
  throw new Error('must be true or false');
}
