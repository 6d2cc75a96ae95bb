import { flagName, isFalse, type JobCommand } from '../flags.ts';
import { type FlagRule, flagRule, refusal } from './command-flags.ts';
import { cleanPattern } from './patterns.ts';
import { isExpanded, type Word } from './words.ts';

/** What a go command gets after its verb, as JobCommand has it; no packages where none are named. */
export type Arguments = Pick<JobCommand, 'flags' | 'packages' | 'keepsBinary'>;

/**
 * Reads arguments in the order in which the go command does.
 *
 * @throws Error with one line for what compiles nothing, cannot be read without the go command or is the shell's
 */
export function readArguments(verb: JobCommand['verb'], words: readonly Word[]): Arguments {
  const { flags, packages } = verb === 'test' ? orderOfTest(words) : flagsFirst(verb, words);
  const kept: string[] = [];
  const binary = new Map<string, boolean>();
  for (const flag of flags) {
    const { name, use, kind } = flag.rule;
    const isOff = kind === 'switch' && flag.value !== undefined && isFalse(flag.value);
    if (use === 'refuse' && !isOff) throw new Error(refusal(name));
    if (use === 'binary') binary.set(name, !isOff && flag.value !== '');
    if (use === 'profile' && !isMeasured(kept)) kept.push('-cover');
    if (use !== 'keep' && use !== 'raw') continue;
    const expanded = flag.words.find(isExpanded);
    if (expanded !== undefined) {
      throw new Error(`${expanded.text}: a shell would expand it: quote it, or write what it expands to`);
    }
    // That there is a -fuzz instruments the packages, not which one: a replay may not fuzz.
    const form = name === 'fuzz' && flag.value ? '-fuzz=^$' : normalForm(flag);
    kept.push(...(use === 'raw' ? flag.words.map(({ text }) => text) : [form]));
  }
  return { flags: kept, packages: readPackages(packages), keepsBinary: [...binary.values()].includes(true) };
}

/** The flags of a command that `go list` knows too, each `-name` or `-name=value`. */
export function listFlags({ verb, flags }: JobCommand): string[] {
  const found: string[] = [];
  let words = flags.map((text): Word => ({ text, bare: text }));
  for (let next = readNext(verb, words); next !== undefined; next = readNext(verb, words)) {
    if (next.kind === 'flag' && flagRule('list', next.flag.rule.name)?.use === 'keep') {
      found.push(normalForm(next.flag));
    }
    words = next.rest;
  }
  return found;
}

interface Flag {
  readonly rule: FlagRule;
  readonly value: string | undefined;
  /** As it is written. */
  readonly words: readonly Word[];
}

type Next = { readonly word: Word; readonly rest: Word[] } & (
  | { readonly kind: 'flag'; readonly flag: Flag }
  | { readonly kind: 'unknown' | 'package' | 'end' }
);

/** As cmd/go/internal/cmdflag.ParseOne. */
function readNext(verb: JobCommand['verb'], [word, ...rest]: readonly Word[]): Next | undefined {
  if (word === undefined) return undefined;
  if (word.text === '--') return { kind: 'end', word, rest };
  if (/^--?(h|help|\?)$/.test(word.text)) throw new Error(`${word.text} prints help: leave it out`);
  if (!/^--?[^=-]/.test(word.text)) return { kind: 'package', word, rest };
  const rule = flagRule(verb, flagName(word.text));
  if (rule === undefined) return { kind: 'unknown', word, rest };
  const value = textAfterEquals(word);
  if (rule.kind === 'switch' || value !== undefined) {
    return { kind: 'flag', flag: { rule, value, words: [word] }, word, rest };
  }
  const [separate, ...others] = rest;
  if (separate === undefined) throw new Error(`${word.text} needs a value, as in ${word.text}=value`);
  return { kind: 'flag', flag: { rule, value: separate.text, words: [word, separate] }, word, rest: others };
}

interface Ordered {
  readonly flags: readonly Flag[];
  readonly packages: readonly Word[];
}

/** As testFlags in cmd/go/internal/test/testflag.go: what it hands on to the test binary is in neither list. */
function orderOfTest(words: readonly Word[]): Ordered {
  const flags: Flag[] = [];
  let packages: Word[] | undefined;
  let inPackages = false;
  let mayBeValue = false;
  for (let next = readNext('test', words); next !== undefined; next = readNext('test', next.rest)) {
    const { kind, word } = next;
    const isOver: boolean = kind === 'package' && !inPackages && packages !== undefined;
    if (kind === 'end' || (isOver && !mayBeValue) || /^--?args$/.test(word.text)) break;
    if (kind === 'package' && !isOver) packages = [...(packages ?? []), word];
    if (kind === 'unknown') packages ??= [];
    if (kind === 'flag') flags.push(next.flag);
    inPackages = kind === 'package' && !isOver;
    mayBeValue = kind === 'unknown' && textAfterEquals(word) === undefined;
  }
  return { flags, packages: packages ?? [] };
}

/** As Go's package flag, for go build, and toolFlags in cmd/go/internal/vet/vetflag.go. */
function flagsFirst(verb: 'build' | 'vet', words: readonly Word[]): Ordered {
  const flags: Flag[] = [];
  for (let next = readNext(verb, words); next !== undefined; next = readNext(verb, next.rest)) {
    const { kind, word, rest } = next;
    if (kind === 'end') return { flags, packages: rest };
    if (kind === 'package') return { flags, packages: [word, ...rest] };
    flags.push(kind === 'flag' ? next.flag : asWritten(verb, word));
  }
  return { flags, packages: [] };
}

/** A newer Go may know the flag, or the tool of -vettool; whether the next word is its value, only they know. */
function asWritten(verb: 'build' | 'vet', word: Word): Flag {
  const value = textAfterEquals(word);
  if (value === undefined) {
    const form = `write ${word.text}=value, or =true where it is a switch`;
    throw new Error(`go ${verb} ${word.text}: not known here: ${form}`);
  }
  return { rule: { name: flagName(word.text), kind: 'value', use: 'raw' }, value, words: [word] };
}

function readPackages(words: readonly Word[]): string[] {
  for (const word of words) {
    const { text } = word;
    if (text.startsWith('-')) {
      throw new Error(`${text} stands where a package must: write flags before packages`);
    }
    if (isExpanded(word)) {
      throw new Error(`${text}: a shell would expand it: write ./... or the directories one by one`);
    }
  }
  return [...new Set(words.map(({ text }) => cleanPattern(text)))];
}

function textAfterEquals({ text }: Word): string | undefined {
  return text.includes('=') ? text.slice(text.indexOf('=') + 1) : undefined;
}

function normalForm({ rule: { name }, value }: Flag): string {
  return value === undefined ? `-${name}` : `-${name}=${value}`;
}

/** Each of the flags sets -cover (coverFlag in work/build.go), so that the last of them counts. */
function isMeasured(flags: readonly string[]): boolean {
  const last = flags.findLast((flag) => /^-cover/.test(flag));
  return last !== undefined && !(last.startsWith('-cover=') && isFalse(last.slice('-cover='.length)));
}
