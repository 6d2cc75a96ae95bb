import { type Bits, parseBits, textOfBits } from './bits.ts';
import { checkKeys, countOf, type Fields, objectOf, textOf } from './manifest-fields.ts';
import { PackError } from './pack-error.ts';

/** What the manifest of a top says of its base. Files of the base are told by their numbers in it (listing.ts). */
export interface Top {
  readonly base: Base;
  /** The files of the base that the set does not have. */
  readonly dead: Bits;
  /** Those of them that the deltas refer to. */
  readonly references: Bits;
}

export interface Base {
  /** The key of its entry. */
  readonly key: string;
  /** See `identityOf`. */
  readonly identity: string;
  readonly files: number;
  readonly bytes: number;
}

export const topFields = ['base', 'dead', 'references'] as const;

// 16 million files, and 2 MB of text, which the largest manifest can hold twice.
const MOST_FILES = 2 ** 24;

export function textOfTop({ base, dead, references }: Top): Record<(typeof topFields)[number], unknown> {
  return { base, dead: textOfBits(dead), references: textOfBits(references) };
}

/** Throws a PackError for everything but what `textOfTop` makes. */
export function parseTop(fields: Fields): Top {
  const base = parseBase(fields['base']);
  const bitsOf = (key: 'dead' | 'references'): Bits => {
    const bits = parseBits(fields[key], base.files);
    if (bits === undefined)
      throw new PackError(`manifest.json: ${key} does not tell of the ${base.files} files of the base`);
    return bits;
  };
  const [dead, references] = [bitsOf('dead'), bitsOf('references')];
  // What the set has may be in the target already, whatever it is there.
  if (references.some((byte, at) => (byte & ~(dead[at] ?? 0)) !== 0)) {
    throw new PackError('manifest.json: references has a file of the base that is not dead');
  }
  return { base, dead, references };
}

function parseBase(value: unknown): Base {
  const fields = objectOf(value, 'base');
  checkKeys(fields, ['key', 'identity', 'files', 'bytes'], 'base');
  const what = 'base';
  const files = countOf(fields, 'files', what);
  if (files > MOST_FILES) throw new PackError(`manifest.json: a base of ${files} files is too large`);
  return {
    key: textOf(fields, 'key', { what, form: /[^\p{Cc},]{1,512}/u }),
    identity: textOf(fields, 'identity', { what, form: /[0-9a-f]{64}/ }),
    files,
    bytes: countOf(fields, 'bytes', what),
  };
}
