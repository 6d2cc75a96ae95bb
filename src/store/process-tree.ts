import { spawnSync } from 'node:child_process';
import { codeOf } from '../errors.ts';

/** Whether a process leads a group of its own when it is started `detached`, so that all of it can be ended at once. */
export function hasGroups(platform: NodeJS.Platform): boolean {
  return platform !== 'win32';
}

/**
 * Ends a process that leads a group, with all that it has started: the toolkit's tar and zstd. Where there are no groups,
 * the system's own program does; where that is not to be had, the process alone ends. One that has ended is no error.
 *
 * @throws what the system says otherwise
 */
export function endTree(pid: number, platform: NodeJS.Platform): void {
  if (!hasGroups(platform)) {
    const { status } = spawnSync('taskkill', ['/T', '/F', '/PID', `${pid}`], { stdio: 'ignore' });
    if (status === 0) return;
  }
  try {
    process.kill(hasGroups(platform) ? -pid : pid, 'SIGKILL');
  } catch (error) {
    // macOS says EPERM of a group in which nothing runs any more and nobody has waited for what did.
    if (codeOf(error) !== 'ESRCH' && codeOf(error) !== 'EPERM') throw error;
  }
}
