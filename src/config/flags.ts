import { flagName, splitFields } from '../flags.ts';

/** Flags that have no place in `build-flags`, by why: each text ends "… is refused: <text>". */
const refused: ReadonlyMap<string, string> = new Map([
  ...[
    'run',
    'skip',
    'bench',
    'benchmem',
    'benchtime',
    'count',
    'cpu',
    'failfast',
    'fullpath',
    'fuzz',
    'fuzztime',
  ].map(run),
  ...[
    'fuzzminimizetime',
    'list',
    'parallel',
    'short',
    'shuffle',
    'timeout',
    'v',
    'json',
    'x',
    'n',
    'work',
  ].map(run),
  ...['coverprofile', 'cpuprofile', 'memprofile', 'memprofilerate', 'blockprofile'].map(run),
  ...['blockprofilerate', 'mutexprofile', 'mutexprofilefraction', 'trace', 'outputdir', 'artifacts', 'p'].map(
    run,
  ),
  ['args', 'it is for the test binary, which does not decide what is compiled; leave it out'],
  ['a', 'it compiles everything again on every run; leave it out'],
  ['o', 'the warm keeps no test binary; leave it out'],
  ['c', 'go test -c compiles other test mains than go test does; leave it out'],
  ['exec', 'it decides how a test is run, not what is compiled; leave it out'],
  [
    'toolexec',
    'it can change what every package compiles to; set it in GOFLAGS, where it reaches the job too',
  ],
  ['cover', 'the cover pass adds it; list the packages in cover-packages'],
  ['coverpkg', 'it has an input of its own; put its patterns into coverpkg'],
  ['C', 'it changes the directory; use working-directory'],
]);

function run(name: string): [string, string] {
  return [name, 'it decides the run or the output, not what is compiled; leave it out'];
}

/**
 * The flags of `build-flags`, each in the one-dash form `-name` or `-name=value`.
 *
 * Stricter than GOFLAGS in one thing: there a quote further inside a field is an ordinary character, which nobody
 * means who writes -ldflags="-s -w"; so that is an error that shows the right form. Flags that the go command does
 * not know are left to it to refuse: a newer Go may know them.
 *
 * @throws Error with one line that names the flag and what would be right
 */
export function parseBuildFlags(text: string): string[] {
  return splitFields(text).map(({ text: field, quoted }) => {
    if (!/^--?[A-Za-z]/.test(field)) {
      throw new Error(
        `${JSON.stringify(field)} is not a flag: write -name or -name=value, as in -tags=integration`,
      );
    }
    const flag = field.replace(/^--/, '-');
    const name = flagName(flag);
    if (!quoted && /=["']/.test(flag)) {
      throw new Error(
        `quotes must enclose the whole flag, as in GOFLAGS: '-${name}=a b', not -${name}='a b'`,
      );
    }
    const reason = refused.get(name.replace(/^test\./, ''));
    if (reason !== undefined) throw new Error(`${field} is refused: ${reason}`);
    return flag;
  });
}
