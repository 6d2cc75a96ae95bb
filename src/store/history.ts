/** One save of a set, as later runs read it: sizes in bytes, times in seconds. */
export interface SaveRecord {
  /** When it was packed: ISO 8601, UTC. */
  readonly time: string;
  /** The hash of the commit; '' where the runner does not say. */
  readonly commit: string;
  /** The objects themselves, and what they take packed. */
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** By the warm and by the job, after the restore. */
  readonly compiledPackages: number;
  readonly restoreSeconds: number;
  readonly warmSeconds: number;
  /** The warm of the newest run that began with nothing; null where the history knows of none. */
  readonly coldWarmSeconds: number | null;
  /** Until the pack was written: how long its own upload takes no entry can hold. */
  readonly saveSeconds: number;
}

const mostRecords = 50;

/**
 * The records of a set's note, newest first. Whoever may write entries may have written it: a record that has not the
 * form of one is dropped.
 */
export function parseHistory(note: unknown): SaveRecord[] {
  const listed = field(note, 'history');
  return Array.isArray(listed) ? listed.flatMap(parseRecord).slice(0, mostRecords) : [];
}

/** The newest first, the oldest dropped. */
export function withRecord(history: readonly SaveRecord[], record: SaveRecord): SaveRecord[] {
  return [record, ...history].slice(0, mostRecords);
}

/** Stored to raw bytes of the newest save; undefined where there was none, or what it says cannot be. */
export function storedRatio([newest]: readonly SaveRecord[]): number | undefined {
  if (newest === undefined) return undefined;
  const ratio = newest.storedBytes / newest.rawBytes;
  return ratio > 0 && ratio <= 1.1 ? ratio : undefined;
}

function parseRecord(value: unknown): SaveRecord[] {
  const text = (name: string, form: RegExp): string => {
    const found = field(value, name);
    if (typeof found !== 'string' || !form.test(found)) throw new TypeError(name);
    return found;
  };
  const number = (name: string): number => {
    const found = field(value, name);
    if (typeof found !== 'number' || !Number.isFinite(found) || found < 0) throw new TypeError(name);
    return found;
  };
  try {
    return [
      {
        time: text('time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$/),
        commit: text('commit', /^[0-9a-f]{0,64}$/),
        rawBytes: number('rawBytes'),
        storedBytes: number('storedBytes'),
        compiledPackages: number('compiledPackages'),
        restoreSeconds: number('restoreSeconds'),
        warmSeconds: number('warmSeconds'),
        coldWarmSeconds: field(value, 'coldWarmSeconds') === null ? null : number('coldWarmSeconds'),
        saveSeconds: number('saveSeconds'),
      },
    ];
  } catch (error) {
    if (error instanceof TypeError) return [];
    throw error;
  }
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
