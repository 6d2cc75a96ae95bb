import { closeSync, lstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../errors.ts';
import type { Place } from './jobs.ts';
import { appendName, type JournalMemory } from './journal.ts';
import { PackError } from './pack-error.ts';

/**
 * The directory that objects are written into by one thread. It makes the directories under it as they are needed, never
 * passes through a link that is there, never touches a file that is there, and notes in the journal whatever it makes.
 * Writes are direct: cmd/go refuses an action record of another length, and an output of another size than its record says,
 * so a file that a killed process left half written is a miss (cmd/go/internal/cache, get and GetFile).
 */
export class TargetTree {
  private readonly root: string;
  private readonly journal: JournalMemory;
  private readonly known = new Set<string>();

  constructor({ directory, journal }: Place) {
    this.root = directory;
    this.journal = journal;
  }

  /** Writes a new file, `name` being a checked one; false where a file of this name was there. Throws what node:fs throws. */
  add(name: string, content: Buffer, mode: number): boolean {
    this.makeDirectories(name);
    const handle = this.create(name, mode);
    if (handle === null) return false;
    try {
      appendName(this.journal, name);
      for (let done = 0; done < content.length; ) done += writeSync(handle, content, done);
    } finally {
      closeSync(handle);
    }
    return true;
  }

  private create(name: string, mode: number): number | null {
    try {
      return openSync(join(this.root, name), 'wx', mode);
    } catch (error) {
      if (isTaken(error)) return null;
      throw error;
    }
  }

  private makeDirectories(name: string): void {
    for (let end = name.indexOf('/'); end !== -1; end = name.indexOf('/', end + 1)) {
      const directory = name.slice(0, end);
      if (!this.known.has(directory)) this.makeDirectory(directory);
      this.known.add(directory);
    }
  }

  private makeDirectory(directory: string): void {
    const path = join(this.root, directory);
    try {
      mkdirSync(path);
      appendName(this.journal, `${directory}/`);
    } catch (error) {
      if (!isTaken(error)) throw error;
      // Whoever puts a link here would have objects written elsewhere.
      if (!lstatSync(path).isDirectory())
        throw new PackError(`${directory} in the target is not a directory`);
    }
  }
}

function isTaken(error: unknown): boolean {
  return codeOf(error) === 'EEXIST';
}
