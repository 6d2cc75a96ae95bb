import { PackError } from './pack-error.ts';

/** One growing buffer for the content of one object after another: fresh memory for each costs the kernel more than the copy. */
export class Scratch {
  private memory = Buffer.allocUnsafeSlow(1024 * 1024);
  private used = 0;

  clear(): void {
    this.used = 0;
  }

  append(chunk: unknown): void {
    if (!Buffer.isBuffer(chunk)) throw new PackError('tar-stream gave something else than bytes');
    const end = this.used + chunk.length;
    if (end > this.memory.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(end, this.memory.length * 2));
      this.memory.copy(larger, 0, 0, this.used);
      this.memory = larger;
    }
    chunk.copy(this.memory, this.used);
    this.used = end;
  }

  /** What was appended since it was cleared, valid until it is cleared again. */
  bytes(): Buffer {
    return this.memory.subarray(0, this.used);
  }
}
