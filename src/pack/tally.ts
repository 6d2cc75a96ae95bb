import { PackError } from './pack-error.ts';

/** Files and bytes as they come, against what the manifest promises. Both methods throw PackErrors. */
export class Tally {
  private files = 0;
  private bytes = 0;
  private readonly promised: { readonly files: number; readonly bytes: number };

  constructor(promised: { readonly files: number; readonly bytes: number }) {
    this.promised = promised;
  }

  /** The bytes that may still come. */
  get left(): number {
    return this.promised.bytes - this.bytes;
  }

  addFile(): void {
    this.files += 1;
    if (this.files > this.promised.files) throw new PackError('one file more than the manifest says');
  }

  addBytes(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > this.promised.bytes) throw new PackError('more bytes than the manifest says');
  }

  /** Throws where less has come than was promised. */
  check(): void {
    const { files, bytes } = this.promised;
    if (this.files !== files) throw new PackError(`holds ${this.files} files, the manifest says ${files}`);
    if (this.bytes !== bytes) throw new PackError(`holds ${this.bytes} bytes, the manifest says ${bytes}`);
  }
}
