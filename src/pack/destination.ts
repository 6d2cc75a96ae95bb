import { messageOf } from '../errors.ts';
import type { Place } from './jobs.ts';
import { createJournal, type JournalMemory, namesIn } from './journal.ts';
import { PackError } from './pack-error.ts';
import { makeDirectory, removeMade } from './undo.ts';

/** A directory that jobs write into, and what they have made there. */
export class Destination {
  private readonly directory: string;
  private readonly topmost: string | null;
  private readonly journals: JournalMemory[] = [];

  private constructor(directory: string, topmost: string | null) {
    this.directory = directory;
    this.topmost = topmost;
  }

  /** Makes the directory where it is missing. Throws a PackError. */
  static async make(directory: string): Promise<Destination> {
    return new Destination(directory, await makeDirectory(directory));
  }

  /** The directory for one job, with a journal of its own. */
  place(): Place {
    const journal = createJournal();
    this.journals.push(journal);
    return { directory: this.directory, journal };
  }

  /** The names of the files that were not there before, in no order. */
  written(): string[] {
    return this.made().filter((name) => !name.endsWith('/'));
  }

  /** Removes all that was made; resolves with what could not be removed and why, in one line, or null. */
  async undo(): Promise<string | null> {
    return await removeMade(this.directory, this.made(), this.topmost);
  }

  private made(): string[] {
    return this.journals.flatMap(namesIn);
  }
}

/**
 * Lets work be done in a directory, which is made where it is missing. Where it fails, all that was made is removed again,
 * and a PackError is thrown that says why.
 */
export async function wholeOrNothing<T>(
  directory: string,
  work: (into: Destination) => Promise<T>,
): Promise<T> {
  const into = await Destination.make(directory);
  try {
    return await work(into);
  } catch (error) {
    const left = await into.undo();
    throw new PackError(
      messageOf(error) + (left === null ? '' : `; and not everything was removed again: ${left}`),
    );
  }
}
