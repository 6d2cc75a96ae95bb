import { statSync } from 'node:fs';
import type { Progress } from '../progress.ts';

/**
 * How far a transfer has come, by what the toolkit prints (`@actions/cache` 6.3.0): once a second `Received <bytes> of
 * <bytes>` where the archive is in Azure's storage, which GitHub's is (downloadUtils.ts), and `Sent <bytes> of <bytes>`
 * (uploadUtils.ts). A download from elsewhere says nothing: then its file is looked at.
 */
export class TransferProgress {
  #told: Progress | undefined;
  #archive: string | undefined;

  /** Takes a line of the toolkit's, without the runner's `::debug::`. */
  learn(line: string): void {
    const [, done, total] = /^(?:Received|Sent) (\d+) of (\d+) \(/.exec(line) ?? [];
    if (done !== undefined) this.#told = { done: Number(done), total: Number(total) };
    this.#archive ??= /^Starting download of archive to: (.*)$/.exec(line)?.[1];
  }

  /** Undefined before the first byte may have come. */
  read(): Progress | undefined {
    return this.#told ?? (this.#archive === undefined ? undefined : { done: sizeOf(this.#archive) });
  }
}

function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0; // It is not there yet, or no longer.
  }
}
