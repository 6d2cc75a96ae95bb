import { hash } from 'node:crypto';
import { PackError } from './pack-error.ts';

/**
 * What a pack may hold. Rules cross to worker threads by structured clone, which keeps a RegExp's source and flags;
 * the flags `g` and `y` would make a match depend on the one before, so a rule has neither.
 */
export interface PackRule {
  /**
   * Matches the whole name of an object, relative and with `/`. Where it has a named group `sha256`, the object's
   * content must hash to it (hexadecimal, lower case).
   */
  readonly name: RegExp;
  /**
   * Matches the content, read as latin1. Where it and the name both have a named group `id`, the two must be equal.
   */
  readonly content?: RegExp;
  /** The file's mode: 0777 or else 0666, each less the umask. */
  readonly executable: boolean;
}

/** A name that a rule allows, and the rule's match of it. */
export interface Allowed {
  readonly rule: PackRule;
  readonly groups: Readonly<Record<string, string | undefined>>;
}

/** Whether a name stays inside the directory it is joined to, on every platform, whatever the rules say. */
export function isPlainName(name: string): boolean {
  // The separators and drive letters of Windows, and NUL and its like, are in no name that a pack has.
  if (/[\\:\p{Cc}]/u.test(name)) return false;
  return name.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..');
}

/** The first rule that allows the name. Throws a PackError where none does. */
export function ruleFor(name: string, rules: readonly PackRule[]): Allowed {
  if (!isPlainName(name)) throw new PackError('the name is not a plain relative one');
  const allowed = firstRule(name, rules);
  if (allowed === undefined) throw new PackError('no rule allows this name');
  return allowed;
}

function firstRule(name: string, rules: readonly PackRule[]): Allowed | undefined {
  for (const rule of rules) {
    const match = rule.name.exec(name);
    if (match?.[0] === name) return { rule, groups: match.groups ?? {} };
  }
  return undefined;
}

/** Whether a file of this name must have the content that its name is the hash of. */
export function hasHashedName(name: string, rules: readonly PackRule[]): boolean {
  const allowed = firstRule(name, rules);
  return allowed !== undefined && isHashed(allowed);
}

/** Whether the name says what the content is. */
export function isHashed({ groups }: Allowed): boolean {
  return groups['sha256'] !== undefined;
}

/** Throws a PackError where the content is not what the rule and the name promise. */
export function checkContent(content: Buffer, allowed: Allowed): void {
  const { rule, groups } = allowed;
  const sha256 = groups['sha256'];
  if (sha256 !== undefined && hash('sha256', content, 'hex') !== sha256) {
    throw new PackError('the content does not hash to the name');
  }
  if (rule.content === undefined) return;
  const match = rule.content.exec(content.toString('latin1'));
  if (match === null) throw new PackError('the content has not the form that it should have');
  const id = match.groups?.['id'];
  if (id !== undefined && groups['id'] !== undefined && id !== groups['id']) {
    throw new PackError('the content belongs to another name');
  }
}

/** Whether a file of this name and content would be taken by a reader with these rules. */
export function keepsRules(name: string, content: Buffer, rules: readonly PackRule[]): boolean {
  try {
    checkContent(content, ruleFor(name, rules));
    return true;
  } catch (error) {
    if (error instanceof PackError) return false;
    throw error;
  }
}
