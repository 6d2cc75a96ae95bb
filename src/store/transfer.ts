import { fork, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Watch } from '../progress.ts';
import { endTree, hasGroups } from './process-tree.ts';
import { packPath, type TransferRequest, type TransferResult } from './request.ts';
import { TransferProgress } from './transfer-progress.ts';

/**
 * Runs the toolkit in a process of its own, because it
 * - takes the workspace, the temporary directory and the compression level from the environment,
 * - takes no abort signal, so a deadline must be able to end it and its tar,
 * - prints why it failed instead of telling its caller (`@actions/cache` 6.3.0, cache.ts).
 */

/** What a transfer told: the toolkit's result and the lines that it printed. */
export interface Told {
  readonly result: TransferResult;
  /** Without the lines for debugging, among which are those of tar and zstd. */
  readonly lines: readonly string[];
  readonly debug: readonly string[];
  /** Whether the deadline passed. */
  readonly timedOut: boolean;
}

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
    rmSync(root, { recursive: true, force: true, maxRetries: 3 }); // Windows: the child has only just ended.
  } catch {
    // An archive may hold directories that are closed to their owner, and paths longer than the system takes at once.
    spawnSync('chmod', ['-R', 'u+rwx', root], { stdio: 'ignore' });
    spawnSync('rm', ['-rf', '--', root], { stdio: 'ignore' });
  }
}

/**
 * Performs one request; never rejects.
 *
 * @param deadline seconds after which the child and its tar are ended; the result is then an error that says so
 * @param signal ends them at once
 * @param watch is told how many bytes have come or gone
 */
export async function transfer(
  request: TransferRequest,
  options: {
    readonly root: string;
    readonly deadline: number;
    readonly env: NodeJS.ProcessEnv;
    readonly signal?: AbortSignal | undefined;
    readonly watch?: Watch | undefined;
  },
): Promise<Told> {
  const { root, deadline, env, signal, watch } = options;
  const child = fork(childFile(), [JSON.stringify(request)], {
    cwd: root,
    // Names in the archive are relative to GITHUB_WORKSPACE. The pack is compressed: level 1 only wraps it. Of GNU
    // tar's own variable nothing is wanted: it may hold a -P (unpacking.ts).
    env: { ...env, GITHUB_WORKSPACE: root, RUNNER_TEMP: root, ZSTD_CLEVEL: '1', TAR_OPTIONS: '' },
    execArgv: [],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    detached: hasGroups(process.platform), // So that its tar can be ended with it.
  });
  const lines: string[] = [];
  const debug: string[] = [];
  const progress = new TransferProgress();
  watch?.(() => progress.read());
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on('line', (line) => {
      progress.learn(line.replace(/^::debug::/, ''));
      record(line, lines, debug);
    });
  }
  if (child.stderr !== null) createInterface({ input: child.stderr }).on('line', (line) => debug.push(line));

  let result: TransferResult = {
    error: 'the process that talks to the cache service ended without an answer',
  };
  child.on('message', (message: TransferResult) => {
    result = message;
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    result = { error: `it took over ${deadline} s` };
    abandon();
  }, deadline * 1000);
  const abandon = () => {
    if (child.pid !== undefined) endTree(child.pid, process.platform);
  };
  signal?.addEventListener('abort', abandon);
  if (signal?.aborted === true) abandon(); // Then there is no such event any more.
  await new Promise<void>((resolve) => {
    child.once('error', (error) => {
      result = { error: error.message };
      resolve();
    });
    child.once('close', () => resolve());
  });
  clearTimeout(timer);
  signal?.removeEventListener('abort', abandon);
  return { result, lines, debug, timedOut };
}

function childFile(): string {
  const name = import.meta.url.endsWith('.ts') ? './child.ts' : './cache.js';
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Sorts what the toolkit printed. Masks go to the runner as they are; all else is ours to word. */
function record(line: string, lines: string[], debug: string[]): void {
  const [, command, message = ''] = /^::(\w[\w-]*)(?: [^:]*)?::(.*)$/.exec(line) ?? [];
  const text = message.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
  // A mask of little would hide most of the log: who has written an entry may have written this line.
  if (command === 'add-mask' && /^[\w%+/=.~-]{20,}$/.test(message)) process.stdout.write(`${line}\n`);
  else if (command === 'add-mask') debug.push(text);
  else if (command === 'debug') debug.push(text);
  else lines.push(command === undefined ? line : text);
}
