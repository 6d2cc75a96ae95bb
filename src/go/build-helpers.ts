import { statSync } from 'node:fs';
import { join, sep } from 'node:path';
import { UserError } from '../errors.ts';
import { flagName } from '../flags.ts';
import type { RunCommand } from './command.ts';
import { type Diagnostic, diagnostics, failureLine } from './diagnostics.ts';
import { executableName, type Helper } from './helpers.ts';
import { split } from './split.ts';

/** Helpers that Go did not build: the message is one line, the diagnostics are places in the user's sources. */
export class HelperError extends UserError {
  readonly diagnostics: readonly Diagnostic[];
  constructor(message: string, found: readonly Diagnostic[] = []) {
    super(message);
    this.diagnostics = found;
  }
}

export interface BuildPlace {
  readonly run: RunCommand;
  readonly goFlags: readonly string[];
}

export interface BuildOptions {
  /** Absolute. */
  readonly output: string;
  /** For each module directory its runner, for this machine, and the flags of its GOFLAGS. */
  readonly places: ReadonlyMap<string, BuildPlace>;
  readonly workspace: string;
  /** Characters that the packages of one command may take. */
  readonly limit: number;
}

/** A helper's file in the output directory. */
export function fileOf({ name }: Pick<Helper, 'name'>, platform: NodeJS.Platform): string {
  return platform === 'win32' ? `${name}.exe` : name;
}

/**
 * Builds helpers, several at once where their names are Go's own. A program that is up to date is not linked again: Go
 * reads the build ID in it.
 *
 * -buildvcs=false: the commit would be in each program, and each commit link them all again. `-ldflags=-s -w`, as `go run`
 * links (OmitDebug in cmd/go/internal/run): a program without a debugger's tables is linked faster and smaller.
 *
 * @throws HelperError for what does not compile or cannot be written
 */
export async function buildHelpers(
  helpers: readonly Helper[],
  platform: NodeJS.Platform,
  { output, places, workspace, limit }: BuildOptions,
): Promise<void> {
  for (const helper of helpers) {
    // Into a directory Go would put a file of another name.
    const path = join(output, fileOf(helper, platform));
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) continue;
    throw new HelperError(
      `helpers cannot be built: ${path} is a directory: choose another helpers-dir or name`,
    );
  }
  for (const { directory, target, packages } of commands(helpers, { output, platform, limit })) {
    const place = places.get(directory);
    if (place === undefined) throw new Error(`${directory} was not listed`);
    const linked = place.goFlags.some((flag) => flagName(flag) === 'ldflags') ? [] : ['-ldflags=-s -w'];
    const args = ['build', '-buildvcs=false', ...linked, '-o', target, '--', ...packages];
    const { exitCode, stdout, stderr } = await place.run('go', args, { cwd: directory, show: true });
    if (exitCode === 0) continue;
    const printed = `${stdout}\n${stderr}`;
    const found = diagnostics(printed, directory, workspace);
    const [first, ...more] = found;
    const reason =
      first === undefined ? failureLine(printed) : `${first.file}:${first.line}: ${first.message}`;
    const others = more.length > 0 ? ` (and ${more.length} more)` : '';
    throw new HelperError(`helpers cannot be built: ${reason}${others}`, found);
  }
}

interface BuildCommand {
  readonly directory: string;
  /** A directory where it ends with a separator. */
  readonly target: string;
  readonly packages: readonly string[];
}

function commands(
  helpers: readonly Helper[],
  {
    output,
    platform,
    limit,
  }: Pick<BuildOptions, 'output' | 'limit'> & { readonly platform: NodeJS.Platform },
): BuildCommand[] {
  const isGos = ({ name, importPath }: Helper) => name === executableName(importPath);
  return [...new Set(helpers.map(({ directory }) => directory))].flatMap((directory): BuildCommand[] => {
    const own = helpers.filter((helper) => helper.directory === directory);
    const together = own.filter(isGos).map(({ importPath }) => ({ importPath, hasTests: true }));
    return [
      ...split(together, limit).map((chunk) => ({
        ...{ directory, target: `${output}${sep}`, packages: chunk.map(({ importPath }) => importPath) },
      })),
      ...own.flatMap((helper) =>
        isGos(helper)
          ? []
          : [{ directory, target: join(output, fileOf(helper, platform)), packages: [helper.importPath] }],
      ),
    ];
  });
}
