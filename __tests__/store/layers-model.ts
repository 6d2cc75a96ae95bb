import { baseKey, baseKeyOf, basePrefix, topKey } from '../../src/store/key.ts';
import { type ListedEntry, newest, type SavedEntry, superseded } from '../../src/store/superseded.ts';

/** A model of a repository's cache and of jobs that save layers in it: pure, one step of one job at a time. */

export const prefix = 'gobuild-test-2-linux-x64-go1.26.8-0123456789abcdef-default-';
export const [main, pull] = ['refs/heads/main', 'refs/pull/7/merge'];

// An hour must not pass within one job: so long a base may be without its top.
const stepMs = 20_000;
export const pauseMs = 2 * 60 * 60 * 1000;

export interface JobPlan {
  readonly ref: string;
  /** Whether it would write a new base although it has one; a pull request's job never does. */
  readonly newBase: boolean;
  readonly unwarmed: boolean;
}

export class Cache {
  entries: ListedEntry[] = [];
  now = 0;
  /** What must never happen, in words. */
  readonly wrongs: string[] = [];
  private made = 0;
  private jobs = 0;
  private readonly hadComplete = new Set<string>();

  /** Entries of another tool, name and kind, which nobody touches. */
  constructor() {
    for (const key of [
      `${prefix.replace('-default-', '-other-')}c-1.1`,
      'gobuild-test-2-modules-linux-c-1.1',
      'npm',
    ]) {
      this.save(key, main);
    }
  }

  save(key: string, ref: string): void {
    this.made += 1;
    // As the service does: the second of one key in one scope is refused.
    if (this.entries.some((entry) => entry.key === key && entry.ref === ref)) return;
    const entry = { id: this.made, key, ref, version: 'v', createdAt: this.now, bytes: 1 };
    this.entries = [...this.entries, entry];
  }

  remove(id: number): void {
    this.entries = this.entries.filter((entry) => entry.id !== id);
  }

  /** Another one for each job, as a run has. */
  nextNumber(): number {
    this.jobs += 1;
    return this.jobs;
  }

  /** What a restore finds: the newest set of the own ref, else of the default branch. */
  find(ref: string): ListedEntry | undefined {
    const of = (scope: string) => newest(this.sets().filter((entry) => entry.ref === scope));
    return of(ref) ?? of(main);
  }

  sets(): ListedEntry[] {
    return this.entries.filter(({ key }) => key.startsWith(prefix));
  }

  bases(): ListedEntry[] {
    return this.entries.filter(({ key }) => key.startsWith(basePrefix(prefix)));
  }

  isComplete({ key, ref }: ListedEntry): boolean {
    const base = baseKeyOf(key);
    return (
      base === undefined || this.bases().some((one) => one.key === base && [ref, main].includes(one.ref))
    );
  }

  /** One step of time, after which what must always be so is looked at. */
  tick(): void {
    this.now += stepMs;
    const complete = this.sets().some((entry) => entry.ref === main && this.isComplete(entry));
    if (complete) this.hadComplete.add(main);
    else if (this.hadComplete.has(main)) this.wrongs.push('the default branch has no complete set any more');
    if (this.entries.length < 3 || this.entries.slice(0, 3).some(({ id }) => id > 3))
      this.wrongs.push("another's entry is gone");
  }
}

/** A job: each `yield` is a moment at which others go on, or at which it is killed. */
export function* job(cache: Cache, { ref, newBase, unwarmed }: JobPlan): Generator<void> {
  const number = cache.nextNumber();
  const restored = cache.find(ref);
  const restoredBase =
    restored !== undefined && cache.isComplete(restored) ? baseKeyOf(restored.key) : undefined;
  yield; // The tests run.
  const stillThere = cache.bases().some(({ key }) => key === restoredBase);
  yield; // It packs.
  const identity = Buffer.from(`${number}`.padStart(32, '.')).toString('hex').slice(-64);
  const writesBase = ref === main && (newBase || !stillThere);
  const set = `${prefix}${unwarmed ? 'unwarmed' : `c${number}`}-${number}.1`;
  let key = set;
  if (writesBase) {
    const base = baseKey({ prefix, identity: reversed(identity) });
    cache.save(base, ref);
    yield; // It uploads the top.
    if (!cache.bases().some((one) => one.key === base))
      cache.wrongs.push('a base is gone before its top was there');
    key = topKey(set, { identity: reversed(identity) });
  } else if (stillThere && restoredBase !== undefined) {
    key = topKey(set, { identity: restoredBase.slice(-16) });
  }
  cache.save(key, ref);
  yield;
  yield* settle(cache, { key, prefix, ref, withBase: writesBase });
}

/** Sixteen digits decide a key: those at the end are the ones that differ. */
function reversed(identity: string): string {
  return [...identity].reverse().join('');
}

/** What post does after a save. */
function* settle(cache: Cache, saved: SavedEntry): Generator<void> {
  const listed = cache.entries;
  const going = superseded(listed, saved) ?? [];
  yield;
  for (const entry of going) {
    if (entry.ref !== saved.ref) cache.wrongs.push('an entry of another ref went');
    const stays = ({ id }: ListedEntry) => !going.some((one) => one.id === id);
    if (listed.some((one) => stays(one) && baseKeyOf(one.key) === entry.key))
      cache.wrongs.push('a base went on which a listed set lies that stays');
    cache.remove(entry.id);
    yield;
  }
}
