import { UserError } from '../errors.ts';
import type { Watch } from '../progress.ts';
import { BatchProgress } from './batch-progress.ts';
import type { CommandResult, RunCommand } from './command.ts';
import { type Diagnostic, diagnostics, failureLine, unique, withoutColumns } from './diagnostics.ts';
import { deciding } from './environment.ts';
import { mapLimited } from './limited.ts';
import { countPackages, type PassKind, type Step } from './steps.ts';

/** One go command of the warm that was run. */
export interface PassReport {
  readonly kind: PassKind;
  /** Packages on the command line that no earlier command of the pass named. */
  readonly packages: number;
  readonly seconds: number;
  /** With the NAME=value that were set for it and that Go obeys. */
  readonly command: readonly string[];
}

export interface WarmOptions {
  readonly run: RunCommand;
  /** How many commands may run at once, of those that may run beside others. */
  readonly parallelism: number;
  readonly workspace: string;
  readonly log: WarmLog;
  /** How many packages were compiled until now; undefined where nobody counts. */
  readonly compiled: () => number | undefined;
}

/** Where the output of the commands belongs in the log. */
export interface WarmLog {
  /** Called around commands. */
  readonly group: <T>(title: string, body: () => Promise<T>) => Promise<T>;
  /** The output of a command that ran beside others, when it has ended. */
  readonly print: (text: string) => void;
  /** Called around commands, with what they are. */
  readonly progress: <T>(name: string, body: (watch: Watch) => Promise<T>) => Promise<T>;
}

/** A pass that failed: its message is one line, its diagnostics are places in the user's sources. */
export class WarmError extends UserError {
  readonly diagnostics: readonly Diagnostic[];
  readonly passes: readonly PassReport[];
  constructor(message: string, found: readonly Diagnostic[], passes: readonly PassReport[]) {
    super(message);
    this.diagnostics = found;
    this.passes = passes;
  }
}

/**
 * Compiles what the job's own commands will ask for.
 *
 * @returns the commands in their order, as also the error tells them
 * @throws WarmError when a command fails; it names the pass. Commands that may run beside others all run first, and
 *   it tells the errors of all of them; later commands are not run
 */
export async function warm(steps: readonly Step[], options: WarmOptions): Promise<PassReport[]> {
  const reports: PassReport[] = [];
  for (const batch of batches(steps)) {
    const count = countPackages(batch);
    const kind = batch[0]?.kind ?? 'cover';
    const each = batch.length > 1 ? ', each by itself' : '';
    const title = `Warm, ${kind} pass: ${count} ${count === 1 ? 'package' : 'packages'}${each}`;
    const { group, progress } = options.log;
    const ran = await group(title, () =>
      progress(`Warm, ${kind} pass`, (watch) => runBatch(batch, options, watch)),
    );
    reports.push(...ran.map(({ report }) => report));
    const failed = ran.filter(({ result }) => result.exitCode !== 0);
    if (failed.length > 0) throw failure(failed, reports, options.workspace);
  }
  return reports;
}

/** Steps that may run beside each other, together; every other alone. */
function batches(steps: readonly Step[]): Step[][] {
  const result: Step[][] = [];
  for (const step of steps) {
    const last = result.at(-1);
    if (step.beside && last?.[0]?.beside === true) last.push(step);
    else result.push([step]);
  }
  return result;
}

interface Ran {
  readonly step: Step;
  readonly result: CommandResult;
  readonly report: PassReport;
}

function runBatch(
  batch: readonly Step[],
  { run, parallelism, log, compiled }: WarmOptions,
  watch: Watch,
): Promise<Ran[]> {
  const progress = new BatchProgress(batch);
  const before = compiled() ?? 0;
  watch(() => {
    const now = compiled();
    return progress.read(now === undefined ? undefined : now - before);
  });
  // Of several at once, the lines of each belong together.
  const show = batch.length === 1;
  return mapLimited(batch, parallelism, async (step): Promise<Ran> => {
    const started = performance.now();
    const onLine = (line: string) => progress.line(step, line);
    const result = await run('go', step.args, { cwd: step.directory, env: step.env, show, onLine });
    progress.ended(step);
    const seconds = (performance.now() - started) / 1000;
    const assigned = Object.entries(step.env).flatMap(([name, value]) =>
      deciding.has(name) ? [`${name}=${value}`] : [],
    );
    const command = [...assigned, 'go', ...step.args];
    if (!show) log.print(`go ${step.args.join(' ')}\n${result.stdout}${result.stderr}`.trimEnd());
    return { step, result, report: { kind: step.kind, packages: step.packages, seconds, command } };
  });
}

function failure(failed: readonly Ran[], reports: readonly PassReport[], workspace: string): WarmError {
  const told = failed.map(({ step, result }) => {
    const output = `${result.stdout}\n${result.stderr}`;
    const all = diagnostics(output, step.directory, workspace);
    const [first] = all;
    const reason =
      first === undefined ? failureLine(output) : `${first.file}:${first.line}: ${first.message}`;
    return { reason, places: isMeasured(step) ? withoutColumns(all) : all };
  });
  const places = unique(told.flatMap((one) => one.places));
  const [first, ...others] = new Set(told.map((one) => one.reason));
  const more = Math.max(others.length, places.length - 1);
  const kind = failed[0]?.step.kind ?? 'cover';
  const message = `the ${kind} pass failed: ${first}${more > 0 ? ` (and ${more} more)` : ''}`;
  return new WarmError(message, places, reports);
}

/** Whether the sources that the compiler saw may have been instrumented copies. */
function isMeasured({ args }: Step): boolean {
  return args.some((arg) => arg.startsWith('-cover'));
}
