import { mkdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf, messageOf } from '../errors.ts';
import { PackError } from './pack-error.ts';

/** Makes a directory with its parents; resolves with the topmost that was made, null where all were there. Throws a PackError. */
export async function makeDirectory(path: string): Promise<string | null> {
  try {
    return (await mkdir(path, { recursive: true })) ?? null;
  } catch (error) {
    throw new PackError(messageOf(error));
  }
}

/**
 * Removes from `root` what a journal lists, files first, then the directories that are empty by then, and then `root` itself
 * and its parents up to `topmost`, where those were made, too. Resolves with what could not be removed and why, in one line, or null.
 */
export async function removeMade(
  root: string,
  names: readonly string[],
  topmost: string | null,
): Promise<string | null> {
  const troubles: string[] = [];
  const attempt = async (act: () => Promise<void>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      // A directory that somebody else has put something into stays, with what is in it.
      if (!hasCode(error, ['ENOENT', 'ENOTEMPTY', 'EEXIST'])) troubles.push(messageOf(error));
    }
  };
  for (const name of names.filter((made) => !made.endsWith('/'))) {
    await attempt(() => rm(join(root, name), { force: true }));
  }
  // A directory's name is shorter than those of the directories in it.
  const directories = names.filter((made) => made.endsWith('/')).sort((a, b) => b.length - a.length);
  for (const name of directories) await attempt(() => rmdir(join(root, name)));
  for (const path of madeAbove(root, topmost)) await attempt(() => rmdir(path));
  return troubles[0] ?? null;
}

function madeAbove(root: string, topmost: string | null): string[] {
  if (topmost === null) return [];
  const made = [resolve(root)];
  for (let path = resolve(root); path !== resolve(topmost) && path !== dirname(path); path = dirname(path)) {
    made.push(dirname(path));
  }
  return made;
}

function hasCode(error: unknown, codes: readonly string[]): boolean {
  return codes.includes(codeOf(error) ?? '');
}
