import type { Header } from 'tar-stream';
import { messageOf } from '../errors.ts';
import type { ReadJob } from './jobs.ts';
import { PackError, shown } from './pack-error.ts';
import { LARGEST_FILE } from './pack-file.ts';
import { type Allowed, checkContent, ruleFor } from './rules.ts';
import { TargetTree } from './target-tree.ts';

/** Checks each entry of one part against the rules and the manifest's counts, and writes it. Both methods throw PackErrors. */
export class PartReader {
  /** Bytes of the files that were not there before. */
  writtenBytes = 0;
  private files = 0;
  private bytes = 0;
  private readonly job: ReadJob;
  private readonly tree: TargetTree;

  constructor(job: ReadJob) {
    this.job = job;
    this.tree = new TargetTree(job.target, job.journal);
  }

  /** Judges an entry by its header, before any of its content is held in memory; the rule that allows it. */
  announce(header: Header): Allowed {
    return about(header.name, () => {
      if (header.type !== 'file')
        throw new PackError(`a ${header.type ?? 'thing of unknown type'} is no regular file`);
      const allowed = ruleFor(header.name, this.job.rules);
      const size = header.size;
      if (size > LARGEST_FILE) throw new PackError('the file is too large');
      this.files += 1;
      this.bytes += size;
      if (this.files > this.job.files) throw new PackError('one file more than the manifest says');
      if (this.bytes > this.job.bytes) throw new PackError('more bytes than the manifest says');
      return allowed;
    });
  }

  /** Checks the whole content of an announced entry and writes it, unless a file of its name is there. */
  take(name: string, content: Buffer, allowed: Allowed): void {
    about(name, () => {
      checkContent(content, allowed);
      const written = this.tree.add(name, content, allowed.rule.executable ? 0o777 : 0o666);
      if (written) this.writtenBytes += content.length;
    });
  }

  /** Throws where the archive ended with less than the manifest says. */
  checkTotals(): void {
    const { files, bytes } = this.job;
    if (this.files !== files) throw new PackError(`holds ${this.files} files, the manifest says ${files}`);
    if (this.bytes !== bytes) throw new PackError(`holds ${this.bytes} bytes, the manifest says ${bytes}`);
  }
}

function about<T>(name: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw new PackError(`${shown(name)}: ${messageOf(error)}`);
  }
}
