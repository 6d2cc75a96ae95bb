/**
 * How GOCACHE lies on disk (Go 1.26, `cmd/go/internal/cache/cache.go`). Under the directory stand 256 directories
 * `00` to `ff`, and in the one named by a hash's first two digits:
 *
 *     ab/ab<62 hex>-a         an action record: the action ID is in its name
 *     ab/ab<62 hex>-d         an output: its name is the SHA-256 of its content
 *     ab/ab<62 hex>-d/<file>  an executable (PutExecutable): a directory named by the SHA-256 of its one file
 *
 * A record is text of exactly 175 bytes (`putIndexEntry`, read by `get`), numbers padded with spaces on the left:
 *
 *     v1 <action ID, 64 hex> <output ID, 64 hex> <size in bytes, 20 wide> <Unix nanoseconds, 20 wide>\n
 *
 * Beside them: `README`, `trim.txt` (the second of Go's last trim), `testexpire.txt` (`go clean -testcache`) and
 * `fuzz/` (the fuzzing corpus, which Go never trims). None of those is an object.
 *
 * Names of objects are relative to GOCACHE with `/` between their parts, on every platform.
 */

/** Bytes of an action record: `entrySize` in cache.go. */
export const recordBytes = 175;

/** A directory that holds objects. */
export const directoryName = /^[0-9a-f]{2}$/;

const recordName = /^(?<dir>[0-9a-f]{2})\/(?<id>\k<dir>[0-9a-f]{62})-a$/;
const outputName = /^(?<dir>[0-9a-f]{2})\/(?<sha256>\k<dir>[0-9a-f]{62})-d$/;

// The lookaheads hold both numbers to 20 characters: what follows the IDs is 42 characters long, and so on.
const recordText =
  /^v1 (?<id>[0-9a-f]{64}) (?<output>[0-9a-f]{64}) (?=.{41}\n$) *(?<bytes>[0-9]+) (?=.{20}\n$) *(?<time>[0-9]+)\n$/;

/**
 * One file name that every platform accepts: no separator, no control character, nothing that Windows forbids, no
 * dot or space at its end (so neither `.` nor `..`). File systems count 255 bytes, not characters, hence 255 of
 * ASCII, or 63 characters of any kind (at most 4 bytes each).
 */
const forbidden = String.raw`\p{Cc}<>:"\/\\\|\?\*`;
const fileName = String.raw`(?:(?:(?![${forbidden}])[ -~]){1,255}|[^${forbidden}]{1,63})(?<![\. ])`;
const executableFile = new RegExp(`^${fileName}$`, 'u');
const executableName = new RegExp(
  `^(?<dir>[0-9a-f]{2})\\/(?<sha256>\\k<dir>[0-9a-f]{62})-d\\/(?<file>${fileName})$`,
  'u',
);

/** One form that a file of GOCACHE may have, for whoever restores objects from elsewhere. */
export interface ObjectRule {
  /**
   * Matches the whole name. A group `sha256` is the hash that the content must have; a group `id` must equal the
   * group `id` of `content`.
   */
  readonly name: RegExp;
  /** Matches the whole content, read as text. */
  readonly content?: RegExp;
  /** Whether Go gives the file the executable bits (mode 0o777 before the umask, else 0o666). */
  readonly executable: boolean;
}

/** All the forms there are; a name that none of them matches is no object. */
export const objectRules: readonly ObjectRule[] = [
  { name: recordName, content: recordText, executable: false },
  { name: outputName, executable: false },
  { name: executableName, executable: true },
];

/** What an action record says. */
export interface ActionRecord {
  /** 64 hex digits. */
  readonly actionId: string;
  /** 64 hex digits: the SHA-256 of the output. */
  readonly outputId: string;
  /** Size of the output. */
  readonly bytes: number;
  /** Unix time of its making, in nanoseconds: more than a number holds exactly. */
  readonly time: bigint;
}

const maxInt64 = 2n ** 63n - 1n;

/**
 * Reads a record as strictly as `get` in cache.go does: exact length, both IDs in hex, the action ID that its name
 * has, numbers that fit. (Where Go would also take what it never writes, upper case or a sign, this does not.)
 *
 * @param text the file's whole content
 * @param name the object's name, `ab/ab…-a`
 * @returns undefined for what Go would take for a miss
 */
export function parseRecord(text: string, name: string): ActionRecord | undefined {
  const id = recordName.exec(name)?.groups?.['id'];
  const fields = recordText.exec(text)?.groups;
  if (id === undefined || fields === undefined || fields['id'] !== id) return undefined;
  const bytes = Number(fields['bytes']);
  const time = BigInt(fields['time'] ?? '');
  if (!Number.isSafeInteger(bytes) || time > maxInt64) return undefined;
  return { actionId: id, outputId: fields['output'] ?? '', bytes, time };
}

/**
 * Whether `entry` is the name of an object, `<64 hex>-a` or `<64 hex>-d`, and `directory` is the one it belongs in.
 * By hand rather than by a pattern, which takes a tenth of a scan's time: every file of GOCACHE passes here.
 */
export function isObjectFile(directory: string, entry: string): boolean {
  if (entry.length !== 66 || !entry.startsWith(directory)) return false;
  for (let at = 0; at < 64; at += 1) {
    const code = entry.charCodeAt(at);
    const isDigit = code >= 48 && code <= 57;
    const isLetter = code >= 97 && code <= 102;
    if (!isDigit && !isLetter) return false;
  }
  return entry.endsWith('-a') || entry.endsWith('-d');
}

/** Whether an executable's file may have this name. */
export function isExecutableFile(name: string): boolean {
  return executableFile.test(name);
}

/** The name of the output (a file or an executable's directory) with this hash. */
export function outputNameOf(outputId: string): string {
  return `${outputId.slice(0, 2)}/${outputId}-d`;
}

/** The name of the record with this action ID. */
export function recordNameOf(actionId: string): string {
  return `${actionId.slice(0, 2)}/${actionId}-a`;
}

/** The hash in an object's name: an action ID of a record, else the SHA-256 of the content. */
export function hashOf(name: string): string {
  return name.slice(3, 67);
}
