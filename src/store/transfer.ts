import { messageOf } from '../errors.ts';
import type { Watch } from '../progress.ts';
import type { TransferRequest } from './request.ts';
import { type Answer, ToolkitProcess } from './toolkit-process.ts';
import { TransferProgress } from './transfer-progress.ts';

/** What a transfer told. */
export interface Told extends Answer {
  /** Whether the deadline passed. */
  readonly timedOut: boolean;
}

export interface TransferOptions {
  /** The transfer's directory. */
  readonly root: string;
  /** Seconds after which the process and its tar are ended; the result is then an error that says so. */
  readonly deadline: number;
  /** Ends them at once. */
  readonly signal?: AbortSignal | undefined;
  /** Is told how many bytes have come or gone. */
  readonly watch?: Watch | undefined;
}

/**
 * Transfers by processes of the toolkit, as many as there are requests at the same time. One that has looked a key up serves
 * again; one that has moved an entry does not, since the toolkit goes on printing how far a download has come when it has
 * ended (`@actions/cache` 6.3.0, downloadCacheHttpClientConcurrent: its timer is not stopped), and its memory is large by then.
 */
export class Transfers {
  readonly #env: NodeJS.ProcessEnv;
  #idle: ToolkitProcess[] = [];

  constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  /** Has so many processes ready: to load the toolkit takes a tenth of a second. */
  start(count: number): void {
    try {
      while (this.#idle.length < count) this.#idle.push(new ToolkitProcess(this.#env));
    } catch {
      // The system starts no process now: a request tries again, and tells why.
    }
  }

  /** Ends those that have nothing to do. A later request starts another. */
  end(): void {
    for (const process of this.#idle.splice(0)) process.dismiss();
  }

  /** Performs one request; never rejects. */
  async perform(request: TransferRequest, options: TransferOptions): Promise<Told> {
    try {
      return await this.#performBy(this.#take(), request, options);
    } catch (error) {
      return { result: { error: messageOf(error) }, lines: [], debug: [], timedOut: false };
    }
  }

  async #performBy(
    process: ToolkitProcess,
    request: TransferRequest,
    { root, deadline, signal, watch }: TransferOptions,
  ): Promise<Told> {
    const progress = new TransferProgress();
    watch?.(() => progress.read());
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      process.end();
    }, deadline * 1000);
    const abandon = () => process.end();
    signal?.addEventListener('abort', abandon);
    try {
      if (signal?.aborted === true) abandon(); // Then there is no such event any more.
      const answer = await process.ask(request, root, (line) =>
        progress.learn(line.replace(/^::debug::/, '')),
      );
      if (request.kind === 'lookup') this.#idle.push(process);
      else process.dismiss();
      return timedOut
        ? { ...answer, result: { error: `it took over ${deadline} s` }, timedOut }
        : { ...answer, timedOut };
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abandon);
    }
  }

  #take(): ToolkitProcess {
    this.#idle = this.#idle.filter(({ isOver }) => !isOver);
    return this.#idle.pop() ?? new ToolkitProcess(this.#env);
  }
}
