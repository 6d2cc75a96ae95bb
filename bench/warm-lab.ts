import { constants, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkOut } from '../local/checkout.ts';
import { compiledPackages } from '../local/graph.ts';
import { LocalRunner, type StepResult } from '../local/runner.ts';
import { toFiles } from '../src/flow/save.ts';
import type { GocacheObject } from '../src/gocache/scan.ts';
import { writePack } from '../src/pack/write.ts';
import type { Report } from '../src/report/report.ts';

const root = resolve(import.meta.dirname, '..');

/** A program and its arguments; NAME=value before them are set for it, as in the report's `warm.passes`. */
export type Command = readonly string[];

/**
 * Runs a program, whose output becomes its error output, and tells the CPU times of it and of all that it waited for:
 * the second line of `times`, which POSIX asks of every shell. Go waits for each tool that it starts.
 */
const timed = '"$@" >&2; code=$?; times; exit $code';
const childrenTimes = /(\d+)m([\d.,]+)s\s+(\d+)m([\d.,]+)s\s*$/;

/** A version of a real project, and GOCACHEs to try things in. All of it goes with `close`. */
export class Lab {
  readonly workspace: string;
  readonly #home: string;
  readonly #runner: LocalRunner;
  #made = 0;

  constructor(module: string, version: string) {
    this.#home = mkdtempSync(join(tmpdir(), 'bench-warm-'));
    this.workspace = join(this.#home, 'workspace');
    checkOut(this.workspace, module, version);
    this.#runner = this.#newRunner();
  }

  close(): void {
    rmSync(this.#home, { recursive: true, force: true });
  }

  /** A new GOCACHE: a copy of another, with the times of its objects, or an empty one. */
  gocache(from?: string): string {
    const directory = this.#path('gocache');
    const options = { recursive: true, preserveTimestamps: true, mode: constants.COPYFILE_FICLONE };
    if (from === undefined) mkdirSync(directory);
    else cpSync(from, directory, options);
    return directory;
  }

  drop(gocache: string): void {
    rmSync(gocache, { recursive: true, force: true });
  }

  /** What a go command prints. @throws Error when it fails */
  async go(gocache: string, args: readonly string[]): Promise<string> {
    return (await this.#exec(gocache, ['go', ...args])).stdout;
  }

  /** The lines that `go list` prints for each package. */
  async list(gocache: string, args: readonly string[]): Promise<string[]> {
    const lines = (await this.go(gocache, ['list', ...args])).split('\n');
    return lines.filter((line) => line !== '');
  }

  /** Seconds of CPU, user and system, that commands take one after the other, with all the processes they start. */
  async cpu(gocache: string, commands: readonly Command[]): Promise<number> {
    // What the wrapper notes of a warm (see src/go/recipe.ts): each starts without it.
    for (const word of commands.flat()) {
      if (word.startsWith('-toolexec=')) rmSync(`${word.slice(10)}.ran`, { recursive: true, force: true });
    }
    let seconds = 0;
    for (const command of commands) {
      const { stdout } = await this.#exec(gocache, ['sh', '-c', timed, 'sh', 'env', ...command]);
      seconds += cpuSecondsOf(stdout);
    }
    return seconds;
  }

  /** How many packages a go command compiles. */
  async compiled(gocache: string, [verb = '', ...words]: readonly string[]): Promise<number> {
    const graph = this.#path('graph');
    await this.go(gocache, [verb, `-debug-actiongraph=${graph}`, ...words]);
    return compiledPackages(graph).length;
  }

  /** The built action's main step, which warms in any case. @returns its report */
  async main(gocache: string, inputs: Readonly<Record<string, string>>): Promise<Report> {
    return reportOf(await this.#main(this.#newRunner(), gocache, inputs));
  }

  /** Main and post: in GOCACHE is left what the warm has used or made, as if it had started from an empty one. */
  async warmAlone(gocache: string, inputs: Readonly<Record<string, string>>): Promise<void> {
    const runner = this.#newRunner();
    await this.#main(runner, gocache, inputs);
    const post = await runner.post();
    if (post.exitCode !== 0 || !/^Swept /m.test(post.log))
      throw new Error(`post did not sweep:\n${post.log}`);
  }

  /** Bytes that objects of a GOCACHE take as a pack, which is what an entry holds. */
  async packedBytes(gocache: string, objects: readonly GocacheObject[]): Promise<number> {
    const directory = this.#path('pack');
    const files = toFiles(objects, gocache);
    const { packedBytes } = await writePack({ directory, files });
    rmSync(directory, { recursive: true });
    return packedBytes;
  }

  async #main(
    runner: LocalRunner,
    gocache: string,
    inputs: Readonly<Record<string, string>>,
  ): Promise<StepResult> {
    const fixed = { gocache, warm: 'always', save: 'never', 'module-cache': 'false' };
    const main = await runner.main({ with: { ...inputs, ...fixed } });
    if (main.exitCode !== 0) throw new Error(main.log);
    return main;
  }

  async #exec(gocache: string, [program = '', ...args]: Command): Promise<StepResult> {
    const ran = await this.#runner.exec(program, args, { env: { GOCACHE: gocache } });
    if (ran.exitCode !== 0) throw new Error(`${program} ${args.join(' ')}:\n${ran.log}`);
    return ran;
  }

  /** Its directory stays until the end: the wrapper that the commands of a warm name is in it. */
  #newRunner(): LocalRunner {
    return new LocalRunner({ workspace: this.workspace, temp: this.#path('temp'), action: root });
  }

  #path(what: string): string {
    this.#made += 1;
    return join(this.#home, `${what}-${this.#made}`);
  }
}

/** Seconds of CPU, user and system, by what the shell's `times` has printed last. */
export function cpuSecondsOf(times: string): number {
  const [, ...numbers] = childrenTimes.exec(times) ?? [];
  const [userMinutes, user, systemMinutes, system] = numbers.map((text) => Number(text.replace(',', '.')));
  if (userMinutes === undefined || user === undefined) throw new Error(`no times in: ${times}`);
  return (userMinutes + (systemMinutes ?? 0)) * 60 + user + (system ?? 0);
}

function reportOf(main: StepResult): Report {
  return JSON.parse(readFileSync(main.outputs['report'] ?? '', 'utf8'));
}
