import type { RunCommand } from '../go/command.ts';
import { workspaceFiles } from '../go/content.ts';
import type { GoEnv } from '../go/environment.ts';
import { downloadFiles, usedFiles } from '../go/modules.ts';
import type { GoPackage } from '../go/packages.ts';
import { workspaceModules } from '../go/workspace.ts';

/** A directory in which go commands run, and what `go env` says there. */
export interface ModuleDirectory {
  readonly path: string;
  readonly goEnv: GoEnv;
  /** The other modules of its go.work. */
  readonly workspaceModules: readonly string[];
}

/** @throws UserError where Go refuses the directory, or go.mod asks for a Go that is not there */
export async function openDirectory(run: RunCommand, path: string, goEnv: GoEnv): Promise<ModuleDirectory> {
  return { path, goEnv, workspaceModules: await workspaceModules(run, goEnv['GOWORK'] ?? '', path) };
}

/** Every go.sum and go.work.sum that the module directories obey, absolute and sorted. */
export function sumFiles(directories: readonly ModuleDirectory[]): string[] {
  const files = directories.flatMap(({ path, goEnv, workspaceModules: others }) =>
    [path, ...others].flatMap((root) => workspaceFiles(root, goEnv)),
  );
  return [...new Set(files.filter((file) => file.endsWith('.sum')))].sort();
}

/** The files of the module cache that go.sum texts name; of packages those that they need. */
export function moduleFiles(sums: readonly string[], packages?: readonly GoPackage[]): string[] {
  const files = (sum: string) => (packages === undefined ? downloadFiles(sum) : usedFiles(sum, packages));
  return [...new Set(sums.flatMap(files))].sort();
}
