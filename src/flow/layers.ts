/*
 * When a top is no longer worth while. Measured (docs/layers.md has the tables): of Caddy a small edit of what nearly all its
 * packages import makes a top of 0.005 of its base, of Task 0.0005; two minor versions of Task, one of 0.24.
 *
 * Uploads: every save uploads a top with all that has changed since the base, so where each commit adds the share g, a base
 * that is kept until its top has the share t costs g/t for itself and t/2 for the tops, a commit. That is least at t = √(2g):
 * 0.1 for edits of 0.005. And base and top together are to take little more than one set.
 */
const LARGEST_TOP = 0.1;

/*
 * Restores: what is dead is unpacked, checked and written aside for nothing but to be referred to. With 71 % of it dead a
 * restore took a tenth to a fifth more CPU seconds than that of the set as one pack.
 */
const LARGEST_DEAD = 0.5;

/** What a save knows of the base that main has restored. */
export interface LayerFacts {
  /**
   * `none`: no set was restored, or one without layers. `gone`: the base was evicted or is broken, or another job has
   * deleted it since.
   */
  readonly base:
    | 'none'
    | 'gone'
    | {
        /** What it takes in the cache. */
        readonly storedBytes: number;
        /** Of its files, and of those of them that the set no longer has. */
        readonly bytes: number;
        readonly deadBytes: number;
      };
  /** What the top takes as an entry; null: it is not packed yet. */
  readonly topBytes: number | null;
  /** Whether others than this ref restore what it saves: a base of a pull request would take a set's room for it alone. */
  readonly isShared: boolean;
  /** Whether the job has succeeded: else the set is more than it needs, and stands for less than a whole one on the old base. */
  readonly isSettled: boolean;
}

export type LayerPlan =
  /** On the base that was restored. */
  | { readonly write: 'top' }
  /** A base of the whole set, and a top on it, which holds nothing but the manifest. The reason ends a sentence. */
  | { readonly write: 'base'; readonly reason: string }
  /** A set without layers. */
  | { readonly write: 'alone' };

/** What is to be written. Asked before anything is packed, and where that is a top, again when it is packed. Pure. */
export function planLayers({ base, topBytes, isShared, isSettled }: LayerFacts): LayerPlan {
  if (typeof base === 'string') {
    if (!isShared) return { write: 'alone' };
    return { write: 'base', reason: base === 'none' ? 'there was none' : 'the last one cannot be used' };
  }
  if (!isShared || !isSettled) return { write: 'top' };
  if (base.deadBytes > base.bytes * LARGEST_DEAD) {
    return {
      write: 'base',
      reason: `${percent(base.deadBytes / base.bytes)} of the last one are no longer used`,
    };
  }
  if (topBytes !== null && topBytes > base.storedBytes * LARGEST_TOP) {
    return {
      write: 'base',
      reason: `the top would take ${percent(topBytes / base.storedBytes)} of the last one`,
    };
  }
  return { write: 'top' };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
