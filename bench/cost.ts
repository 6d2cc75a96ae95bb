import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What an action gives, and the CPU seconds of all threads until then. */
export async function cpu<T>(act: () => Promise<T>): Promise<[T, number]> {
  const start = process.cpuUsage();
  const value = await act();
  const { user, system } = process.cpuUsage(start);
  return [value, (user + system) / 1e6];
}

/** Resident MB of this process at its peak. */
export function peakOf(): number {
  return (process.resourceUsage().maxRSS * 1024) / 1e6;
}

/** What a program takes: CPU seconds by the shell's `times`, its peak by /proc, 0 where there is none. */
export async function program(
  words: readonly string[],
): Promise<{ readonly seconds: number; readonly peak: number }> {
  const shell = spawn('sh', ['-c', '"$@"; times', 'sh', ...words], { stdio: ['ignore', 'pipe', 'inherit'] });
  let [told, peak] = ['', 0];
  shell.stdout.on('data', (text) => {
    told += text;
  });
  const look = setInterval(() => {
    peak = Math.max(peak, peakOfChild(shell.pid ?? 0));
  }, 20);
  const code = await new Promise<number | null>((resolve) => shell.once('close', resolve));
  clearInterval(look);
  const [, minutes, seconds, systemMinutes, systemSeconds] =
    /(\d+)m([\d.]+)s\s+(\d+)m([\d.]+)s\s*$/.exec(told)?.map(Number) ?? [];
  if (code !== 0 || minutes === undefined || seconds === undefined)
    throw new Error(`${words.join(' ')} failed`);
  return { seconds: (minutes + (systemMinutes ?? 0)) * 60 + seconds + (systemSeconds ?? 0), peak };
}

function peakOfChild(parent: number): number {
  try {
    const child = readFileSync(`/proc/${parent}/task/${parent}/children`, 'utf8').trim();
    const status = readFileSync(`/proc/${child}/status`, 'utf8');
    return (Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024) / 1e6;
  } catch {
    return 0; // It has not begun, or has ended.
  }
}
