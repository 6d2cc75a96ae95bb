/** The report: what one use of the action did. Main writes it, post completes it. Sizes in bytes, times in seconds. */
export interface Report {
  readonly schema: 1;
  readonly restore: RestoreReport;
  /** The whole main step, from the start of its process. */
  readonly totalSeconds: number;
  readonly warm: WarmReport;
  readonly sweep: SweepReport;
  readonly save: SaveReport;
}

export interface RestoreReport {
  readonly outcome: 'exact' | 'partial' | 'miss' | 'failed' | 'disabled';
  readonly primaryKey: string;
  readonly matchedKey: string | null;
  readonly seconds: number;
  readonly objects: number;
  readonly bytes: number;
}

export interface WarmReport {
  readonly outcome: 'warmed' | 'skipped' | 'failed';
  /** Why it was skipped or failed. */
  readonly reason: string | null;
  readonly seconds: number;
  readonly passes: readonly {
    readonly kind: 'cover' | 'plain';
    readonly packages: number;
    readonly seconds: number;
    readonly command: readonly string[];
  }[];
}

export interface SweepReport {
  readonly droppedObjects: number;
  readonly droppedBytes: number;
  readonly keptObjects: number;
  readonly keptBytes: number;
}

export interface SaveReport {
  readonly outcome: 'saved' | 'skipped' | 'failed';
  readonly reason: string | null;
  readonly key: string | null;
  /** What the entry takes in the cache, compressed. */
  readonly bytes: number | null;
  readonly seconds: number;
}

/** What main can say of post's half: nothing yet. */
export const notYet: Pick<Report, 'sweep' | 'save'> = {
  sweep: { droppedObjects: 0, droppedBytes: 0, keptObjects: 0, keptBytes: 0 },
  save: { outcome: 'skipped', reason: 'the post step has not run', key: null, bytes: null, seconds: 0 },
};
