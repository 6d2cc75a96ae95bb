import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isRecord } from './tokens.ts';

/** One entry as it is kept; `bytes` is null while the key is only reserved. Times: milliseconds since the epoch. */
export interface EntryRecord {
  readonly id: number;
  readonly key: string;
  readonly version: string;
  readonly scope: string;
  readonly createdAt: number;
  lastAccessedAt: number;
  bytes: number | null;
}

export interface Index {
  nextId: number;
  entries: EntryRecord[];
}

/**
 * Reads `index.json`, `{"schema":1,"nextId":…,"entries":[…]}`; a missing file is an empty index.
 * @throws Error when the file is there and is something else
 */
export function readIndex(file: string): Index {
  if (!existsSync(file)) return { nextId: 1, entries: [] };
  const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (isRecord(value) && value['schema'] === 1 && typeof value['nextId'] === 'number') {
    const { nextId, entries } = value;
    if (Array.isArray(entries) && entries.every(isEntry)) return { nextId, entries };
  }
  throw new Error(`not an index of cache entries: ${file}`);
}

/** Writes the index beside its place and renames it, so that a reader sees the old one or the new one. */
export function writeIndex(file: string, index: Index): void {
  const draft = `${file}.new`;
  writeFileSync(draft, `${JSON.stringify({ schema: 1, ...index }, null, 1)}\n`);
  renameSync(draft, file);
}

function isEntry(value: unknown): value is EntryRecord {
  return (
    isRecord(value) &&
    ['id', 'createdAt', 'lastAccessedAt'].every((name) => typeof value[name] === 'number') &&
    ['key', 'version', 'scope'].every((name) => typeof value[name] === 'string') &&
    (value['bytes'] === null || typeof value['bytes'] === 'number')
  );
}
