import { accessSync, chmodSync, constants, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flagName } from '../flags.ts';

/**
 * How a `go test` of the warm ends. With a wrapper it is quiet: no test binary is linked or started. Go keeps none in
 * GOCACHE, so linking one buys nothing (design.md, fact 3).
 */
export interface Recipe {
  /** For -toolexec; undefined where every test binary is linked, and started without a test. */
  readonly wrapper: string | undefined;
  readonly platform: NodeJS.Platform;
}

/**
 * The quiet recipe's wrapper, for -toolexec: it answers the link of a test binary (`link -o …/<package>.test …`, by
 * cmd/go/internal/work/gc.go) with an empty file and runs all else as it is: every `-V=full`, by which Go knows a
 * tool, every other tool, the link of covdata, and gcc, which -toolexec wraps by its bare name.
 *
 * Each compile leaves a byte in a file beside it, for who asks how far the warm has come. Where that cannot be written, it
 * goes on in silence.
 *
 * With -cover, Go prints the coverage of each package without tests by `go tool covdata`, which it builds for it
 * (since Go 1.25): once is enough to have it built, and each costs a tenth of a second.
 */
const wrapperText = `#!/bin/sh
case $1:$2:$3 in
*/link:-o:*.test | */link:-o:*.test.exe) : >"$3" ;;
*/compile:-o:*)
  { printf . >>"$0.compiled"; } 2>/dev/null
  exec "$@" ;;
*/go:tool:covdata)
  [ -d "$0.ran$1" ] && exit 0
  mkdir -p "$0.ran$1"
  exec "$@" ;;
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
  const wrapper = wrapperFile(directory);
  // -toolexec's value is split as GOFLAGS is, where nothing is escaped: a path with both quotes cannot be said.
  const linked = { wrapper: undefined, platform };
  if (link || platform === 'win32' || (wrapper.includes("'") && wrapper.includes('"'))) return linked;
  writeFileSync(wrapper, wrapperText);
  chmodSync(wrapper, 0o755);
  return isExecutable(wrapper) ? { wrapper, platform } : linked;
}

const wrapperFile = (directory: string): string => join(directory, 'toolexec.sh');

/** How many packages the wrapper in a directory has seen compiled; undefined where there were none. Never throws. */
export function compiledCount(directory: string): number | undefined {
  try {
    return statSync(`${wrapperFile(directory)}.compiled`, { throwIfNoEntry: false })?.size;
  } catch {
    return undefined; // Nobody can look, so nothing is told.
  }
}

/** Not on a file system that is mounted noexec. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * What stands in a `go test` of a pass in place of the job's own choice of tests.
 *
 * @param flags those of GOFLAGS and of the command: a -toolexec among them may change tool IDs, so it is left alone
 */
export function passFlags(recipe: Recipe, flags: readonly string[]): string[] {
  return ['-run=^$', ...(quietFlags(recipe, flags) ?? [])];
}

/**
 * The same of a replay. Where that links, it starts no binary either: what the job would start it with, as -exec or
 * -args, is no part of it. Windows has no `true`, so there it does.
 */
export function replayFlags(recipe: Recipe, flags: readonly string[]): string[] {
  const linked = recipe.platform === 'win32' ? [] : unstarted;
  return ['-run=^$', ...(quietFlags(recipe, flags) ?? linked)];
}

/** -count=1: no result of a test that did not run is looked for or stored. */
const unstarted = ['-count=1', '-exec=true'] as const;

function quietFlags({ wrapper }: Recipe, flags: readonly string[]): string[] | undefined {
  if (wrapper === undefined || flags.some((flag) => flagName(flag) === 'toolexec')) return undefined;
  const quote = /[\s"]/.test(wrapper) ? "'" : wrapper.includes("'") ? '"' : '';
  return [...unstarted, `-toolexec=${quote}${wrapper}${quote}`];
}
