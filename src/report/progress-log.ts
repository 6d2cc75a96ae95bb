import type { Gauge, Watch } from '../progress.ts';
import { dueLine, type Phase } from './progress.ts';

/** How often it is looked whether a line is due, milliseconds. */
const tick = 250;

/** Prints how far the phases under way have come. Its one timer runs while there are any. */
export class ProgressLog {
  readonly #print: (line: string) => void;
  readonly #running = new Set<Phase & { readonly started: number; gauge: Gauge | undefined }>();
  #said = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(print: (line: string) => void) {
    this.#print = print;
  }

  /** Runs `body` as a phase, and settles as it does. */
  async follow<T>(phase: Phase, body: (watch: Watch) => Promise<T>): Promise<T> {
    const running = { ...phase, started: performance.now(), gauge: undefined as Gauge | undefined };
    this.#running.add(running);
    this.#timer ??= setInterval(() => this.#look(), tick).unref();
    try {
      return await body((gauge) => {
        running.gauge = gauge;
      });
    } finally {
      this.#running.delete(running);
      if (this.#running.size === 0) {
        clearInterval(this.#timer);
        this.#timer = undefined;
      }
    }
  }

  #look(): void {
    const now = performance.now();
    const line = dueLine(this.#running, { said: this.#said, now });
    if (line === undefined) return;
    this.#said = now;
    this.#print(line);
  }
}
