import type { JobCommand } from '../flags.ts';

/** A flag that a go command knows. */
export interface FlagRule {
  /** Without dash and `test.`. */
  readonly name: string;
  /** A switch takes a value after = alone, every other flag also the next word. */
  readonly kind: 'switch' | 'value';
  readonly use: FlagUse;
}

/**
 * What becomes of a flag: `keep` in the form -name=value, `raw` as it is written, `drop`, `refuse`; `binary` makes go
 * test keep the binary, `profile` turns coverage on, and both are dropped.
 */
type FlagUse = 'keep' | 'raw' | 'drop' | 'refuse' | 'binary' | 'profile';

/** Of work.AddBuildFlags, Go 1.26: every build command has these, `go list` too. */
const buildRules = [
  ...rules('keep', 'switch', 'asan buildvcs linkshared modcacherw msan race trimpath'),
  ...rules(
    'keep',
    'value',
    'asmflags buildmode compiler gccgoflags gcflags installsuffix ldflags mod modfile',
  ),
  ...rules('keep', 'value', 'overlay pgo pkgdir tags toolexec'),
  ...rules('drop', 'switch', 'a json v work x'),
  ...rules('drop', 'value', 'debug-actiongraph debug-runtime-trace debug-trace p'),
  ...rules('refuse', 'switch', 'n'),
  ...rules('refuse', 'value', 'C'),
];

/** Of work.AddCoverFlags; `go list` has them, go vet does not. */
const coverRules = [...rules('keep', 'switch', 'cover'), ...rules('keep', 'value', 'covermode coverpkg')];

/**
 * What go test hands on to the test binary (passFlagToTest in cmd/go/internal/test/flagdefs.go). Of these -fuzz
 * instruments packages; the profiles that testNeedBinary names, which -trace is not, keep the binary.
 */
const passedRules = [
  ...rules('keep', 'value', 'fuzz'),
  ...rules('profile', 'value', 'coverprofile'),
  ...rules('binary', 'value', 'blockprofile cpuprofile memprofile mutexprofile'),
  ...rules('drop', 'switch', 'artifacts benchmem failfast fullpath short v'),
  ...rules('drop', 'value', 'bench benchtime blockprofilerate count cpu fuzzminimizetime fuzztime list'),
  ...rules('drop', 'value', 'memprofilerate mutexprofilefraction outputdir parallel run shuffle skip'),
  ...rules('drop', 'value', 'timeout trace'),
];

const testRules = [
  ...rules('binary', 'switch', 'c'),
  ...rules('binary', 'value', 'o'),
  ...rules('drop', 'value', 'exec'),
  ...rules('keep', 'value', 'vet'),
];

/**
 * Of cmd/go/internal/vet and `go tool vet -flags`. What the tool knows, -tags and -v among it, reaches the tool, and
 * the key of its result, as the words that were written: -tags=x and -tags x are two keys. -json must stay too: with
 * it findings do not fail the command. -fix rewrites sources and -diff needs it; -V and -flags vet nothing.
 */
const vetRules = [
  ...rules('keep', 'value', 'vettool'),
  ...rules('refuse', 'switch', 'V diff fix flags'),
  ...rules(
    'raw',
    'switch',
    'all appends asmdecl assign atomic bool bools buildtag buildtags cgocall composites',
  ),
  ...rules('raw', 'switch', 'composites.whitelist compositewhitelist copylocks defers directive errorsas'),
  ...rules(
    'raw',
    'switch',
    'framepointer hostport httpresponse ifaceassert json loopclosure lostcancel methods',
  ),
  ...rules('raw', 'switch', 'nilfunc printf rangeloops shift sigchanyzer slog source stdmethods stdversion'),
  ...rules(
    'raw',
    'switch',
    'stringintconv structtag testinggoroutine testinggoroutine.subtest tests timeformat',
  ),
  ...rules('raw', 'switch', 'unmarshal unreachable unsafeptr unusedresult v waitgroup'),
  ...rules('raw', 'value', 'c printf.funcs printfuncs tags unusedfuncs unusedresult.funcs'),
  ...rules('raw', 'value', 'unusedresult.stringmethods unusedstringmethods'),
];

/** By the name as it is written; of two rules for a name the later counts. */
const tables: Readonly<Record<JobCommand['verb'] | 'list', ReadonlyMap<string, FlagRule>>> = {
  test: byName([...buildRules, ...coverRules, ...testRules, ...passedRules], passedRules),
  build: byName([...buildRules, ...coverRules, ...rules('drop', 'value', 'o')]),
  vet: byName([...buildRules, ...vetRules]),
  list: byName([...buildRules, ...coverRules]),
};

/** What is known of a flag of go test, build or vet, or among those that `go list` shares with all of them. */
export function flagRule(verb: keyof typeof tables, name: string): FlagRule | undefined {
  return tables[verb].get(name);
}

/** Why a flag with the use `refuse` is refused, and what to do. */
export function refusal(name: string): string {
  if (name === 'C') return '-C must be the first flag: write it right after go or after its verb';
  if (name === 'n') return '-n runs nothing: leave it out';
  if (name === 'fix' || name === 'diff') return `-${name} is for rewriting sources: leave it out`;
  return `-${name} vets nothing: leave it out`;
}

function rules(use: FlagUse, kind: FlagRule['kind'], names: string): FlagRule[] {
  return names.split(' ').map((name) => ({ name, kind, use }));
}

function byName(all: readonly FlagRule[], passed: readonly FlagRule[] = []): ReadonlyMap<string, FlagRule> {
  return new Map([
    ...all.map((rule) => [rule.name, rule] as const),
    ...passed.map((rule) => [`test.${rule.name}`, rule] as const),
  ]);
}
