import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { extract } from 'tar-stream';
import { expect } from 'vitest';
import { scan } from '../../src/gocache/scan.ts';
import { type Entry, tarOf } from '../pack/builders.ts';
import { build, bytesIn } from './layered.ts';
import { Scenario, wholeJob } from './scenario.ts';

export const packName = 'gobuild-test-pack';

/** The members of a compressed archive: of an entry, or of a part in its pack. */
export async function membersOf(archive: Uint8Array): Promise<Entry[]> {
  const tar = extract();
  const members: Entry[] = [];
  tar.end(zstdDecompressSync(archive));
  for await (const member of tar) {
    const { name, type, mode } = member.header;
    const kind = type === 'directory' ? { type } : { content: await buffer(member) };
    members.push({ name, ...kind, ...(mode === undefined ? {} : { mode }) });
  }
  return members;
}

export async function archiveOf(members: readonly Entry[]): Promise<Buffer> {
  return zstdCompressSync(await tarOf(members));
}

/** The members with the content of one of them changed. @throws Error where there is none of that name */
export function changed(
  members: readonly Entry[],
  name: string,
  change: (content: Buffer) => Uint8Array | string,
): Entry[] {
  if (!members.some((member) => member.name === name)) throw new Error(`no ${name}`);
  return members.map((member) =>
    member.name === name
      ? { ...member, content: Buffer.from(change(Buffer.from(member.content ?? ''))) }
      : member,
  );
}

/** The other value of one bit, at a fraction of the bytes. */
export function flipped(fraction: number): (bytes: Buffer) => Buffer {
  return (bytes) => {
    const copy = Buffer.from(bytes);
    const at = Math.floor(fraction * (copy.length - 1));
    copy.writeUInt8(copy.readUInt8(at) ^ 1, at);
    return copy;
  };
}

/** A repository whose newest set is broken anew for each case: its base, or its top, which has objects and no deltas. */
export class StoredSet {
  readonly scenario: Scenario;
  readonly #key: string;
  /** The entry's bytes as they were stored. */
  readonly whole: Buffer;
  /** That of every case, in turn. */
  readonly #gocache: string;
  /** What main leaves in it without a set. */
  readonly #there: ReadonlySet<string>;
  /** The other objects of the set. */
  readonly #own: ReadonlySet<string>;

  private constructor(
    scenario: Scenario,
    entry: { readonly key: string; readonly whole: Buffer },
    { gocache, there, own }: { gocache: string; there: ReadonlySet<string>; own: ReadonlySet<string> },
  ) {
    this.scenario = scenario;
    this.#key = entry.key;
    this.whole = entry.whole;
    this.#gocache = gocache;
    this.#there = there;
    this.#own = own;
  }

  /** Runs whole jobs. @param later `afterAll` */
  static async save(
    layer: 'base' | 'top',
    later: (cleanUp: () => Promise<void>) => void,
  ): Promise<StoredSet> {
    const scenario = await Scenario.start({ finished: later });
    const first = await wholeJob(scenario);
    const { job, report } = layer === 'base' ? first : await withBuild(scenario);
    const key = (layer === 'base' ? report.save.base?.key : report.save.key) ?? '';
    const whole = await bytesIn(scenario, key);
    const without = scenario.job({ with: withoutSet, cache: {} });
    await without.main();
    const there = new Set(namesIn(without.gocache));
    const own = new Set(namesIn(job.gocache).filter((name) => !there.has(name)));
    expect(own.size).toBeGreaterThan(10);
    return new StoredSet(scenario, { key, whole }, { gocache: without.gocache, there, own });
  }

  /** Stores other bytes as the entry. */
  async put(archive: Uint8Array): Promise<void> {
    await this.scenario.server.corrupt(this.#key, () => archive);
  }

  /** A whole job while the entry is this archive; with what its main has put into GOCACHE, and whether that is the set. */
  async jobWith(archive: Uint8Array) {
    await this.put(archive);
    const gocache = this.#gocache;
    for (const name of namesIn(gocache)) {
      if (this.#own.has(name)) rmSync(join(gocache, name), { recursive: true });
    }
    const before = new Set([...this.#there, ...namesIn(gocache)]);
    const job = this.scenario.job({ with: { ...withoutSet, gocache } });
    const main = await job.main();
    const restored = namesIn(gocache).filter((name) => !before.has(name));
    const { restore } = job.report();
    await job.tests();
    const post = await job.post();
    const complete = [...this.#own].every((name) => restored.includes(name));
    return { main, post, restore, restored, complete };
  }

  /** A job that this archive costs no more than the set: green, and told once, with the true reason. */
  async expectRefused(archive: Uint8Array, reason: RegExp): Promise<void> {
    const { main, post, restore, restored } = await this.jobWith(archive);
    expect([main.exitCode, post.exitCode]).toEqual([0, 0]);
    expect(restored).toEqual([]);
    expect(restore).toMatchObject({ outcome: 'failed', matchedKey: null, objects: 0, bytes: 0 });
    const [warning, ...others] = main.annotations;
    expect(others).toEqual([]);
    expect(warning?.level).toBe('warning');
    expect(warning?.message).toMatch(/^The set was not restored, the job goes on without: /);
    expect(warning?.message).toMatch(reason);
    expect(this.strays()).toEqual([]);
  }

  /** Files of a name that only hostile archives hold, wherever they are below the scenario's directory. */
  strays(): string[] {
    const { home } = this.scenario;
    const all = readdirSync(home, { recursive: true, encoding: 'utf8' });
    return all.filter((name) => name.includes(stray)).map((name) => join(home, name));
  }
}

/** A job that compiles what no warm knows: its set has all that there was, and more. */
async function withBuild(scenario: Scenario) {
  const job = scenario.job();
  await job.main();
  await job.tests();
  expect((await job.go(...build)).exitCode).toBe(0);
  const { report } = await job.post();
  expect(report.save).toMatchObject({ outcome: 'saved', base: null });
  return { job, report };
}

/** Main compiles nothing by itself, and a case leaves the entry to the next one. */
const withoutSet = { warm: 'never', save: 'never' };

/** Named so by hostile archives. */
export const stray = 'stray-file';

function namesIn(gocache: string): string[] {
  return scan(gocache).map((object) => object.name);
}
