import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whether a process runs. What has ended may still be listed: nobody may have waited for it. Not on Windows, which has no ps. */
export function isThere(pid: number): boolean {
  try {
    const state = execFileSync('/bin/ps', ['-o', 'stat=', '-p', `${pid}`], { encoding: 'utf8' });
    return !state.trim().startsWith('Z');
  } catch {
    return false; // ps fails where there is none.
  }
}

/** Whether it ends within some seconds. */
export async function ended(pid: number): Promise<boolean> {
  for (let tries = 0; isThere(pid) && tries < 100; tries += 1) await sleep(50);
  return !isThere(pid);
}
