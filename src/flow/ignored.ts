import { realpathSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { UserError } from '../errors.ts';
import type { BuildPlace } from '../go/build-helpers.ts';
import type { Console } from '../report/console.ts';

/** Warns of programs that git would take for files of the project: a later `git add` or a check for changes finds them. */
export async function warnUnlessIgnored(
  programs: readonly { readonly file: string }[],
  options: {
    readonly output: string;
    readonly workspace: string;
    readonly places: ReadonlyMap<string, BuildPlace>;
    readonly console: Console;
  },
): Promise<void> {
  const { output, workspace, places, console } = options;
  const inside = relative(realpathSync(workspace), realpathSync(output));
  if (inside === '..' || inside.startsWith(`..${sep}`) || resolve(inside) === inside) return;
  const [any] = places.values();
  const files = programs.map(({ file }) => join(output, file));
  try {
    // 0: at least one is ignored, and printed; 1: none is; 128: no repository, so nothing is in the way.
    const git = await any?.run('git', ['check-ignore', '--', ...files], { cwd: output });
    const ignored = git?.stdout.split('\n').filter((line) => line !== '').length;
    if (git === undefined || git.exitCode > 1 || ignored === files.length) return;
  } catch (error) {
    if (error instanceof UserError) return; // No git on PATH.
    throw error;
  }
  const shown = inside.split(sep).join('/') || '.';
  console.warning(
    `helpers-dir ${shown} is inside the workspace, and git does not ignore it: add it to .gitignore, or leave the input out`,
  );
}
