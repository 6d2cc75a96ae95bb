import { UserError } from '../errors.ts';
import { flagName } from '../flags.ts';
import type { CommandResult, RunCommand } from './command.ts';
import { type Diagnostic, diagnostics, failureLine, withoutColumns } from './diagnostics.ts';
import type { PassList } from './lists.ts';
import { split } from './split.ts';

export type PassKind = 'cover' | 'plain';

/** One go command of the warm. */
export interface PassReport {
  readonly kind: PassKind;
  /** Packages on the command line that no earlier command of the pass named. */
  readonly packages: number;
  readonly seconds: number;
  readonly command: readonly string[];
}

export interface WarmOptions {
  readonly run: RunCommand;
  /** The build flags of the job; -covermode among them goes to the cover pass alone. */
  readonly flags: readonly string[];
  /** Characters that the packages of one command may take. */
  readonly limit: number;
  readonly workspace: string;
  /** Called before each command and after it: where its output belongs in the log. */
  readonly group: (title: string, body: () => Promise<CommandResult>) => Promise<CommandResult>;
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
 * Compiles what the job's own `go test` will ask for: the cover lists instrumented, then the plain ones as they
 * are. Resolves at once when all lists are empty.
 *
 * @returns the commands in the order in which they ran
 * @throws WarmError when a command fails; it names the pass, and later commands are not run
 */
export async function warm(
  cover: readonly PassList[],
  plain: readonly PassList[],
  options: WarmOptions,
): Promise<PassReport[]> {
  const reports: PassReport[] = [];
  for (const step of [...commands('cover', cover, options), ...commands('plain', plain, options)]) {
    const started = performance.now();
    const title = `Warm, ${step.kind} pass: ${step.packages} ${step.packages === 1 ? 'package' : 'packages'}`;
    const result = await options.group(title, () =>
      options.run('go', step.args, { cwd: step.directory, show: true }),
    );
    const seconds = (performance.now() - started) / 1000;
    reports.push({ kind: step.kind, packages: step.packages, seconds, command: ['go', ...step.args] });
    if (result.exitCode !== 0) throw failure(step, result, reports, options.workspace);
  }
  return reports;
}

interface Step {
  readonly kind: PassKind;
  readonly directory: string;
  readonly args: readonly string[];
  readonly packages: number;
}

function commands(kind: PassKind, lists: readonly PassList[], options: WarmOptions): Step[] {
  return lists.flatMap(({ directory, packages }) => {
    const named = new Set<string>();
    return split(packages, options.limit).map((chunk): Step => {
      const paths = chunk.map((one) => one.importPath);
      const fresh = paths.filter((path) => !named.has(path));
      for (const path of fresh) named.add(path);
      return { kind, directory, args: passArguments(kind, options.flags, paths), packages: fresh.length };
    });
  });
}

/** The arguments of one command of a pass. Exported for its table of tests. */
export function passArguments(kind: PassKind, flags: readonly string[], paths: readonly string[]): string[] {
  // -covermode implies -cover, so the plain pass must not have it.
  const own =
    kind === 'cover' ? ['-cover', ...flags] : flags.filter((flag) => flagName(flag) !== 'covermode');
  return ['test', '-run=^$', ...own, ...paths];
}

function failure(
  step: Step,
  result: CommandResult,
  reports: readonly PassReport[],
  workspace: string,
): WarmError {
  const output = `${result.stdout}\n${result.stderr}`;
  const all = diagnostics(output, step.directory, workspace);
  const found = step.kind === 'cover' ? withoutColumns(all) : all;
  const [first] = found;
  const why = first === undefined ? failureLine(output) : `${first.file}:${first.line}: ${first.message}`;
  const more = found.length > 1 ? ` (and ${found.length - 1} more)` : '';
  return new WarmError(`the ${step.kind} pass failed: ${why}${more}`, found, reports);
}
