import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Puts a version of a Go module into a directory, in place of what is there: consecutive versions of a real project
 * stand for its commits.
 *
 * @throws Error where the module proxy does not give it
 */
export function checkOut(directory: string, module: string, version: string): void {
  const told = execFileSync('go', ['mod', 'download', '-json', `${module}@${version}`], { encoding: 'utf8' });
  const { Dir }: { Dir: string } = JSON.parse(told);
  rmSync(directory, { recursive: true, force: true });
  cpSync(Dir, directory, { recursive: true });
  makeWritable(directory);
}

/** Gives back the right to write and to remove: Go makes what it unpacks from a module's zip read-only. */
export function makeWritable(path: string): void {
  chmodSync(path, 0o755);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) makeWritable(join(path, entry.name));
  }
}
