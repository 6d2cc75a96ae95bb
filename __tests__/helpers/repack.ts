import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Changes the files of the pack inside a stored entry, as somebody with write access to the cache could. */
export function repack(bytes: Buffer, change: (pack: string) => void): Buffer {
  const directory = mkdtempSync(join(tmpdir(), 'gobuild-test-repack-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const archive = join(directory, 'archive');
  writeFileSync(archive, bytes);
  execFileSync('tar', ['--zstd', '-xf', archive, '-C', directory]);
  change(join(directory, 'gobuild-test-pack'));
  execFileSync('tar', ['--zstd', '-cf', archive, '-C', directory, 'gobuild-test-pack']);
  return readFileSync(archive);
}
