import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import type { Watch } from '../progress.ts';
import { Control } from './control.ts';
import type { Job, Reply, Results } from './jobs.ts';
import { PackError } from './pack-error.ts';

// Sources run as they are; in the bundle the worker is a file of its own beside the chunk that this becomes part of.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './pack-worker.js', import.meta.url);

/** On which jobs run, and by what they are watched and stopped: one for all that reads or writes one set. */
export interface Threads {
  readonly count: number;
  readonly control: Control;
}

/** @param watch is told how many of `total` files are done */
export function threadsFor(
  total: number,
  { threads = availableParallelism(), watch }: { readonly threads?: number; readonly watch?: Watch },
): Threads {
  const control = new Control();
  watch?.(() => ({ done: control.files, total }));
  return { count: threads, control };
}

/**
 * Runs the jobs on worker threads, at most one each; resolves with the result of each, in the jobs'
 * order. As soon as one fails, no other is started and those that run stop at their next object; when all threads have
 * ended, the first failure is thrown as a PackError. So nobody writes any more once this has settled.
 */
export async function runJobs<K extends Job['kind']>(
  jobs: readonly Extract<Job, { readonly kind: K }>[],
  { count: most, control }: Threads,
): Promise<Results[K][]> {
  const run = new Run<K>(jobs, control);
  const count = Math.min(jobs.length, Math.max(1, Math.floor(most)));
  await Promise.all(Array.from({ length: count }, () => run.thread()));
  return run.outcome();
}

class Run<K extends Job['kind']> {
  private next = 0;
  private failure: string | null = null;
  private readonly done: Results[K][] = [];
  private readonly jobs: readonly Job[];
  private readonly control: Control;

  constructor(jobs: readonly Job[], control: Control) {
    this.jobs = jobs;
    this.control = control;
  }

  outcome(): Results[K][] {
    if (this.failure !== null) throw new PackError(this.failure);
    return this.done;
  }

  /** One thread from its start to its end; never rejects. */
  async thread(): Promise<void> {
    let thread: Thread | null = null;
    try {
      thread = new Thread(this.control);
      for (let job = this.take(); job !== null; job = this.take()) {
        const reply = await thread.ask(job.job);
        // A thread answers a job with a result of its kind.
        if (reply.ok) this.done[job.index] = reply.result as Results[K];
        else this.fail(reply.reason);
      }
    } catch (error) {
      this.fail(`a worker thread failed: ${messageOf(error)}`);
    } finally {
      await thread?.end();
    }
  }

  private take(): { readonly job: Job; readonly index: number } | null {
    const job = this.jobs[this.next];
    if (job === undefined || this.failure !== null) return null;
    return { job, index: this.next++ };
  }

  private fail(reason: string): void {
    this.failure ??= reason;
    this.control.stop();
  }
}

/** A worker thread that is asked one thing at a time. */
class Thread {
  private readonly worker: Worker;
  private asked: PromiseWithResolvers<Reply> | null = null;
  private broken: unknown = null;

  constructor(control: Control) {
    this.worker = new Worker(WORKER, { workerData: control.memory, execArgv: [] });
    this.worker.on('message', (reply: Reply) => this.asked?.resolve(reply));
    this.worker.on('error', (error) => this.break(error));
    this.worker.on('exit', (code) => this.break(new PackError(`it ended with code ${code}`)));
  }

  /** The reply to a job; rejects where the thread breaks, or has broken, instead of replying. */
  async ask(job: Job): Promise<Reply> {
    if (this.broken !== null) throw this.broken;
    this.asked = Promise.withResolvers<Reply>();
    this.worker.postMessage(job);
    return await this.asked.promise;
  }

  async end(): Promise<void> {
    this.asked = null;
    await this.worker.terminate();
  }

  private break(error: unknown): void {
    this.broken ??= error;
    this.asked?.reject(this.broken);
  }
}
