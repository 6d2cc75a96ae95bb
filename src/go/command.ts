import { StringDecoder } from 'node:string_decoder';
import * as exec from '@actions/exec';
import { messageOf, UserError } from '../errors.ts';

export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * Runs a program of the Go toolchain, or the C compiler that it uses.
 *
 * `show` streams the command and its output into the step's log; else nothing is printed. `env` is set beside the
 * environment that the runner has. `onLine` gets each line of the standard output as it comes.
 */
export type RunCommand = (
  program: string,
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly show?: boolean;
    readonly env?: Readonly<Record<string, string>>;
    readonly onLine?: (line: string) => void;
  },
) => Promise<CommandResult>;

/** The step's inputs, its state, the cache service, and the files by which a step speaks to the runner. */
const ours = /^(INPUT_|STATE_|ACTIONS_|GITHUB_(OUTPUT|STATE|ENV|PATH|STEP_SUMMARY)$)/;

/**
 * The environment of the job's own go commands, as far as action and step differ: what only an action may see
 * does not reach the code that the warm starts.
 *
 * @param gocache GOCACHE for them; by default what the environment says
 */
export function goEnvironment(env: NodeJS.ProcessEnv, gocache?: string): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !ours.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), ...(gocache === undefined ? {} : { GOCACHE: gocache }) };
}

/** The one adapter of `@actions/exec` here. Arguments go to the program as they are; no shell is in between. */
export function commandRunner(env: Record<string, string>): RunCommand {
  return async (program, args, { cwd, show = false, env: own = {}, onLine }) => {
    try {
      return await exec.getExecOutput(quoteProgram(program), [...args], {
        cwd,
        env: { ...env, ...own },
        silent: !show,
        ignoreReturnCode: true,
        ...(onLine === undefined ? {} : { listeners: { stdout: lineSplitter(onLine) } }),
      });
    } catch (error) {
      if (/Unable to locate executable file/.test(messageOf(error))) {
        throw new UserError(
          `no ${program} on PATH: put a step that installs it before this one (for go: actions/setup-go)`,
        );
      }
      throw error;
    }
  };
}

/** The same with more variables set. */
export function withEnv(run: RunCommand, more: Readonly<Record<string, string>>): RunCommand {
  return (program, args, options) => run(program, args, { ...options, env: { ...more, ...options.env } });
}

/** The toolkit's own splits at the system's line breaks, but Go ends its lines by `\n` on Windows, too. */
function lineSplitter(onLine: (line: string) => void): (data: Buffer) => void {
  const decoder = new StringDecoder();
  let rest = '';
  return (data) => {
    const lines = (rest + decoder.write(data)).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) onLine(line);
  };
}

/** `exec` splits its first argument as a command line, at spaces outside double quotes. */
function quoteProgram(program: string): string {
  return program.includes(' ') ? `"${program}"` : program;
}
