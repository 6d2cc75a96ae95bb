import { availableParallelism } from 'node:os';
import { messageOf } from '../errors.ts';
import type { Watch } from '../progress.ts';
import { Control } from './control.ts';
import { costOfJob } from './cost.ts';
import type { Job, Results } from './jobs.ts';
import { PackError } from './pack-error.ts';
import { Thread } from './thread.ts';
import { MOST_PARTS } from './zstd.ts';

/** The worker threads of all that reads or writes one set: made as they are needed, used again, ended with the work. */
export class Threads {
  /** At most so many run at once. */
  readonly count: number;
  private readonly control: Control;
  private readonly idle: Thread[] = [];

  constructor(count: number, control: Control) {
    this.count = Math.max(1, Math.floor(count));
    this.control = control;
  }

  /**
   * Runs the jobs, at most `most` at once; resolves with the result of each, in the jobs' order. As soon as one fails, no
   * other is started and those that run stop at their next object; when their threads have ended, the first failure is thrown
   * as a PackError. So nobody writes any more once this has settled. After a failure nothing else can be run.
   */
  async run<K extends Job['kind']>(
    jobs: readonly Extract<Job, { readonly kind: K }>[],
    most = this.count,
  ): Promise<Results[K][]> {
    const run = new Run<K>(jobs, this.control);
    const count = Math.min(jobs.length, most, this.count);
    await Promise.all(Array.from({ length: count }, () => this.take(run)));
    return run.outcome();
  }

  /** Ends those that wait. To be awaited when all runs have settled; never rejects. */
  async end(): Promise<void> {
    await Promise.all(this.idle.splice(0).map((thread) => thread.end()));
  }

  /** One thread's share of a run; never rejects. */
  private async take<K extends Job['kind']>(run: Run<K>): Promise<void> {
    let thread: Thread | undefined;
    try {
      thread = this.idle.pop() ?? new Thread(this.control);
      await run.workOff(thread);
    } catch (error) {
      run.fail(`a worker thread failed: ${messageOf(error)}`);
    }
    if (thread === undefined) return;
    // What a job that failed has left under way ends with its thread.
    if (run.failed) await thread.end();
    else this.idle.push(thread);
  }
}

/**
 * Does work that has threads, and ends them when it has settled.
 * @param watch is told how many of `total` files are done
 */
export async function withThreads<T>(
  total: number,
  {
    threads: count = Math.min(availableParallelism(), MOST_PARTS),
    watch,
  }: { readonly threads?: number; readonly watch?: Watch },
  work: (threads: Threads) => Promise<T>,
): Promise<T> {
  const control = new Control();
  watch?.(() => ({ done: control.files, total }));
  const threads = new Threads(count, control);
  try {
    return await work(threads);
  } finally {
    await threads.end();
  }
}

class Run<K extends Job['kind']> {
  private readonly waiting: { readonly job: Job; readonly index: number }[];
  private failure: string | null = null;
  private readonly done: Results[K][] = [];
  private readonly control: Control;

  constructor(jobs: readonly Job[], control: Control) {
    const costs = jobs.map((job, index) => ({ job, index, cost: costOfJob(job) }));
    // The largest are begun first, so that all threads end at about the same time.
    this.waiting = costs.sort((a, b) => b.cost - a.cost);
    this.control = control;
  }

  outcome(): Results[K][] {
    if (this.failure !== null) throw new PackError(this.failure);
    return this.done;
  }

  get failed(): boolean {
    return this.failure !== null;
  }

  /** Has the thread do jobs until none is left or one has failed. Rejects where the thread breaks. */
  async workOff(thread: Thread): Promise<void> {
    for (let job = this.take(); job !== undefined; job = this.take()) {
      const reply = await thread.ask(job.job);
      // A thread answers a job with a result of its kind.
      if (reply.ok) this.done[job.index] = reply.result as Results[K];
      else this.fail(reply.reason);
    }
  }

  fail(reason: string): void {
    this.failure ??= reason;
    this.control.stop();
  }

  private take(): { readonly job: Job; readonly index: number } | undefined {
    return this.failed ? undefined : this.waiting.shift();
  }
}
