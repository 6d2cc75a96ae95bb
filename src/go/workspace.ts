import { existsSync } from 'node:fs';
import { join, posix, relative, resolve, sep } from 'node:path';
import { UserError } from '../errors.ts';
import type { RunCommand } from './command.ts';
import { oneLine } from './environment.ts';

/**
 * The modules that a go.work uses, as absolute directories; none where there is no go.work at that path.
 *
 * @param goWork the value of `go env GOWORK`: a path, '' or 'off'
 * @throws UserError where Go cannot read it
 */
export async function workspaceModules(
  run: RunCommand,
  goWork: string,
  directory: string,
): Promise<string[]> {
  if (goWork === '' || goWork === 'off') return [];
  const { exitCode, stdout, stderr } = await run('go', ['work', 'edit', '-json', goWork], { cwd: directory });
  if (exitCode !== 0) throw new UserError(`go cannot read ${goWork}: ${oneLine(stderr)}`);
  const work: { Use?: { DiskPath: string }[] | null } = JSON.parse(stdout);
  return (work.Use ?? []).map((use) => resolve(goWork, '..', use.DiskPath));
}

/**
 * `./...` in a directory that holds a go.work but no go.mod, where Go refuses it ("does not contain modules listed
 * in go.work"): there it stands for the used modules below. Every other pattern is as it was.
 */
export function expandPatterns(
  patterns: readonly string[],
  directory: string,
  modules: readonly string[],
): string[] {
  if (existsSync(join(directory, 'go.mod')) || modules.length === 0) return [...patterns];
  const below = modules
    .map((module) => relative(directory, module).split(sep).join('/'))
    .filter((path) => path !== '' && !path.startsWith('..'))
    .sort();
  return patterns.flatMap((pattern) =>
    pattern === './...' ? below.map((path) => `./${posix.join(path, '...')}`) : [pattern],
  );
}
