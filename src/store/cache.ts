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
  /** Why nothing more is asked of the service. */
  #over: string | undefined;

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
    if (this.#over !== undefined) return { kind: 'failed', reason: this.#over };
    try {
      const directory = makeTransferDirectory(this.#parent);
      const options = this.#options(directory, this.#restoreDeadline);
      const told = this.#learn(await transfer({ kind: 'restore', keys }, { ...options, signal }));
      if (told.timedOut) this.#over = 'the cache service has not answered in time before';
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
   * @throws Error where RUNNER_TEMP cannot be written, and where the service has answered none of the toolkit's tries:
   *   then it is not worth while to pack anything for it
   */
  async lookup(keys: readonly [string, ...string[]]): Promise<string | undefined> {
    if (this.#over === undefined) {
      const directory = makeTransferDirectory(this.#parent);
      const options = this.#options(directory, lookupDeadline);
      const { result } = this.#learn(await transfer({ kind: 'lookup', keys }, options));
      this.discard(directory);
      if (this.#over === undefined) return 'key' in result ? (result.key ?? undefined) : undefined;
    }
    throw new Error(this.#over);
  }

  /** A place for a pack that is to be saved. @throws Error where RUNNER_TEMP cannot be written */
  prepare(): TransferDirectory {
    return makeTransferDirectory(this.#parent);
  }

  /** Uploads the pack of a prepared directory, and removes the directory. */
  async save(directory: TransferDirectory, key: string): Promise<SaveOutcome> {
    const told = this.#learn(await transfer({ kind: 'save', key }, this.#options(directory, saveDeadline)));
    this.discard(directory);
    return readSave(told);
  }

  discard(directory: TransferDirectory): void {
    removeTransferDirectory(directory);
  }

  #options(directory: TransferDirectory, deadline: number) {
    return { root: directory.root, deadline, env: this.#env };
  }

  /** A service that has failed in all of the toolkit's tries, 30 s long, is not asked again: each request would wait so. */
  #learn(told: Told): Told {
    const failure = failureOf(told);
    if (failure !== undefined && /Failed to make request after \d+ attempts/.test(failure))
      this.#over ??= failure;
    return told;
  }
}

/** Seconds. A cold build is better than a longer wait; a look-up has the toolkit's five tries, 30 s in all. */
const defaultRestoreDeadline = 300;
const lookupDeadline = 60;
const saveDeadline = 900;

/** The toolkit answers a miss and a failure alike, but for what it prints. Exported for its table of tests. */
export function readRestore(told: Told, directory: TransferDirectory): RestoreOutcome {
  const { result, lines } = told;
  if ('error' in result) return { kind: 'failed', reason: result.error };
  if ('key' in result && result.key !== null) {
    // Who wrote the entry chose its key, which is printed: a line break in it could begin a command to the runner.
    if (/\p{Cc}/u.test(result.key))
      return { kind: 'failed', reason: "the entry's key has a control character" };
    if (!existsSync(join(directory.pack, 'manifest.json'))) {
      return { kind: 'failed', reason: `the entry ${result.key} holds no pack`, key: result.key };
    }
    return { kind: 'hit', key: result.key, bytes: downloaded(lines), directory };
  }
  const failure = failureOf(told);
  if (failure !== undefined) {
    const key = find(lines, /^Cache hit for(?: restore-key)?: (.*)$/);
    if (key === undefined) return { kind: 'failed', reason: failure };
    return { kind: 'failed', reason: entryFailure(key, downloaded(lines), failure), key };
  }
  const skipped = find(lines, /^Cache restore skipped: (.*)$/s);
  return skipped === undefined ? { kind: 'miss' } : { kind: 'disabled', reason: oneLine(skipped) };
}

/** The toolkit answers -1 to an existing key, a read-only token and a fault alike. Exported for its table of tests. */
export function readSave(told: Told): SaveOutcome {
  const { result, lines, debug } = told;
  if ('error' in result) return { kind: 'failed', reason: result.error };
  if ('entry' in result && result.entry >= 0)
    return { kind: 'saved', bytes: size(debug, /^File Size: (\d+)$/) };
  const skipped = find(lines, /^Cache save skipped: (.*)$/s);
  if (skipped !== undefined) return { kind: 'skipped', reason: oneLine(skipped) };
  const failure = failureOf(told) ?? 'the toolkit gives no reason';
  if (/cache write denied/i.test(failure)) return { kind: 'skipped', reason: failure };
  if (/already.exists|\(409\)/i.test(failure)) {
    return { kind: 'skipped', reason: 'another job has just stored the same key' };
  }
  return { kind: 'failed', reason: failure };
}

/** Why the toolkit could not do it, in one line; undefined where nothing failed, or it does not say. */
function failureOf({ result, lines, debug }: Told): string | undefined {
  const saving = 'entry' in result && result.entry < 0;
  const failure = saving
    ? (find(debug, /^Failed to reserve cache: (?:\w*Error: )?(.*)$/s) ??
      find(lines, /^Failed to save: (.*)$/s) ??
      lines.at(-1))
    : find(lines, /^Failed to restore: (.*)$/s);
  if (failure === undefined) return undefined;
  const said = oneLine(failure);
  if (said === '') return 'the service refuses the upload, and the toolkit gives no reason';
  if (said === 'Response was not ok') return 'the service refuses to reserve an entry, and gives no reason';
  // What its tar and zstd had to say is among the lines (toolrunner.js of @actions/exec): a name first, then the reason.
  if (/ failed with exit code /.test(said)) {
    const words = lines
      .flatMap((line) => /^(?:\S*\/)?(\w*(?:tar|zstd|gzip)\w*: .*)$/.exec(line)?.[1] ?? [])
      .filter((line) => !/: Removing leading /.test(line));
    return words.length === 0 ? said : `${said} (${words.slice(0, 2).join('; ')})`;
  }
  // Of what is no JSON the toolkit tells the first letters alone (cacheTwirpClient.js).
  const status = / JSON/.test(said) ? find(debug.toReversed(), /^\[Response\] - (\d+)$/) : undefined;
  return said + (status === undefined ? '' : ` (HTTP ${status})`);
}

/** The toolkit's plain download takes the body of an answer of any status for the archive (downloadUtils.js). */
function entryFailure(key: string, bytes: number | null, failure: string): string {
  return bytes === null
    ? `the download of ${key} failed: ${failure}`
    : `the download of ${key}, ${bytes} B, cannot be unpacked: ${failure}`;
}

function downloaded(lines: readonly string[]): number | null {
  return size(lines, /^Cache Size: .*\((\d+) B\)/);
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
