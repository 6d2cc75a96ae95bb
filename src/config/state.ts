import type { SummaryChoice } from './inputs.ts';

/** What main tells post, or `restore/` tells `save/`, which work from this alone. Everything large is in files of the use's work directory. */
export type State = DisabledState | SetState;

export interface DisabledState {
  readonly schema: 1;
  readonly kind: 'disabled';
  readonly report: string;
  readonly reason: string;
}

/** What the inputs say about the end of the job: those of the whole action, or those of `save/`. */
export interface Ending {
  /** What is done about packages that the job compiled after the warm. */
  readonly onMiss: 'notice' | 'warn' | 'fail';
  /** Whether older entries are deleted after a save. */
  readonly supersede: boolean;
  /** Bytes that this action's entries may take on this ref; null: as many as there are. */
  readonly maxSize: number | null;
  /** Whether what `go run` and `go tool` linked is stored. */
  readonly keepExecutables: boolean;
  /** When a job summary is written. */
  readonly summary: SummaryChoice;
  /** Whether every ref may restore what this job saves. */
  readonly isShared: boolean;
  readonly policy: { readonly allowed: true } | { readonly allowed: false; readonly reason: string };
}

export interface SetState extends Ending {
  readonly schema: 1;
  readonly kind: 'set';
  /** Absolute path of report.json. */
  readonly report: string;
  /** The use's own directory under RUNNER_TEMP: for transfers, and where snapshot.json is. */
  readonly work: string;
  readonly gocache: string;
  /** The Unix second that every object was backdated to. */
  readonly mark: number;
  readonly keys: {
    readonly prefix: string;
    readonly primary: string;
    readonly save: string;
    readonly unwarmed: string;
  };
  readonly restore: 'exact' | 'partial' | 'miss' | 'failed' | 'disabled';
  /** The key of the entry that the restore came upon, also where it could not be used. */
  readonly seenKey: string | null;
  readonly warm: 'warmed' | 'skipped' | 'failed';
  /** Whether the job's go commands are recorded. */
  readonly trace: boolean;
  /** What this use is called. */
  readonly name: string;
  /** The hash of the commit; '' where the runner does not say. */
  readonly commit: string;
  /** The full ref of the run, which is what its entries are scoped by. */
  readonly ref: string;
  /** Null where the module cache is not kept. */
  readonly modules: ModulesState | null;
  /** Null where there are no helpers. */
  readonly helpers: HelpersState | null;
}

export interface ModulesState {
  /** The whole key to save it under. */
  readonly key: string;
  /** Continued by the key of every entry of the same go.sum. */
  readonly primary: string;
  /** The key of the restored entry, where its go.sum is the same. */
  readonly seenKey: string | null;
  readonly goModCache: string;
}

export interface HelpersState {
  /** The whole key to save them under. */
  readonly key: string;
  /** Continued by the key of every entry of the same content. */
  readonly primary: string;
  /** What the keys of all entries of this shape begin with. */
  readonly prefix: string;
  /** The key of the entry of the same content that the restore came upon, also where it is broken. */
  readonly seenKey: string | null;
  /** Whether that was restored. */
  readonly stored: boolean;
}

/**
 * @param text the runner's STATE_ value or a state file, '' where nothing was remembered
 * @throws Error where the text is not what this version of main remembers
 */
export function parseState(text: string): State | undefined {
  if (text === '') return undefined;
  const state: State | null = JSON.parse(text);
  if (state?.schema !== 1)
    throw new Error(`the state of another version of this action: ${text.slice(0, 80)}`);
  return state;
}
