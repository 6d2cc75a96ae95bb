import { spawn } from 'node:child_process';

export interface Finished {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** Standard output and error, in the order in which they came. */
  readonly log: string;
  readonly stdout: string;
}

export interface ProcessOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Gets every piece of output as it comes. */
  readonly stream?: ((text: string) => void) | undefined;
  /** Kills the program, as `kill -9` would; what it had started may go on. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Runs a program by its arguments, never through a shell, until it and its pipes are done.
 * @throws when it cannot be started
 */
export function run(command: string, args: readonly string[], options: ProcessOptions): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const { cwd, env, signal, stream } = options;
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [log, stdout] = ['', ''];
    // Without an encoding a character that falls on two pieces would be torn.
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      stdout += text;
      stream?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      log += text;
      stream?.(text);
    });
    signal?.addEventListener('abort', () => child.kill('SIGKILL'), { once: true });
    child.once('error', reject);
    // Of a killed program the pipes may stay open: what it had started holds them.
    child.once('exit', () => {
      if (signal?.aborted === true) resolve({ exitCode: null, log, stdout });
    });
    child.once('close', (exitCode) => resolve({ exitCode, log, stdout }));
  });
}
