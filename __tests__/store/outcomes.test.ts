import { afterAll, describe, expect, test } from 'vitest';
import { type RestoreOutcome, readRestore, readSave, type SaveOutcome } from '../../src/store/outcomes.ts';
import { packPath, type TransferResult } from '../../src/store/request.ts';
import type { Told } from '../../src/store/transfer.ts';
import { makeTree } from '../helpers/module.ts';

const told = (
  result: TransferResult,
  lines: readonly string[] = [],
  debug: readonly string[] = [],
): Told => ({
  result,
  lines,
  debug,
  timedOut: false,
});
const tree = makeTree(
  { [`full/${packPath}/manifest.json`]: '{}', [`empty/${packPath}/other`]: '' },
  afterAll,
);
const directory = (name: string) => ({ root: tree.path(name), pack: tree.path(`${name}/${packPath}`) });
const full = directory('full');

const page = 'Failed to make request after 5 attempts: Unexpected token \'<\', "<html>" is not valid JSON';
const tarFailed = `"/usr/bin/tar" failed with error: The process '/usr/bin/tar' failed with exit code 2`;

// The lines are those of @actions/cache 6.3.0, cache.ts.
describe('readRestore', () => {
  const hit = [
    'Cache hit for restore-key: k-1',
    'Cache Size: ~94 MB (98765432 B)',
    'Cache restored successfully',
  ];
  const table: readonly (readonly [string, Told, RestoreOutcome])[] = [
    ['a hit', told({ key: 'k-1' }, hit), { kind: 'hit', key: 'k-1', bytes: 98_765_432, directory: full }],
    [
      'a hit whose size is not told',
      told({ key: 'k' }),
      { kind: 'hit', key: 'k', bytes: null, directory: full },
    ],
    [
      'a hit whose key would be a command to the runner',
      told({ key: 'k-1\n::warning::forged' }),
      { kind: 'failed', reason: "the entry's key has a control character or a line separator" },
    ],
    ['a miss', told({ key: null }), { kind: 'miss' }],
    ['a miss, with other lines', told({ key: null }, ['Cache mode: write']), { kind: 'miss' }],
    [
      'an error of the child',
      told({ error: 'it took over 300 s' }),
      { kind: 'failed', reason: 'it took over 300 s' },
    ],
    [
      'a service that does not answer',
      told({ key: null }, ['Failed to restore: connect ECONNREFUSED 127.0.0.1:1\n  at x']),
      { kind: 'failed', reason: 'connect ECONNREFUSED 127.0.0.1:1 at x' },
    ],
    [
      'a broken archive, of a prefix',
      told({ key: null }, [
        'Cache hit for restore-key: k-1',
        'Failed to restore: tar failed with exit code 2',
      ]),
      { kind: 'failed', reason: 'the download of k-1 failed: tar failed with exit code 2', key: 'k-1' },
    ],
    [
      'a broken archive, of the primary key',
      told({ key: null }, ['Cache hit for: k', 'Cache Size: ~0 MB (215 B)', 'Failed to restore: tar failed']),
      { kind: 'failed', reason: 'the download of k, 215 B, cannot be unpacked: tar failed', key: 'k' },
    ],
    [
      "a full disk: tar's own words are told",
      told({ key: null }, [
        'Cache hit for: k',
        'Cache Size: ~0 MB (215 B)',
        '[command]/usr/bin/tar -xf /tmp/x/cache.tzst -P -C /tmp/x',
        '/usr/bin/tar: p: Wrote only 3072 of 10240 bytes',
        '/usr/bin/tar: q: Cannot write: No space left on device',
        '/usr/bin/tar: Exiting with failure status due to previous errors',
        `Failed to restore: ${tarFailed}`,
      ]),
      {
        kind: 'failed',
        reason: `the download of k, 215 B, cannot be unpacked: ${tarFailed} (tar: p: Wrote only 3072 of 10240 bytes; tar: q: Cannot write: No space left on device)`,
        key: 'k',
      },
    ],
    [
      'an answer that is no JSON: the last status is told',
      told({ key: null }, [`Failed to restore: ${page}`], ['[Response] - 500', '[Response] - 502']),
      { kind: 'failed', reason: `${page} (HTTP 502)` },
    ],
    [
      'a cache mode that allows no reads',
      told({ key: null }, ["Cache restore skipped: the effective cache-mode 'none' does not permit reads."]),
      { kind: 'disabled', reason: "the effective cache-mode 'none' does not permit reads." },
    ],
  ];
  test.each(table)('%s', (_, given, expected) => {
    expect(readRestore(given, full)).toEqual(expected);
  });

  test.each(['empty', 'nowhere'])('a hit without a pack: %s', (name) => {
    const reason = 'the entry k-1 holds no pack';
    expect(readRestore(told({ key: 'k-1' }, hit), directory(name))).toEqual({
      kind: 'failed',
      reason,
      key: 'k-1',
    });
  });
});

describe('readSave', () => {
  const refused = { entry: -1 };
  const unable =
    'Failed to save: Unable to reserve cache with key k, another job may be creating this cache.';
  const duplicate: SaveOutcome = { kind: 'skipped', reason: 'another job has just stored the same key' };
  const denied = 'cache write denied: the token is read-only';
  const conflict =
    'Failed to CreateCacheEntry: Received non-retryable error: Failed request: (409) Conflict: cache entry with the same key';
  const table: readonly (readonly [string, Told, SaveOutcome])[] = [
    [
      'saved',
      told({ entry: 7 }, [], ['Archive Path: x', 'File Size: 123456']),
      { kind: 'saved', bytes: 123_456 },
    ],
    ['saved with the id 0', told({ entry: 0 }), { kind: 'saved', bytes: null }],
    ['an error of the child', told({ error: 'no token' }), { kind: 'failed', reason: 'no token' }],
    [
      'a cache mode that allows no writes',
      told(refused, ["Cache save skipped: the effective cache-mode 'read' does not permit writes."]),
      { kind: 'skipped', reason: "the effective cache-mode 'read' does not permit writes." },
    ],
    ['a duplicate', told(refused, [unable], [`Failed to reserve cache: Error: ${conflict}`]), duplicate],
    [
      'a duplicate, told by the answer',
      told(
        refused,
        ['Cache reservation failed: already exists', unable],
        ['Failed to reserve cache: Error: already exists'],
      ),
      duplicate,
    ],
    [
      'a read-only token',
      told(
        refused,
        [`Failed to save: Unable to reserve cache with key k. More details: ${denied}`],
        [`Failed to reserve cache: Error: ${denied}`],
      ),
      { kind: 'skipped', reason: denied },
    ],
    [
      'a quota',
      told(
        refused,
        [unable],
        ['Failed to reserve cache: UsageError: Cache storage quota has been hit.\nUpgrade.'],
      ),
      { kind: 'failed', reason: 'Cache storage quota has been hit. Upgrade.' },
    ],
    [
      'a cut upload',
      told(refused, ['Failed to save: read ECONNRESET'], ['Archive Path: x', 'File Size: 5']),
      { kind: 'failed', reason: 'read ECONNRESET' },
    ],
    [
      'an end that fails',
      told(refused, ['x', 'the size does not match']),
      { kind: 'failed', reason: 'the size does not match' },
    ],
    [
      'an upload that is refused without a word',
      told(refused, ['uploadCacheArchiveSDK: internal error uploading cache archive: ', 'Failed to save: ']),
      { kind: 'failed', reason: 'the service refuses the upload, and the toolkit gives no reason' },
    ],
    [
      'a reservation that is refused without a word',
      told(refused, [unable], ['Failed to reserve cache: Error: Response was not ok']),
      { kind: 'failed', reason: 'the service refuses to reserve an entry, and gives no reason' },
    ],
    [
      'a disk that is read-only, which is no refusal',
      told(refused, ['Failed to save: EROFS: read-only file system, open x']),
      { kind: 'failed', reason: 'EROFS: read-only file system, open x' },
    ],
    ['silence', told(refused), { kind: 'failed', reason: 'the toolkit gives no reason' }],
  ];
  test.each(table)('%s', (_, given, expected) => {
    expect(readSave(given)).toEqual(expected);
  });
});
