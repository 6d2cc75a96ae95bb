import { messageOf } from '../errors.ts';
import type { Watch } from '../progress.ts';
import {
  failureOf,
  type LookupOutcome,
  type RestoreOutcome,
  readLookup,
  readRestore,
  readSave,
  type SaveOutcome,
} from './outcomes.ts';
import { type Told, Transfers } from './transfer.ts';
import {
  makeTransferDirectory,
  removeTransferDirectory,
  type TransferDirectory,
} from './transfer-directory.ts';

/** The Actions cache as this action needs it: entries that hold one pack. No fault of the service makes a method reject. */
export class CacheStore {
  readonly #parent: string;
  readonly #transfers: Transfers;
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
    this.#transfers = new Transfers(env);
    this.#restoreDeadline = restoreDeadline;
  }

  /** Gets ready for so many transfers at once; `end` where no more are to be expected soon. */
  start(transfers: number): void {
    this.#transfers.start(transfers);
  }

  end(): void {
    this.#transfers.end();
  }

  /**
   * Downloads the entry that the keys name, as prefixes in their order, of each the newest. The caller reads
   * the pack of a hit, and then removes its directory by `discard`.
   *
   * @param signal gives the download up
   * @param watch is told how many bytes have come
   */
  async restore(
    keys: readonly [string, ...string[]],
    { signal, watch }: { readonly signal?: AbortSignal; readonly watch?: Watch } = {},
  ): Promise<RestoreOutcome> {
    if (this.#over !== undefined) return { kind: 'failed', reason: this.#over };
    try {
      const directory = makeTransferDirectory(this.#parent);
      const options = { root: directory.root, deadline: this.#restoreDeadline, signal, watch };
      const told = this.#learn(await this.#transfers.perform({ kind: 'restore', keys }, options));
      const outcome = told.timedOut ? this.#late() : readRestore(told, directory);
      if (outcome.kind !== 'hit') this.discard(directory);
      return outcome;
    } catch (error) {
      return { kind: 'failed', reason: messageOf(error) };
    }
  }

  /** What `restore` would match; it waits as long at most. */
  async find(keys: readonly [string, ...string[]], signal?: AbortSignal): Promise<LookupOutcome> {
    if (this.#over !== undefined) return { kind: 'failed', reason: this.#over };
    try {
      const told = await this.#look(keys, this.#restoreDeadline, signal);
      return told.timedOut ? this.#late() : readLookup(told);
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
      const { result } = await this.#look(keys, lookupDeadline);
      if (this.#over === undefined) return 'key' in result ? (result.key ?? undefined) : undefined;
    }
    throw new Error(this.#over);
  }

  /** A place for a pack that is to be saved. @throws Error where RUNNER_TEMP cannot be written */
  prepare(): TransferDirectory {
    return makeTransferDirectory(this.#parent);
  }

  /**
   * Uploads the pack of a prepared directory, and removes the directory.
   *
   * @param watch is told how many bytes have gone
   */
  async save(directory: TransferDirectory, key: string, watch?: Watch): Promise<SaveOutcome> {
    const options = { root: directory.root, deadline: saveDeadline, watch };
    const told = this.#learn(await this.#transfers.perform({ kind: 'save', key }, options));
    this.discard(directory);
    return readSave(told);
  }

  discard(directory: TransferDirectory): void {
    removeTransferDirectory(directory);
  }

  async #look(keys: readonly [string, ...string[]], deadline: number, signal?: AbortSignal): Promise<Told> {
    const directory = makeTransferDirectory(this.#parent);
    const options = { root: directory.root, deadline, signal };
    const told = this.#learn(await this.#transfers.perform({ kind: 'lookup', keys }, options));
    this.discard(directory);
    return told;
  }

  #late(): Exclude<LookupOutcome, { readonly kind: 'found' }> {
    return { kind: 'failed', reason: `it took over ${this.#restoreDeadline} s, the restore-timeout` };
  }

  /**
   * A service that has not answered in time, or has failed in all of the toolkit's tries, 30 s long, is not asked again:
   * each request would wait so.
   */
  #learn(told: Told): Told {
    if (told.timedOut) this.#over ??= 'the cache service has not answered in time before';
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
