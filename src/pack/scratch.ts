import { PackError } from './pack-error.ts';

/**
 * The content of one object after another. What comes in one piece is not copied; the pieces of others are, into one growing
 * buffer: fresh memory for each costs the kernel more than the copy.
 */
export class Scratch {
  private only: Buffer | null = null;
  private memory = Buffer.alloc(0);
  private used = 0;

  clear(): void {
    this.only = null;
    this.used = 0;
  }

  append(chunk: unknown): void {
    if (!Buffer.isBuffer(chunk)) throw new PackError('tar-stream gave something else than bytes');
    if (this.only === null && this.used === 0) {
      this.only = chunk;
      return;
    }
    if (this.only !== null) this.copy(this.only);
    this.only = null;
    this.copy(chunk);
  }

  /** What was appended since it was cleared, valid until it is cleared again. */
  bytes(): Buffer {
    return this.only ?? this.memory.subarray(0, this.used);
  }

  private copy(chunk: Buffer): void {
    const end = this.used + chunk.length;
    if (end > this.memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, this.memory.length * 2, SMALLEST_BYTES));
      this.memory.copy(larger, 0, 0, this.used);
      this.memory = larger;
    }
    chunk.copy(this.memory, this.used);
    this.used = end;
  }
}

const SMALLEST_BYTES = 1024 * 1024;
