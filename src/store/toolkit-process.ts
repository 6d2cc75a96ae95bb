import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { endTree, hasGroups } from './process-tree.ts';
import type { Asked, TransferRequest, TransferResult } from './request.ts';

/** What a request told: the toolkit's result and the lines that it printed. */
export interface Answer {
  readonly result: TransferResult;
  /** Without the lines for debugging, among which are those of tar and zstd. */
  readonly lines: readonly string[];
  /** With what came on standard error until then. */
  readonly debug: readonly string[];
}

/**
 * A process that runs the toolkit, one request after the other. It is one of its own because the toolkit
 * - takes the workspace, the temporary directory and the compression level from the environment,
 * - takes no abort signal, so a deadline must be able to end it and its tar,
 * - prints why it failed instead of telling its caller (`@actions/cache` 6.3.0, cache.ts).
 *
 * While it has nothing to do it holds nobody up: it ends when this process does.
 */
export class ToolkitProcess {
  readonly #child: ChildProcess;
  #asked: { readonly end: string; readonly heard: Heard } | null = null;
  #over: string | null = null;

  constructor(env: NodeJS.ProcessEnv) {
    this.#child = fork(childFile(), [], {
      cwd: dirname(childFile()), // It is there as long as this program is.
      // The pack is compressed: level 1 only wraps it. Of GNU tar's own variable nothing is wanted: it may hold a -P
      // (unpacking.ts).
      env: { ...env, ZSTD_CLEVEL: '1', TAR_OPTIONS: '' },
      execArgv: [],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: hasGroups(process.platform), // So that its tar can be ended with it.
    });
    const { stdout, stderr } = this.#child;
    if (stdout) createInterface({ input: stdout }).on('line', (line) => this.#hear(line));
    if (stderr) createInterface({ input: stderr }).on('line', (line) => this.#asked?.heard.debug.push(line));
    this.#child.once('error', (error) => this.#fail(error.message));
    // Its tar may outlive it where the system has killed it alone. Without groups nothing tells which that is any more.
    if (hasGroups(process.platform)) this.#child.once('exit', () => this.#endTree());
    this.#child.once('close', () => this.#fail(ended));
    this.#hold(false);
  }

  /** Whether it has ended, or is to end, and can be asked nothing more. */
  get isOver(): boolean {
    const { connected, exitCode, signalCode } = this.#child;
    return this.#over !== null || !connected || exitCode !== null || signalCode !== null;
  }

  /**
   * Performs one request; the next may follow when this has resolved. It never rejects.
   *
   * @param root the directory of the transfer
   * @param hear is told each line as it comes
   */
  async ask(request: TransferRequest, root: string, hear: (line: string) => void): Promise<Answer> {
    const lines: string[] = [];
    const debug: string[] = [];
    const end = `${randomUUID()} `;
    this.#hold(true);
    const result = await new Promise<TransferResult>((resolve) => {
      const heard: Heard = { resolve, hear, lines, debug };
      this.#asked = { end, heard };
      if (this.#over !== null) this.#fail(this.#over);
      else if (this.#child.pid !== undefined) {
        // Else it was not started, as the event `error` is about to say.
        this.#child.send({ request, root, end } satisfies Asked, (error) => {
          if (error !== null) this.end();
        });
      }
    });
    this.#hold(false);
    return { result, lines, debug };
  }

  /** Ends it with all that it has started. A request that it has is answered when it is gone. */
  end(): void {
    if (this.#over !== null) return;
    this.#over = ended;
    this.#endTree();
  }

  /** Lets it end by itself, when it has nothing to do. */
  dismiss(): void {
    this.#over ??= ended;
    if (this.#child.connected) this.#child.disconnect();
  }

  #hear(line: string): void {
    if (this.#asked === null) return;
    const { end, heard } = this.#asked;
    // A tar that was killed may have left a line without an end.
    const at = line.indexOf(end);
    const said = at === -1 ? line : line.slice(0, at);
    if (said !== '' || at === -1) {
      heard.hear(said);
      record(said, heard);
    }
    if (at === -1) return;
    this.#asked = null;
    heard.resolve(resultIn(line.slice(at + end.length)));
  }

  #endTree(): void {
    const { pid } = this.#child;
    if (pid !== undefined) endTree(pid, process.platform);
  }

  #fail(reason: string): void {
    this.#over ??= reason;
    this.#asked?.heard.resolve({ error: this.#over });
    this.#asked = null;
  }

  /** Whether this process stays for it. */
  #hold(isHeld: boolean): void {
    const { stdout, stderr, channel } = this.#child;
    const verb = isHeld ? 'ref' : 'unref';
    this.#child[verb]();
    channel?.[verb]();
    for (const stream of [stdout, stderr]) if (stream instanceof Socket) stream[verb]();
  }
}

const ended = 'the process that talks to the cache service ended without an answer';

interface Heard {
  readonly resolve: (result: TransferResult) => void;
  readonly hear: (line: string) => void;
  readonly lines: string[];
  readonly debug: string[];
}

function resultIn(text: string): TransferResult {
  try {
    return JSON.parse(decodeURIComponent(text));
  } catch {
    return { error: ended }; // While it wrote this.
  }
}

function childFile(): string {
  const name = import.meta.url.endsWith('.ts') ? './child.ts' : './cache.js';
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Sorts what the toolkit printed. Masks go to the runner as they are; all else is ours to word. */
function record(line: string, { lines, debug }: Heard): void {
  const [, command, message = ''] = /^::(\w[\w-]*)(?: [^:]*)?::(.*)$/.exec(line) ?? [];
  const text = message.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
  // A mask of little would hide most of the log: who has written an entry may have written this line.
  if (command === 'add-mask' && /^[\w%+/=.~-]{20,}$/.test(message)) process.stdout.write(`${line}\n`);
  else if (command === 'add-mask') debug.push(text);
  else if (command === 'debug') debug.push(text);
  else lines.push(command === undefined ? line : text);
}
