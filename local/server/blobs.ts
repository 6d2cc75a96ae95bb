import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdirSync } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';

/** What a client may ask of a stored blob before it reads. `etag` changes whenever the bytes do. */
export interface BlobInfo {
  readonly file: string;
  readonly bytes: number;
  readonly etag: string;
  readonly lastModified: Date;
}

/** Blobs as files: `<id>` for a committed one, `<id>.blocks/<hex of the block id>` for blocks on their way. */
export class BlobStore {
  private readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
    mkdirSync(directory, { recursive: true });
  }

  /** Stores a whole blob; nothing shows before the last byte is on disk. */
  async put(id: number, body: AsyncIterable<Buffer>): Promise<void> {
    await this.write(this.path(id), body);
  }

  /** Stores one block, in place of an earlier one of the same id. */
  async putBlock(id: number, blockId: string, body: AsyncIterable<Buffer>): Promise<void> {
    mkdirSync(this.blocks(id), { recursive: true });
    await this.write(this.block(id, blockId), body);
  }

  /**
   * Joins blocks to the blob, in the order of the list, and forgets them.
   * @returns the id of the first block that was never uploaded; undefined when all is well
   */
  async commit(id: number, blockIds: readonly string[]): Promise<string | undefined> {
    for (const blockId of blockIds) {
      if ((await sizeOf(this.block(id, blockId))) === undefined) return blockId;
    }
    const files = blockIds.map((blockId) => this.block(id, blockId));
    await this.write(this.path(id), contentsOf(files));
    await rm(this.blocks(id), { recursive: true, force: true });
    return undefined;
  }

  /** The committed blob; undefined when there is none. */
  async info(id: number): Promise<BlobInfo | undefined> {
    const file = this.path(id);
    const found = await stat(file, { bigint: true }).catch(ignoreMissing);
    if (found === undefined) return undefined;
    return {
      file,
      bytes: Number(found.size),
      etag: `"0x${found.mtimeNs.toString(16).toUpperCase()}${found.ino.toString(16).toUpperCase()}"`,
      lastModified: found.mtime,
    };
  }

  /** Replaces a blob by what `change` makes of it. */
  async rewrite(id: number, change: (bytes: Buffer) => Uint8Array): Promise<void> {
    const draft = this.draft();
    await writeFile(draft, change(await readFile(this.path(id))));
    await rename(draft, this.path(id));
  }

  /** Deletes a blob and its blocks; one that does not exist is no error. */
  async remove(id: number): Promise<void> {
    await rm(this.path(id), { force: true });
    await rm(this.blocks(id), { recursive: true, force: true });
  }

  private async write(file: string, body: AsyncIterable<Buffer>): Promise<void> {
    const draft = this.draft();
    try {
      await pipeline(body, createWriteStream(draft));
      await rename(draft, file);
    } finally {
      await rm(draft, { force: true });
    }
  }

  private path(id: number): string {
    return join(this.directory, String(id));
  }

  private blocks(id: number): string {
    return `${this.path(id)}.blocks`;
  }

  /** A block id is the client's text (base64), which may hold a slash: hex makes it a file's name. */
  private block(id: number, blockId: string): string {
    return join(this.blocks(id), Buffer.from(blockId).toString('hex'));
  }

  private draft(): string {
    return join(this.directory, `draft-${randomUUID()}`);
  }
}

async function* contentsOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) {
    for await (const chunk of createReadStream(file, { highWaterMark: 1024 * 1024 })) yield chunk;
  }
}

async function sizeOf(file: string): Promise<number | undefined> {
  return (await stat(file).catch(ignoreMissing))?.size;
}

function ignoreMissing(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
  throw error;
}
