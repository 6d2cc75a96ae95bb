/** The report: what one use of the action did. Main writes it, post completes it. Sizes in bytes, times in seconds. */
export interface Report {
  readonly schema: 1;
  readonly restore: RestoreReport;
  /** What the key is made of; empty where there is none. */
  readonly ingredients: readonly { readonly name: string; readonly value: string }[];
  /** The whole main step, from the start of its process. */
  readonly totalSeconds: number;
  readonly warm: WarmReport;
  /** Null where it cannot be told: main has failed, objects are gone, another user works in this GOCACHE. */
  readonly reuse: ReuseReport | null;
  /** The objects that are left after the sweep; null where main has failed. */
  readonly set: SetReport | null;
  readonly sweep: SweepReport;
  readonly save: SaveReport;
  /** What `max-size` did; null where there is none, and where nothing was to be packed. */
  readonly budget: BudgetReport | null;
  /** The saves of this set and of those before it, the newest first, 50 at most. */
  readonly history: readonly HistoryReport[];
  readonly supersede: SupersedeReport;
  readonly quota: QuotaReport;
  /** Null where there are none, and where they could not be built. */
  readonly helpers: HelpersReport | null;
}

export interface TallyReport {
  readonly objects: number;
  readonly bytes: number;
}

/** Where the objects came from and who used them, before the sweep: each is in one of the first six. */
export interface ReuseReport {
  /** Restored, and used by the job after the warm. */
  readonly restoredUsed: TallyReport;
  /** Restored, and used by the warm alone. */
  readonly restoredWarmed: TallyReport;
  /** Restored and used by nobody: what a sweep drops. */
  readonly restoredUnused: TallyReport;
  /** Made by main, and used by the job. */
  readonly warmedUsed: TallyReport;
  /** Made by main, and never used by the job. */
  readonly warmedUnused: TallyReport;
  /** Made by the job itself, after the warm. */
  readonly made: TallyReport;
  /** Compiled packages among what the job made: what the warm missed. */
  readonly compiled: TallyReport;
  /** Compiled packages that the warm made or used, and the job did not. */
  readonly wasted: TallyReport;
  /** The packages that were compiled: each, where tracing is on; else those that say their name, of the first 500. */
  readonly missed: readonly MissedReport[];
  /** Links of executables and test binaries; empty where tracing is off. */
  readonly links: readonly MissedReport[];
  /** Whether tracing was on. */
  readonly traced: boolean;
  /** Likely reasons of what was missed or wasted, a sentence each. */
  readonly reasons: readonly string[];
}

export interface MissedReport {
  readonly package: string;
  /** CPU seconds of the tool, where tracing is on. */
  readonly seconds?: number;
}

/** A set by class: compiled packages, executables and so on, each with its records. */
export interface SetReport extends TallyReport {
  readonly classes: Readonly<Record<string, TallyReport>>;
  /** The largest first. */
  readonly executables: readonly {
    readonly name: string;
    readonly bytes: number;
    /** The import path of its main package; null where the file does not say. */
    readonly package: string | null;
    /** Whether it is one of Go's own, such as covdata. */
    readonly tool: boolean;
  }[];
  /** The same before the sweep. */
  readonly before: TallyReport & {
    readonly classes: Readonly<Record<string, TallyReport>>;
    readonly executables: TallyReport;
  };
  /** What `keep-executables: false` leaves out of the stored set: executables of `go run` and `go tool`, with their records. */
  readonly notStored: TallyReport;
}

/** The programs of the input `helpers`. */
export interface HelpersReport {
  readonly directory: string;
  /** Of their entry; `disabled` where none was asked for. */
  readonly outcome: 'exact' | 'partial' | 'miss' | 'failed' | 'disabled';
  /** Why it failed; null otherwise. */
  readonly reason: string | null;
  /** Of the entry that was come upon, also where it could not be used. */
  readonly matchedKey: string | null;
  /** Beside the restore of the set. */
  readonly restoreSeconds: number;
  /** Of `go build`; 0 where it was not needed. */
  readonly buildSeconds: number;
  readonly programs: readonly ProgramReport[];
  /** Null until post has looked at it, and where the policy allows no save. */
  readonly save: SaveReport | null;
}

export interface ProgramReport {
  readonly name: string;
  readonly package: string;
  readonly bytes: number;
  /** Whether it was linked, and neither restored nor there as it is. */
  readonly built: boolean;
}

export interface RestoreReport {
  readonly outcome: 'exact' | 'partial' | 'miss' | 'failed' | 'disabled';
  /** Why it failed or is disabled, or the newest set was there without its base; null otherwise. */
  readonly reason: string | null;
  readonly primaryKey: string;
  readonly matchedKey: string | null;
  /** Of the base that was unpacked with it; null where there was none. */
  readonly baseKey: string | null;
  /** Download and unpacking. */
  readonly seconds: number;
  /** Those of them for which main had nothing else to do: the download goes on beside the listing of packages. */
  readonly waitedSeconds: number;
  readonly objects: number;
  readonly bytes: number;
}

export interface WarmReport {
  readonly outcome: 'warmed' | 'skipped' | 'failed';
  /** Why it was skipped or failed. */
  readonly reason: string | null;
  readonly seconds: number;
  readonly passes: readonly {
    readonly kind: 'cover' | 'plain' | 'command';
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
  /** What was uploaded, compressed: of a set with a new base both. */
  readonly bytes: number | null;
  /** A new base that was saved with a set, and why; null where the set lies on one that was there, or needs none. */
  readonly base: { readonly key: string; readonly bytes: number; readonly reason: string } | null;
  readonly seconds: number;
}

export interface BudgetReport {
  readonly limitBytes: number;
  /** What other entries of this action on the ref take and keep; null where they could not be counted. */
  readonly takenBytes: number | null;
  /** What the whole set would take, before packing; null where no earlier save tells. */
  readonly estimatedBytes: number | null;
  /** What the set was packed without, or would have been; `bytes` as they are, not packed. */
  readonly leftOut: TallyReport & { readonly classes: readonly string[] };
  /** Whether what was left fits. */
  readonly fits: boolean;
}

export interface HistoryReport {
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly commit: string;
  /** The objects themselves. */
  readonly rawBytes: number;
  readonly storedBytes: number;
  /** By the warm and by the job. */
  readonly compiledPackages: number;
  readonly restoreSeconds: number;
  readonly warmSeconds: number;
  /** The warm of the newest run that began with nothing; null where none is known. */
  readonly coldWarmSeconds: number | null;
  /** Without the upload, which the entry cannot know. */
  readonly saveSeconds: number;
}

/** What became of the older entries that the saved ones replace. */
export interface SupersedeReport {
  /** `denied`: the token lacks a permission. */
  readonly outcome: 'done' | 'skipped' | 'denied' | 'failed';
  /** Null where it is done. */
  readonly reason: string | null;
  /** Also where it ended early. */
  readonly deleted: readonly { readonly key: string; readonly bytes: number }[];
  readonly bytes: number;
}

/** What the repository's cache holds after a save, of all tools and on all refs. Zeros where it was not read. */
export interface QuotaReport {
  readonly outcome: 'read' | 'skipped' | 'denied' | 'failed';
  readonly reason: string | null;
  readonly entries: number;
  readonly bytes: number;
  /** The share of this action. */
  readonly own: { readonly entries: number; readonly bytes: number };
  /** Of that, what is on the run's own ref: what `max-size` limits. */
  readonly onRef: { readonly entries: number; readonly bytes: number };
  readonly limitBytes: number;
  /** Whether the service told the limit; else it is GitHub's default. */
  readonly limitRead: boolean;
  /** The five groups of keys that take most, the largest first. */
  readonly largest: readonly { readonly prefix: string; readonly entries: number; readonly bytes: number }[];
}

/** Older entries that were left as they are, for a reason. */
export function notSuperseded(outcome: 'skipped' | 'denied' | 'failed', reason: string): SupersedeReport {
  return { outcome, reason, deleted: [], bytes: 0 };
}

/** A repository's cache that was not measured, for a reason. */
export function quotaNotRead(outcome: 'skipped' | 'denied' | 'failed', reason: string): QuotaReport {
  const none = { entries: 0, bytes: 0 };
  return { outcome, reason, ...none, own: none, onRef: none, limitBytes: 0, limitRead: false, largest: [] };
}

const notRun = 'the post step has not run';

/** What main can say of post's half: nothing yet. */
export const notYet: Pick<
  Report,
  'reuse' | 'set' | 'sweep' | 'save' | 'budget' | 'history' | 'supersede' | 'quota' | 'helpers'
> = {
  reuse: null,
  set: null,
  sweep: { droppedObjects: 0, droppedBytes: 0, keptObjects: 0, keptBytes: 0 },
  save: { outcome: 'skipped', reason: notRun, key: null, bytes: null, base: null, seconds: 0 },
  budget: null,
  history: [],
  supersede: notSuperseded('skipped', notRun),
  quota: quotaNotRead('skipped', notRun),
  helpers: null,
};
