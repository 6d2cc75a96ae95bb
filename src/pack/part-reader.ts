import type { Header } from 'tar-stream';
import { hasBit } from './bits.ts';
import { canBeDelta } from './delta.ts';
import type { ReadJob, Unpacked } from './jobs.ts';
import { type Listed, listed } from './listing.ts';
import { about, PackError } from './pack-error.ts';
import { LARGEST_FILE } from './pack-file.ts';
import { type Allowed, checkContent, ruleFor } from './rules.ts';
import { Tally } from './tally.ts';
import type { EntryTaker } from './tar-reader.ts';
import { TargetTree } from './target-tree.ts';

/** Checks each entry of one part against the rules and the manifest's counts, and writes it. All methods throw PackErrors. */
export class PartReader implements EntryTaker<Allowed> {
  private writtenBytes = 0;
  private readonly listed: Listed[] = [];
  private readonly job: ReadJob;
  private readonly tally: Tally;
  private readonly target: TargetTree;
  private readonly aside: TargetTree | null;

  constructor(job: ReadJob) {
    this.job = job;
    this.tally = new Tally(job);
    this.target = new TargetTree(job.target);
    this.aside = job.base === null ? null : new TargetTree(job.base.aside);
  }

  announce(header: Header): Allowed {
    return about(header.name, () => {
      const allowed = allowedBy(header, this.job.rules);
      this.tally.addFile();
      this.tally.addBytes(header.size);
      return allowed;
    });
  }

  /** Checks the content and writes it to where it belongs, unless a file of its name is there. */
  take(name: string, content: Buffer, allowed: Allowed): void {
    about(name, () => {
      checkContent(content, allowed);
      const tree = this.placeOf(name, content);
      const written = tree?.add(name, content, modeOf(allowed)) ?? false;
      if (written && tree === this.target) this.writtenBytes += content.length;
    });
  }

  finish(): Unpacked {
    this.tally.check();
    return { writtenBytes: this.writtenBytes, listed: this.listed };
  }

  /** Null for what is dead and of no use. */
  private placeOf(name: string, content: Buffer): TargetTree | null {
    const { base, rules } = this.job;
    if (base === null) return this.target;
    const file = listed(name, content, rules);
    const number = base.first + this.listed.length;
    this.listed.push(file);
    if (!hasBit(base.dead, number)) return this.target;
    return hasBit(base.kept, number) && canBeDelta(file, rules) ? this.aside : null;
  }
}

/** The rule that allows an entry. Throws a PackError for one that a pack does not have. */
export function allowedBy({ name, type, size }: Header, rules: ReadJob['rules']): Allowed {
  if (type !== 'file') throw new PackError(`a ${type ?? 'thing of unknown type'} is no regular file`);
  const allowed = ruleFor(name, rules);
  if (size > LARGEST_FILE) throw new PackError('the file is too large');
  return allowed;
}

export function modeOf({ rule }: Allowed): number {
  return rule.executable ? 0o777 : 0o666;
}
