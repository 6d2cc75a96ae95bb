import { Worker } from 'node:worker_threads';
import type { Control } from './control.ts';
import type { Job, Reply } from './jobs.ts';
import { PackError } from './pack-error.ts';

// Sources run as they are; in the bundle the worker is a file of its own beside the chunk that this becomes part of.
const WORKER = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './pack-worker.js', import.meta.url);

/** A worker thread that is asked one thing at a time. */
export class Thread {
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
