import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ObjectClass } from '../gocache/content.ts';
import { parseHistory, type SaveRecord } from '../store/history.ts';

/** What a set tells of itself and of those before it: the note in the manifest of its pack. */
export interface Past {
  /** The newest first. */
  readonly history: readonly SaveRecord[];
  /** The classes of objects that are not in it, since `max-size` left no room for them. */
  readonly leftOut: readonly ObjectClass[];
}

/** What may be left out of a set that takes too much, in this order. */
export const leaveOutOrder: readonly (readonly ObjectClass[])[] = [
  ['executable'],
  ['coverage-profile', 'test-result'],
];

/** What is left out in any case, unless `keep-executables` is set: Go's own tools have a class of their own. */
export const neverStored: readonly ObjectClass[] = ['executable'];

/** What has not the form of a note tells nothing: whoever may write entries may have written it. */
export function parsePast(note: unknown): Past {
  const listed: unknown =
    typeof note === 'object' && note !== null ? Reflect.get(note, 'leftOut') : undefined;
  const names: readonly unknown[] = Array.isArray(listed) ? listed : [];
  return {
    history: parseHistory(note),
    leftOut: leaveOutOrder.flat().filter((one) => names.includes(one)),
  };
}

const file = (work: string): string => join(work, 'past.json');

/** Main's word to post. */
export function writePast(work: string, past: Past): void {
  writeFileSync(file(work), JSON.stringify(past));
}

/** What main wrote; nothing where the job has removed it. */
export function readPast(work: string): Past {
  try {
    return parsePast(JSON.parse(readFileSync(file(work), 'utf8')));
  } catch {
    return parsePast(undefined);
  }
}
