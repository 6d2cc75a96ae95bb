import type { Header } from 'tar-stream';
import type { Control } from './control.ts';
import { applyDelta, mayReferTo } from './delta.ts';
import type { ReadDeltasJob, Unpacked } from './jobs.ts';
import { about, PackError } from './pack-error.ts';
import { contentOf } from './pack-file.ts';
import { allowedBy, modeOf } from './part-reader.ts';
import { type Allowed, checkContent, isHashed } from './rules.ts';
import { Tally } from './tally.ts';
import { type EntryTaker, readTar } from './tar-reader.ts';
import { TargetTree } from './target-tree.ts';

/** Rebuilds the files of one part of deltas (their form: write-deltas.ts), each checked and then written. Throws as readPart. */
export async function readDeltas(job: ReadDeltasJob, control: Control): Promise<Unpacked> {
  const reader = new DeltaReader(job);
  await readTar({ path: job.path, files: job.files, bytes: job.deltaBytes }, reader, control);
  return reader.finish();
}

/** All methods throw PackErrors. */
class DeltaReader implements EntryTaker<Allowed> {
  private writtenBytes = 0;
  private readonly job: ReadDeltasJob;
  private readonly deltas: Tally;
  private readonly rebuilt: Tally;
  private readonly target: TargetTree;

  constructor(job: ReadDeltasJob) {
    this.job = job;
    this.deltas = new Tally({ files: job.files, bytes: job.deltaBytes });
    this.rebuilt = new Tally(job);
    this.target = new TargetTree(job.target);
  }

  announce(header: Header): Allowed {
    return about(header.name, () => {
      const allowed = allowedBy(header, this.job.rules);
      // Without it nothing would tell whether the right content has been rebuilt.
      if (!isHashed(allowed)) throw new PackError('a delta of what has no hash for its name');
      this.deltas.addFile();
      this.deltas.addBytes(header.size);
      return allowed;
    });
  }

  take(name: string, entry: Buffer, allowed: Allowed): void {
    about(name, () => {
      const reference = this.referenceOf(entry);
      const content = applyDelta(entry.subarray(4), reference, this.rebuilt.left);
      if (!mayReferTo(content.length, reference.length))
        throw new PackError('the reference is much larger than what refers to it');
      this.rebuilt.addFile();
      this.rebuilt.addBytes(content.length);
      checkContent(content, allowed);
      if (this.target.add(name, content, modeOf(allowed))) this.writtenBytes += content.length;
    });
  }

  finish(): Unpacked {
    this.deltas.check();
    this.rebuilt.check();
    return { writtenBytes: this.writtenBytes, listed: [] };
  }

  private referenceOf(entry: Buffer): Buffer {
    if (entry.length < 4) throw new PackError('the delta names no reference');
    const number = entry.readUInt32LE(0);
    const reference = this.job.references.get(number);
    if (reference === undefined) throw new PackError(`the manifest does not name the reference ${number}`);
    return contentOf(reference);
  }
}
