import { existsSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import * as glob from '@actions/glob';
import { UserError } from '../errors.ts';

/**
 * The module directories that `working-directory` names: absolute, without duplicates, in the order given
 * (those of a glob pattern sorted).
 *
 * @param patterns paths or `@actions/glob` patterns, relative to the workspace; a line that starts with `!` excludes
 * @throws UserError for one that is missing, outside the workspace, or holds neither go.mod nor go.work
 */
export async function moduleDirectories(patterns: readonly string[], workspace: string): Promise<string[]> {
  const excludes = patterns.filter((pattern) => pattern.startsWith('!'));
  const found: string[] = [];
  for (const pattern of patterns.filter((candidate) => !candidate.startsWith('!'))) {
    const named = resolve(workspace, pattern);
    const isGlob = /[*?[]/.test(pattern) && !existsSync(named);
    for (const directory of isGlob ? await expand(pattern, excludes, workspace) : [named]) {
      check(pattern, directory, workspace);
      // A directory and a link to it are one module.
      if (!found.some((other) => realpathSync(other) === realpathSync(directory))) found.push(directory);
    }
  }
  const excluded = new Set(excludes.map((exclude) => resolve(workspace, exclude.slice(1).trim())));
  const kept = found.filter((directory) => !excluded.has(directory));
  if (kept.length === 0) {
    throw new UserError('input working-directory: it only excludes: name a directory of a Go module, too');
  }
  return kept;
}

async function expand(pattern: string, excludes: readonly string[], workspace: string): Promise<string[]> {
  const root = escapeGlob(workspace);
  const lines = [
    rooted(root, pattern),
    ...excludes.map((exclude) => `!${rooted(root, exclude.slice(1).trim())}`),
  ];
  const globber = await glob.create(lines.join('\n'), { implicitDescendants: false });
  const matches = (await globber.glob()).filter((path) => statSync(path).isDirectory()).sort();
  if (matches.length === 0) {
    throw new UserError(`input working-directory: "${pattern}" matches no directory of the workspace`);
  }
  return matches;
}

/** The pattern under the workspace's path; the glob library reads a relative one from the process's directory. */
function rooted(root: string, pattern: string): string {
  return isAbsolute(pattern) ? pattern : join(root, pattern);
}

/** As `@actions/glob` escapes the current directory (internal-pattern.ts, globEscape). */
function escapeGlob(path: string): string {
  return sep === '\\'
    ? path
    : path
        .replace(/(\[)(?=[^/]+\])/g, '[[]')
        .replace(/\?/g, '[?]')
        .replace(/\*/g, '[*]');
}

function check(pattern: string, directory: string, workspace: string): void {
  const shown = `input working-directory: "${pattern}"`;
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new UserError(
      `${shown}: there is no such directory in the workspace: check out the repository first, and name a directory relative to its root`,
    );
  }
  // By real paths: a link in the workspace may lead out of it, and the workspace itself may be behind one.
  const inside = relative(realpathSync(workspace), realpathSync(directory));
  if (inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside) {
    throw new UserError(`${shown} is outside the workspace: name a directory inside it`);
  }
  if (!existsSync(join(directory, 'go.mod')) && !existsSync(join(directory, 'go.work'))) {
    const what = relative(workspace, directory) || '.';
    const hint = pattern === what || what === '.' ? '' : `, or exclude it by a line "!${what}"`;
    throw new UserError(
      `${shown}: ${what} holds neither go.mod nor go.work: name the directory of a Go module${hint}`,
    );
  }
}
