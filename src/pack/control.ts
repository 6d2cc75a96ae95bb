/** Two numbers in memory that the parent and its worker threads share. */
export type ControlMemory = SharedArrayBuffer;

const [STOPPED, FILES] = [0, 1];

/** What the parent tells its worker threads, and they tell it, while jobs run. */
export class Control {
  readonly #numbers: Int32Array;

  /** @param memory of a control that another thread has; by default new */
  constructor(memory: ControlMemory = new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT)) {
    this.#numbers = new Int32Array(memory);
  }

  get memory(): ControlMemory {
    return this.#numbers.buffer as ControlMemory;
  }

  /** Has every job end at its next file. */
  stop(): void {
    Atomics.store(this.#numbers, STOPPED, 1);
  }

  get stopped(): boolean {
    return Atomics.load(this.#numbers, STOPPED) !== 0;
  }

  /** Counts one file that is packed, or unpacked. */
  count(): void {
    Atomics.add(this.#numbers, FILES, 1);
  }

  /** Of all jobs together. */
  get files(): number {
    return Atomics.load(this.#numbers, FILES);
  }
}
