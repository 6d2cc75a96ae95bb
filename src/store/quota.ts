import { ownPrefix } from './key.ts';

/** What a repository may store where its limit cannot be read: 10 GB ("Dependency caching reference" of GitHub's docs). */
export const defaultLimit = 10e9;

export interface Usage {
  readonly entries: number;
  readonly bytes: number;
}

/** What all entries of a repository take, on every ref. */
export interface RepositoryUsage extends Usage {
  /** Those of this action, of whatever version. */
  readonly own: Usage;
  /** Those of them on one ref. */
  readonly onRef: Usage;
  /** The five groups of keys that take most, the largest first. */
  readonly largest: readonly (Usage & { readonly prefix: string })[];
}

/** Adds up a list of all entries. Pure. */
export function repositoryUsage(
  listed: readonly { readonly key: string; readonly ref: string; readonly bytes: number }[],
  ref: string,
): RepositoryUsage {
  const groups = new Map<string, Usage>();
  for (const { key, bytes } of listed) {
    const prefix = keyGroup(key);
    const { entries, bytes: before } = groups.get(prefix) ?? { entries: 0, bytes: 0 };
    groups.set(prefix, { entries: entries + 1, bytes: before + bytes });
  }
  const own = listed.filter(({ key }) => key.startsWith(ownPrefix));
  const bySize = [...groups].sort(([, a], [, b]) => b.bytes - a.bytes);
  return {
    ...usage(listed),
    own: usage(own),
    onRef: usage(own.filter((entry) => entry.ref === ref)),
    largest: bySize.slice(0, 5).map(([prefix, of]) => ({ prefix, ...of })),
  };
}

/**
 * A key without what tells one entry from the next: the hashes, run ids and attempts at its end. `linux-npm-3fa9…` and
 * `linux-npm-77b1…` are both of `linux-npm`. A key of nothing else stays whole.
 */
export function keyGroup(key: string): string {
  const fields = key.split('-');
  // Hexadecimal with a digit, of seven signs or more as a short commit; a run id; an attempt behind a dot.
  const telling = fields.findLastIndex((field) => !/^(?=.*\d)[0-9a-f]{7,}$|^\d+(\.\d+)?$/i.test(field));
  return telling < 0 ? key : fields.slice(0, telling + 1).join('-');
}

function usage(of: readonly { readonly bytes: number }[]): Usage {
  return { entries: of.length, bytes: of.reduce((sum, { bytes }) => sum + bytes, 0) };
}
