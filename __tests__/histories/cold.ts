import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { zstdCompressSync } from 'node:zlib';
import { inject } from 'vitest';
import type { ObjectClass } from '../../src/gocache/content.ts';
import { classesOf } from '../../src/gocache/kinship.ts';
import { hashOf } from '../../src/gocache/layout.ts';
import { scan } from '../../src/gocache/scan.ts';
import { type CoverMode, checkOut, firstSources, goCommands, type Sources } from './sources.ts';

/** The objects of a GOCACHE. */
export interface Objects {
  /** The hash of the output that each record names, by the record's name. */
  readonly records: ReadonlyMap<string, string>;
  readonly classes: ReadonlyMap<string, ObjectClass>;
  /** Outputs and executables that no record names. */
  readonly unnamed: readonly string[];
  readonly names: readonly string[];
}

export function objectsOf(gocache: string): Objects {
  const objects = scan(gocache);
  const records = new Map<string, string>();
  for (const { name, kind } of objects) {
    if (kind === 'record') records.set(name, readFileSync(join(gocache, name), 'latin1').split(' ')[2] ?? '');
  }
  const named = new Set(records.values());
  return {
    records,
    classes: classesOf(gocache, objects),
    unnamed: objects
      .filter(({ name, kind }) => kind !== 'record' && !named.has(hashOf(name)))
      .map(({ name }) => name),
    names: objects.map(({ name, file }) => (file === undefined ? name : `${name}/${file}`)).sort(),
  };
}

/**
 * The most that a set of a GOCACHE's objects takes as an entry: what zstd makes of one after the other, without the order
 * and the large window by which a pack is smaller, and 64 KiB for names, headers and the toolkit's archive.
 */
export function entryBytesOf(gocache: string): number {
  const files = scan(gocache).map(({ name, file }) => join(gocache, name, file ?? ''));
  return zstdCompressSync(Buffer.concat(files.map((path) => readFileSync(path)))).length + 64 * 1024;
}

/** A cold build's. */
export interface Cold extends Objects {
  readonly entryBytes: number;
}

/** Which builds: of what, how covered, and with the build that no warm knows or without it. */
export interface Build {
  readonly sources: Sources;
  readonly mode: CoverMode;
  readonly builds: boolean;
}

/**
 * What the go commands of a job leave in an empty GOCACHE. So that this takes two seconds, the standard library is there
 * already: of it are all records that two cold builds in different directories share, since a package's directory is in
 * its action ID.
 */
export class ColdBuilds {
  readonly #workspace: string;
  readonly #gocache: string;
  readonly #made = new Map<string, Cold>();
  #seedBytes: number | undefined;

  /** @param gocache does not exist yet */
  constructor(workspace: string, gocache: string) {
    this.#workspace = workspace;
    this.#gocache = gocache;
    this.#build({ sources: firstSources, mode: 'set', builds: false });
    const elsewhere = objectsOf(inject('warmGocache')).records;
    this.#removeAllBut((record) => elsewhere.has(record));
  }

  /** Each is built once. The workspace holds other files afterwards. */
  of(build: Build): Cold {
    const name = JSON.stringify(build);
    const known = this.#made.get(name);
    if (known !== undefined) return known;
    const { records: standard } = objectsOf(this.#gocache);
    this.#build(build);
    const objects = { ...objectsOf(this.#gocache), entryBytes: entryBytesOf(this.#gocache) };
    this.#removeAllBut((record) => standard.has(record));
    this.#made.set(name, objects);
    return objects;
  }

  /** Of the GOCACHE that a job begins with, where its entry keeps all of it. */
  get seedBytes(): number {
    this.#seedBytes ??= entryBytesOf(inject('warmGocache'));
    return this.#seedBytes;
  }

  #build({ sources, mode, builds }: Build): void {
    checkOut(this.#workspace, sources);
    const env = { ...process.env, GOCACHE: this.#gocache };
    for (const args of goCommands(sources, mode, builds)) {
      execFileSync('go', args, { cwd: this.#workspace, env, stdio: ['ignore', 'ignore', 'inherit'] });
    }
  }

  #removeAllBut(stays: (record: string) => boolean): void {
    const { records } = objectsOf(this.#gocache);
    for (const name of records.keys()) if (!stays(name)) rmSync(join(this.#gocache, name));
    for (const name of objectsOf(this.#gocache).unnamed) {
      rmSync(join(this.#gocache, name), { recursive: true });
    }
  }
}

/**
 * The classes whose records are the same, whenever and however often something is built: what the compiler, vet and the
 * linker made, and what they printed. The others are not: a test's result has its seconds in it and depends on times of
 * files, as the index of a directory does; and the sources that cover generated are looked at where a package is compiled,
 * and not where its test's result is there already.
 */
const sameEachTime: ReadonlySet<ObjectClass> = new Set(['archive', 'vet', 'tool', 'executable', 'other']);

/** The records of those classes, with what they name. */
export function builtRecords({ records, classes }: Objects): string[] {
  const built = [...records].filter(([name]) => sameEachTime.has(classes.get(name) ?? 'other'));
  return built.map(([name, output]) => `${classes.get(name)} ${name} ${output}`).sort();
}

/** Generated sources that a cold build has not made: those of a package as it was before. */
export function strangeSources({ records, classes }: Objects, cold: Objects): string[] {
  return [...records.keys()].filter(
    (name) => classes.get(name) === 'cgo-or-source' && !cold.records.has(name),
  );
}
