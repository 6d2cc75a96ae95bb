import { messageOf } from '../errors.ts';

/**
 * A pack that cannot be written or read: what it holds is not what it should, or the disk said no.
 * Its message is one line, names the part and the object where there is one, and holds no control characters,
 * since names come out of archives that anybody may have written.
 */
export class PackError extends Error {
  override readonly name = 'PackError';

  constructor(message: string) {
    super(message.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]+/gu, ' ').trim());
  }
}

/** A name out of an archive as a message may show it: short, whatever its length was. */
export function shown(name: string): string {
  return name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
}

const LONGEST_SHOWN = 160;

/** Does something with a file of an archive; what is thrown names the file. */
export function about<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new PackError(`${shown(name)}: ${messageOf(error)}`);
  }
}
