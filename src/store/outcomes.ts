import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Told } from './transfer.ts';
import type { TransferDirectory } from './transfer-directory.ts';

/** What became of a transfer, as the toolkit's result and its printed lines tell it. Pure but for a look at the pack. */

export type RestoreOutcome =
  | {
      readonly kind: 'hit';
      readonly key: string;
      readonly bytes: number | null;
      readonly directory: TransferDirectory;
    }
  | { readonly kind: 'miss' }
  | { readonly kind: 'disabled'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string; readonly key?: string };

/** What a restore would match, without the download. */
export type LookupOutcome =
  | { readonly kind: 'found'; readonly key: string }
  | Exclude<RestoreOutcome, { readonly kind: 'hit' }>;

/** `bytes`: what the entry takes in the cache. `skipped`: somebody else stored it, or this run may not write. */
export type SaveOutcome =
  | { readonly kind: 'saved'; readonly bytes: number | null }
  | { readonly kind: 'skipped'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export function readRestore(told: Told, directory: TransferDirectory): RestoreOutcome {
  const found = readLookup(told);
  if (found.kind !== 'found') return found;
  const { key } = found;
  if (!existsSync(join(directory.pack, 'manifest.json'))) {
    return { kind: 'failed', reason: `the entry ${key} holds no pack`, key };
  }
  return { kind: 'hit', key, bytes: downloaded(told.lines), directory };
}

/** The toolkit answers a miss and a failure alike, but for what it prints. */
export function readLookup(told: Told): LookupOutcome {
  const { result, lines } = told;
  if ('error' in result) return { kind: 'failed', reason: result.error };
  if ('key' in result && result.key !== null)
    return isPrintable(result.key) ? { kind: 'found', key: result.key } : unprintable;
  const failure = failureOf(told);
  if (failure !== undefined) {
    const key = find(lines, /^Cache hit for(?: restore-key)?: (.*)$/);
    if (key === undefined) return { kind: 'failed', reason: failure };
    if (!isPrintable(key)) return unprintable;
    return { kind: 'failed', reason: entryFailure(key, downloaded(lines), failure), key };
  }
  const skipped = find(lines, /^Cache restore skipped: (.*)$/s);
  return skipped === undefined ? { kind: 'miss' } : { kind: 'disabled', reason: oneLine(skipped) };
}

/** Who wrote the entry chose its key, which is printed: a line break in it could begin a command to the runner. */
const isPrintable = (key: string): boolean => !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(key);
const unprintable = {
  kind: 'failed',
  reason: "the entry's key has a control character or a line separator",
} as const;

/** The toolkit answers -1 to an existing key, a read-only token and a fault alike. */
export function readSave(told: Told): SaveOutcome {
  const { result, lines, debug } = told;
  if ('error' in result) return { kind: 'failed', reason: result.error };
  if ('entry' in result && result.entry >= 0)
    return { kind: 'saved', bytes: size(debug, /^File Size: (\d+)$/) };
  const skipped = find(lines, /^Cache save skipped: (.*)$/s);
  if (skipped !== undefined) return { kind: 'skipped', reason: oneLine(skipped) };
  const failure = failureOf(told) ?? 'the toolkit gives no reason';
  if (/cache write denied/i.test(failure)) return { kind: 'skipped', reason: failure };
  if (/already.exists|\(409\)/i.test(failure)) {
    return { kind: 'skipped', reason: 'another job has just stored the same key' };
  }
  return { kind: 'failed', reason: failure };
}

/** Why the toolkit could not do it, in one line; undefined where nothing failed, or it does not say. */
export function failureOf({ result, lines, debug }: Told): string | undefined {
  const saving = 'entry' in result && result.entry < 0;
  const failure = saving
    ? (find(debug, /^Failed to reserve cache: (?:\w*Error: )?(.*)$/s) ??
      find(lines, /^Failed to save: (.*)$/s) ??
      lines.at(-1))
    : find(lines, /^Failed to restore: (.*)$/s);
  if (failure === undefined) return undefined;
  const said = oneLine(failure);
  if (said === '') return 'the service refuses the upload, and the toolkit gives no reason';
  if (said === 'Response was not ok') return 'the service refuses to reserve an entry, and gives no reason';
  // What its tar and zstd had to say is among the lines (toolrunner.js of @actions/exec): a name first, then the reason.
  if (/ failed with exit code /.test(said)) {
    const words = lines
      .flatMap((line) => /^(?:\S*\/)?(\w*(?:tar|zstd|gzip)\w*: .*)$/.exec(line)?.[1] ?? [])
      .filter((line) => !/: Removing leading /.test(line));
    return words.length === 0 ? said : `${said} (${words.slice(0, 2).join('; ')})`;
  }
  // Of what is no JSON the toolkit tells the first letters alone (cacheTwirpClient.js).
  const status = / JSON/.test(said) ? find(debug.toReversed(), /^\[Response\] - (\d+)$/) : undefined;
  return said + (status === undefined ? '' : ` (HTTP ${status})`);
}

/** The toolkit's plain download takes the body of an answer of any status for the archive (downloadUtils.js). */
function entryFailure(key: string, bytes: number | null, failure: string): string {
  return bytes === null
    ? `the download of ${key} failed: ${failure}`
    : `the download of ${key}, ${bytes} B, cannot be unpacked: ${failure}`;
}

function downloaded(lines: readonly string[]): number | null {
  return size(lines, /^Cache Size: .*\((\d+) B\)/);
}

function find(lines: readonly string[], pattern: RegExp): string | undefined {
  for (const line of lines) {
    const match = pattern.exec(line);
    if (match !== null) return match[1];
  }
  return undefined;
}

function size(lines: readonly string[], pattern: RegExp): number | null {
  const text = find(lines, pattern);
  return text === undefined ? null : Number(text);
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').trim();
}
