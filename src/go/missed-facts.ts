import { flagName, flagValue } from '../flags.ts';

/** A package that the job compiled after the warm, and how. */
export interface MissedPackage {
  /** As Go prints it: `p`, `p [p.test]`, `p_test [p.test]`, `p.test`. Undefined for a main package. */
  readonly importPath: string | undefined;
  readonly goVersion: string | undefined;
  /** `linux/amd64`. */
  readonly target: string | undefined;
  readonly standard: boolean;
  readonly testMain: boolean;
  /** What the compiler notes of its flags: -N -l -race -msan -asan -dwarf=false. */
  readonly flags: readonly string[];
  readonly race: boolean;
  readonly covered: boolean;
  readonly coverMode: string | undefined;
  /** Of a test main: the patterns of -coverpkg, with `, ` between them. */
  readonly coverpkg: string | undefined;
  /** Of its sources, with `/`; not absolute with -trimpath, `$GOROOT/…` in the standard library without it. */
  readonly directory: string | undefined;
  readonly files: readonly string[] | undefined;
}

/** What the warm compiled, and how. */
export interface WarmedShape {
  /** `go env GOVERSION`. */
  readonly goVersion: string;
  /** `GOOS/GOARCH`. */
  readonly target: string;
  /** Of several commands: whether one has it. */
  readonly race: boolean;
  readonly trimpath: boolean;
  /** The flags of GOFLAGS and of the job, or of all its commands. */
  readonly flags: readonly string[];
  /** Of the cover pass, or of the first command that measures; undefined where nothing is measured. */
  readonly coverMode: string | undefined;
  readonly coverShape: 'self' | 'each' | 'coverpkg' | 'commands';
  /** Import paths. */
  readonly measured: readonly string[];
  readonly plain: readonly string[];
  /** Of the modules, absolute, as Go prints them. */
  readonly directories: readonly string[];
  readonly goModCache: string;
  /** The names of the Go files, tests' too, of the packages that were listed, by import path; may be empty. */
  readonly files: ReadonlyMap<string, readonly string[]>;
}

export interface Missed extends WarmedShape {
  readonly all: readonly MissedPackage[];
  /** Test mains that do not say themselves why they were missed. */
  readonly mains: readonly MissedPackage[];
}

/** The package that is compiled or tested: `p` of `p [p.test]`, `p_test [p.test]` and `p.test`; '' of a main package. */
export function subject({ importPath = '', testMain }: MissedPackage): string {
  if (testMain) return importPath.replace(/\.test$/, '');
  const [path = '', variant] = importPath.split(' ');
  const own = path.replace(/_test$/, '');
  return variant === `[${own}.test]` ? own : path;
}

export const isListed = (one: MissedPackage, { measured, plain }: WarmedShape): boolean =>
  measured.includes(subject(one)) || plain.includes(subject(one));
export const isAbsolute = (directory: string): boolean => /^(?:\w:)?\//.test(directory);
export const isTrimmed = (directory: string): boolean =>
  !isAbsolute(directory) && !directory.startsWith('$GOROOT/');
export const isElsewhere = (directory = '', { directories, goModCache }: WarmedShape): boolean =>
  isAbsolute(directory) && !isWithin(directory, [...directories, goModCache]);

export function isWithin(directory: string | undefined, parents: readonly string[]): boolean {
  const slashed = parents.map((parent) => parent.replaceAll('\\', '/'));
  return slashed.some((parent) => parent && `${directory}/`.startsWith(`${parent}/`));
}

/** Flags that the compiler notes and the warm has not been told. */
export function flagsBeside({ flags }: MissedPackage, warmed: WarmedShape): string[] {
  const told = new Set(warmed.flags.map(flagName));
  return flags.filter(
    (flag) =>
      (/^-[Nl]\b/.test(flag) && !told.has('gcflags')) ||
      (/^-[ma]san$/.test(flag) && !told.has(flag.slice(1))),
  );
}

export function filesBeside(one: MissedPackage, { files }: WarmedShape): string[] {
  const known = files.get(subject(one));
  return one.files?.filter((file) => file.endsWith('.go') && known?.includes(file) === false) ?? [];
}

/** Whether each test main measures its own package and no other. */
export function isEach(mains: readonly MissedPackage[]): boolean {
  const own = mains.filter(({ coverpkg }) => coverpkg !== undefined);
  return own.every((main) => {
    const pattern = main.coverpkg?.replace(/^\.\/|\/$/g, '') ?? '';
    return pattern === '.' || `/${subject(main)}`.endsWith(`/${pattern}`);
  });
}

/** Whether the test mains measure by the patterns of the warm's own -coverpkg. */
export function isAsked(mains: readonly MissedPackage[], { flags }: WarmedShape): boolean {
  const asked = flagValue(flags, 'coverpkg');
  return mains.every(({ coverpkg }) => coverpkg === undefined || coverpkg.replaceAll(', ', ',') === asked);
}
