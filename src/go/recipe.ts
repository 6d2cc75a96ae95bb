import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flagName } from '../flags.ts';

/**
 * How a `go test` of the warm ends: `link` as go test does, by linking every test binary and starting it without a
 * test; `quiet` without either. Go keeps no test binary in GOCACHE, so linking one buys nothing (design.md, fact 3).
 */
export type Recipe = { readonly kind: 'link' } | { readonly kind: 'quiet'; readonly wrapper: string };

/**
 * The quiet recipe's wrapper, for -toolexec: it answers the link of a test binary (`link -o …/<package>.test …`, by
 * cmd/go/internal/work/gc.go) with an empty file and runs all else as it is: every `-V=full`, by which Go knows a
 * tool, every other tool, the link of covdata, and gcc, which -toolexec wraps by its bare name.
 */
const wrapperText = `#!/bin/sh
case $1:$2:$3 in
*/link:-o:*.test) : >"$3" ;;
*) exec "$@" ;;
esac
`;

/**
 * Chooses the recipe, and writes its wrapper into a directory. Windows has no program that starts as fast and takes
 * such a script, so there it links.
 *
 * @throws what the file system says
 */
export function prepareRecipe(options: {
  readonly link: boolean;
  readonly platform: NodeJS.Platform;
  readonly directory: string;
}): Recipe {
  const { link, platform, directory } = options;
  const wrapper = join(directory, 'toolexec.sh');
  // -toolexec's value is split as GOFLAGS is, where nothing is escaped: a path with both quotes cannot be said.
  if (link || platform === 'win32' || (wrapper.includes("'") && wrapper.includes('"')))
    return { kind: 'link' };
  writeFileSync(wrapper, wrapperText);
  chmodSync(wrapper, 0o755);
  return { kind: 'quiet', wrapper };
}

/**
 * What stands in a `go test` of the warm in place of the job's own choice of tests.
 *
 * @param flags those of GOFLAGS and of the command: a -toolexec among them may change tool IDs, so it is left alone
 */
export function testFlags(recipe: Recipe, flags: readonly string[]): string[] {
  if (recipe.kind === 'link' || flags.some((flag) => flagName(flag) === 'toolexec')) return ['-run=^$'];
  const { wrapper } = recipe;
  const quote = /[\s"]/.test(wrapper) ? "'" : wrapper.includes("'") ? '"' : '';
  // -count=1: no result of a test that did not run is looked for or stored.
  return ['-run=^$', '-count=1', '-exec=true', `-toolexec=${quote}${wrapper}${quote}`];
}
