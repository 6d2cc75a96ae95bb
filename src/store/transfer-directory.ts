import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packPath } from './request.ts';

/** A directory for one transfer: the pack is in it, or will be. */
export interface TransferDirectory {
  readonly root: string;
  readonly pack: string;
}

/**
 * Makes an empty directory for one transfer, below `parent` where that path allows it.
 *
 * @throws Error where no path without white space can be had: the toolkit hands paths to tar unquoted (tar.ts)
 */
export function makeTransferDirectory(parent: string): TransferDirectory {
  const usable = [parent, tmpdir()].find((path) => !/["\s]/.test(path));
  if (usable === undefined)
    throw new Error(`the toolkit's tar takes no path with a space: ${parent}, ${tmpdir()}`);
  mkdirSync(usable, { recursive: true });
  const root = mkdtempSync(join(usable, 'gobuild-test-transfer-'));
  return { root, pack: join(root, packPath) };
}

/** Never throws: what cannot be removed costs the disk, and RUNNER_TEMP is emptied after the job. */
export function removeTransferDirectory({ root }: TransferDirectory): void {
  try {
    rmSync(root, { recursive: true, force: true, maxRetries: 3 }); // Windows: tar has only just ended.
  } catch {
    // An archive may hold directories that are closed to their owner, and paths longer than the system takes at once.
    spawnSync('chmod', ['-R', 'u+rwx', root], { stdio: 'ignore' });
    spawnSync('rm', ['-rf', '--', root], { stdio: 'ignore' });
  }
}
