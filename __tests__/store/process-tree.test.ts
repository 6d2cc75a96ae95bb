import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { endTree, hasGroups } from '../../src/store/process-tree.ts';
import { temporaryDirectory } from '../helpers/module.ts';
import { ended, isThere } from '../helpers/processes.ts';

test.each([
  ['linux', true],
  ['darwin', true],
  ['win32', false],
] as const)('%s has groups of processes: %s', (platform, expected) => {
  expect(hasGroups(platform)).toBe(expected);
});

describe.skipIf(process.platform === 'win32')('a process that has started another (not on Windows)', () => {
  /** A shell and the child that it waits for. */
  async function tree(platform: NodeJS.Platform): Promise<{ shell: ChildProcess; child: number }> {
    const file = join(temporaryDirectory(), 'child');
    const script = `sleep 60 & echo $! > '${file}.new'; mv '${file}.new' '${file}'; wait`;
    const shell = spawn('/bin/sh', ['-c', script], { detached: hasGroups(platform), stdio: 'ignore' });
    for (let tries = 0; !existsSync(file) && tries < 600; tries += 1) await sleep(50);
    const child = Number(readFileSync(file, 'utf8'));
    onTestFinished(() => {
      if (isThere(child)) process.kill(child, 'SIGKILL');
    });
    return { shell, child };
  }

  const pidOf = ({ pid }: ChildProcess): number => pid ?? Number.NaN;

  test.each(['linux', 'darwin'] as const)('as on %s: its group ends', async (platform) => {
    const { shell, child } = await tree(platform);
    const closed = once(shell, 'exit');
    endTree(pidOf(shell), platform);
    expect((await closed)[1]).toBe('SIGKILL');
    expect(await ended(child)).toBe(true);
    endTree(pidOf(shell), platform); // It has ended: no error.
  });

  test("as on Windows: the system's program is told to end it with all that it has started", async () => {
    const { shell, child } = await tree('win32');
    const bin = temporaryDirectory();
    const told = join(bin, 'told');
    writeFileSync(join(bin, 'taskkill'), `#!/bin/sh\necho "$@" > '${told}'\nkill -9 $4 ${child}\n`);
    chmodSync(join(bin, 'taskkill'), 0o755);
    vi.stubEnv('PATH', bin);
    onTestFinished(() => void vi.unstubAllEnvs());
    const closed = once(shell, 'exit');
    endTree(pidOf(shell), 'win32');
    expect(readFileSync(told, 'utf8')).toBe(`/T /F /PID ${shell.pid}\n`);
    expect((await closed)[1]).toBe('SIGKILL');
    expect(await ended(child)).toBe(true);
  });

  test('as on Windows, without that program: it alone ends, so that nobody waits for it for ever', async () => {
    const { shell, child } = await tree('win32');
    vi.stubEnv('PATH', temporaryDirectory());
    onTestFinished(() => void vi.unstubAllEnvs());
    const closed = once(shell, 'exit');
    endTree(pidOf(shell), 'win32');
    expect((await closed)[1]).toBe('SIGKILL');
    expect(isThere(child)).toBe(true);
  });
});
