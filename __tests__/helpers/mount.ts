import { execFileSync } from 'node:child_process';
import { onTestFinished, type TestContext } from 'vitest';

/**
 * Makes a file or directory be there under a second name, which is then in use: it cannot be removed (EBUSY), and no link
 * tells that the two are one. The test is skipped where this user may not mount.
 */
export function bindMount(path: string, at: string, skip: TestContext['skip']): void {
  try {
    execFileSync('mount', ['--bind', path, at], { stdio: 'pipe' });
  } catch (error) {
    skip(`no mount: ${String(error)}`);
  }
  onTestFinished(() => void execFileSync('umount', [at]));
}
