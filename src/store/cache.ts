import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../errors.ts';
import {
  makeTransferDirectory,
  removeTransferDirectory,
  type Told,
  type TransferDirectory,
  transfer,
} from './transfer.ts';

export type RestoreOutcome =
  | {
      readonly kind: 'hit';
      readonly key: string;
      readonly bytes: number | null;
      readonly directory: TransferDirectory;
    }
  | { readonly kind: 'miss' }
  | { readonly kind: 'disabled'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly key?: string };

/** `bytes`: what the entry takes in the cache. `skipped`: somebody else stored it, or this run may not write. */
export type SaveOutcome =
  | { readonly kind: 'saved'; readonly bytes: number | null }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

/** The Actions cache as this action needs it: entries that hold one pack. No fault of the service makes a method reject. */
export class CacheStore {
  readonly #parent: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #restoreDeadline: number;
  #stalled = false;

  /**
   * @param parent a directory of ours for transfers
   * @param env the environment with the service's address and token
   * @param restoreDeadline seconds after which a restore is given up, and with it all later ones
   */
  constructor(parent: string, env: NodeJS.ProcessEnv, restoreDeadline = defaultRestoreDeadline) {
    this.#parent = parent;
    this.#env = env;
    this.#restoreDeadline = restoreDeadline;
  }

  /**
   * Downloads the entry that the keys name, as prefixes in their order, of each the newest. The caller reads
   * the pack of a hit, and then removes its directory by `discard`.
   *
   * @param signal gives the download up
   */
  async restore(keys: readonly [string, ...string[]], signal?: AbortSignal): Promise<RestoreOutcome> {
    if (this.#stalled) return { kind: 'failed', reason: 'the cache service has not answered in time before' };
    try {
      const directory = makeTransferDirectory(this.#parent);
      const options = this.#options(directory, this.#restoreDeadline);
      const told = await transfer({ kind: 'restore', keys }, { ...options, signal });
      this.#stalled ||= told.timedOut;
      const outcome: RestoreOutcome = told.timedOut
        ? { kind: 'failed', reason: `it took over ${this.#restoreDeadline} s, the restore-timeout` }
        : readRestore(told, directory);
      if (outcome.kind !== 'hit') this.discard(directory);
      return outcome;
    } catch (error) {
      return { kind: 'failed', reason: messageOf(error) };
    }
  }

  /**
   * The key that a restore would match; undefined where none does or the service does not say.
   *
   * @throws Error where RUNNER_TEMP cannot be written
   */
  async lookup(keys: readonly [string, ...string[]]): Promise<string | undefined> {
    const directory = makeTransferDirectory(this.#parent);
    const { result } = await transfer({ kind: 'lookup', keys }, this.#options(directory, lookupDeadline));
    this.discard(directory);
    return 'key' in result ? (result.key ?? undefined) : undefined;
  }

  /** A place for a pack that is to be saved. @throws Error where RUNNER_TEMP cannot be written */
  prepare(): TransferDirectory {
    return makeTransferDirectory(this.#parent);
  }

  /** Uploads the pack of a prepared directory, and removes the directory. */
  async save(directory: TransferDirectory, key: string): Promise<SaveOutcome> {
    const told = await transfer({ kind: 'save', key }, this.#options(directory, saveDeadline));
    this.discard(directory);
    return readSave(told);
  }

  discard(directory: TransferDirectory): void {
    removeTransferDirectory(directory);
  }

  #options(directory: TransferDirectory, deadline: number) {
    return { root: directory.root, deadline, env: this.#env };
  }
}

/** Seconds. A cold build is better than a longer wait; a look-up has the toolkit's five tries, 30 s in all. */
const defaultRestoreDeadline = 300;
const lookupDeadline = 60;
const saveDeadline = 900;

/** The toolkit answers a miss and a failure alike, but for what it prints. Exported for its table of tests. */
export function readRestore({ result, lines }: Told, directory: TransferDirectory): RestoreOutcome {
  if ('error' in result) return { kind: 'failed', reason: result.error };
  if ('key' in result && result.key !== null) {
    // Who wrote the entry chose its key, which is printed: a line break in it could begin a command to the runner.
    if (/\p{Cc}/u.test(result.key))
      return { kind: 'failed', reason: "the entry's key has a control character" };
    if (!existsSync(join(directory.pack, 'manifest.json'))) {
      return { kind: 'failed', reason: `the entry ${result.key} holds no pack`, key: result.key };
    }
    return { kind: 'hit', key: result.key, bytes: size(lines, /^Cache Size: .*\((\d+) B\)/), directory };
  }
  const failure = find(lines, /^Failed to restore: (.*)$/s);
  if (failure !== undefined) {
    const key = find(lines, /^Cache hit for(?: restore-key)?: (.*)$/);
    const reason = tarsReason(lines, failure) ?? oneLine(failure);
    return { kind: 'failed', reason, ...(key === undefined ? {} : { key }) };
  }
  const skipped = find(lines, /^Cache restore skipped: (.*)$/s);
  return skipped === undefined ? { kind: 'miss' } : { kind: 'disabled', reason: oneLine(skipped) };
}

/** The toolkit answers -1 to an existing key, a read-only token and a fault alike. Exported for its table of tests. */
export function readSave({ result, lines, debug }: Told): SaveOutcome {
  if ('error' in result) return { kind: 'failed', reason: result.error };
  if ('entry' in result && result.entry >= 0)
    return { kind: 'saved', bytes: size(debug, /^File Size: (\d+)$/) };
  const skipped = find(lines, /^Cache save skipped: (.*)$/s);
  if (skipped !== undefined) return { kind: 'skipped', reason: oneLine(skipped) };
  const reserve = find(debug, /^Failed to reserve cache: (?:\w*Error: )?(.*)$/s);
  const failure =
    reserve ?? find(lines, /^Failed to save: (.*)$/s) ?? lines.at(-1) ?? 'the toolkit gives no reason';
  if (/cache write denied|read-only/i.test(failure)) return { kind: 'skipped', reason: oneLine(failure) };
  if (/already.exists|\(409\)/i.test(failure)) {
    return { kind: 'skipped', reason: 'another job has just stored the same key' };
  }
  return { kind: 'failed', reason: oneLine(failure) };
}

/** What tar or its zstd said first, where tar has failed: the toolkit itself tells the exit code alone. */
function tarsReason(lines: readonly string[], failure: string): string | undefined {
  const started = lines.findIndex((line) => line.startsWith('[command]'));
  if (started === -1 || !failure.includes(' failed with exit code ')) return undefined;
  const others = /^(\[command\]|Failed to restore:)|: Removing leading /;
  const said = lines.slice(started).find((line) => !others.test(line));
  return said === undefined ? undefined : `its archive cannot be unpacked: ${said.trim().slice(0, 300)}`;
}

function find(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match !== null) return match[1];
  }
  return undefined;
}

function size(lines: readonly string[], pattern: RegExp): number | null {
  const text = find(lines, pattern);
  return text === undefined ? null : Number(text);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
