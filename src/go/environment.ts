import { UserError } from '../errors.ts';
import { splitFlags } from '../flags.ts';
import type { RunCommand } from './command.ts';

/** `go env -json` of one directory: every value is a text. */
export type GoEnv = Readonly<Record<string, string>>;

/**
 * What decides action IDs beside flags and files, by name: go env's values that reach buildActionID and
 * linkActionID (cmd/go/internal/work/exec.go of Go 1.26), and the compiler's own debugging variables, which
 * go env does not print.
 */
const goEnvNames = [
  ...['GOVERSION', 'GOOS', 'GOARCH', 'GOEXPERIMENT', 'GOFLAGS', 'GOFIPS140', 'GO_EXTLINK_ENABLED', 'GCCGO'],
  ...['GO386', 'GOAMD64', 'GOARM', 'GOARM64', 'GOMIPS', 'GOMIPS64', 'GOPPC64', 'GORISCV64', 'GOWASM'],
  ...['CGO_ENABLED'],
];
const cgoNames = [
  ...['CC', 'CXX', 'FC', 'AR', 'PKG_CONFIG', 'CGO_CFLAGS', 'CGO_CPPFLAGS', 'CGO_CXXFLAGS', 'CGO_FFLAGS'],
  ...['CGO_LDFLAGS'],
];
const compilerNames = ['GOCLOBBERDEADHASH', 'GOSSAFUNC', 'GOSSADIR', 'GOCOMPILEDEBUG', 'PKG_CONFIG_PATH'];

/** The variables that decide what is compiled: those of a command may be printed, others may be secrets. */
export const deciding: ReadonlySet<string> = new Set([
  ...[...goEnvNames, ...cgoNames, ...compilerNames],
  ...['GOTOOLCHAIN', 'GOWORK', 'GOROOT', 'GOMODCACHE', 'GO111MODULE'],
]);

/** What else is asked of go env. Not all that it knows: GOGCCFLAGS alone takes it several runs of the C compiler. */
const otherNames = [
  ...['GOCACHE', 'GOCACHEPROG', 'GOMODCACHE', 'GOROOT', 'GOMOD', 'GOWORK', 'GOHOSTOS', 'GOHOSTARCH'],
];

/**
 * What `go env` says in a module directory, the outcome of its toolchain choice included.
 *
 * @throws UserError with Go's own words, for instance where go.mod asks for a newer Go than GOTOOLCHAIN allows
 */
export async function readGoEnv(run: RunCommand, directory: string): Promise<GoEnv> {
  const names = [...goEnvNames, ...cgoNames, ...otherNames];
  const { exitCode, stdout, stderr } = await run('go', ['env', '-json', ...names], { cwd: directory });
  if (exitCode !== 0) throw new UserError(`go env fails: ${oneLine(stderr)}`);
  const parsed: unknown = JSON.parse(stdout);
  if (typeof parsed !== 'object' || parsed === null) throw new UserError('go env -json printed no object');
  return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, String(value)]));
}

/** The values of `go env` and `env` that decide action IDs; what is unset or empty is left out. */
export function actionIdValues(goEnv: GoEnv, env: NodeJS.ProcessEnv): [string, string][] {
  const fromGo = goEnv['CGO_ENABLED'] === '1' ? [...goEnvNames, ...cgoNames] : goEnvNames;
  const values = [
    ...fromGo.map((name): [string, string] => [name, goEnv[name] ?? '']),
    ...compilerNames.map((name): [string, string] => [name, env[name] ?? '']),
  ];
  return values.filter(([, value]) => value !== '');
}

/**
 * The first line of the C and C++ compilers' `--version`, where cgo is on: Go hashes what they are, so another
 * version compiles every cgo package again. A compiler that is not there is no error: cgo may not be needed.
 */
export async function compilerVersions(
  run: RunCommand,
  goEnv: GoEnv,
  directory: string,
): Promise<[string, string][]> {
  if (goEnv['CGO_ENABLED'] !== '1') return [];
  const versions = ['CC', 'CXX'].map(async (name): Promise<[string, string]> => {
    const [program, ...args] = splitFlags(goEnv[name] ?? '');
    if (!program) return [`${name} version`, 'none'];
    try {
      const { stdout } = await run(program, [...args, '--version'], { cwd: directory });
      return [`${name} version`, stdout.split('\n')[0]?.trim() ?? ''];
    } catch (error) {
      if (error instanceof UserError) return [`${name} version`, 'not on PATH'];
      throw error;
    }
  });
  return Promise.all(versions);
}

/** Go's message without its line breaks, and without the prefix that every line of it has. */
export function oneLine(stderr: string): string {
  return stderr
    .replace(/^go: /gm, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
