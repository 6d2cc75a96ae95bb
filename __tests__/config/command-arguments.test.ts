import { spawnSync } from 'node:child_process';
import { afterAll, describe, expect, it } from 'vitest';
import { listFlags } from '../../src/config/command-arguments.ts';
import { flagRule } from '../../src/config/command-flags.ts';
import { parseCommands } from '../../src/config/commands.ts';
import type { JobCommand } from '../../src/flags.ts';
import { goMod, makeTree } from '../helpers/module.ts';

const parse = (text: string): JobCommand => {
  const [command] = parseCommands(text);
  if (command === undefined) throw new Error(`nothing in ${text}`);
  return command;
};

describe('flags: what decides the compilation is kept', () => {
  const table: readonly (readonly [string, string[]])[] = [
    ['go test -race -msan=true --trimpath ./...', ['-race', '-msan=true', '-trimpath']],
    ['go test -race=false', ['-race=false']],
    ['go test -tags a,b --mod vendor -p 4', ['-tags=a,b', '-mod=vendor']],
    [`go test -ldflags '-s -w' -gcflags="all=-N -l"`, ['-ldflags=-s -w', '-gcflags=all=-N -l']],
    ['go test -gcflags=a -gcflags=b', ['-gcflags=a', '-gcflags=b']],
    ['go test -tags=', ['-tags=']],
    ['go test -run Test.* -skip [a-z]? -count 1 -timeout 5m -v -json -short', []],
    ['go test -run=Test* -bench=. -benchmem -a -x -work -exec "env A=b" -outputdir ~ -n=false', []],
    ['go test -test.v -test.run X -test.fuzz=Y -test.coverprofile=c', ['-fuzz=^$', '-cover']],
    ['go test -test.race ./b', []],
    ['go test -vet off -fuzz X', ['-vet=off', '-fuzz=^$']],
    ['go test -coverprofile=c.out', ['-cover']],
    ['go test -coverprofile c.out -covermode atomic', ['-cover', '-covermode=atomic']],
    ['go test -covermode=atomic -coverprofile=c.out', ['-covermode=atomic']],
    ['go test -coverprofile=', ['-cover']],
    ['go test -cover -coverprofile=c.out', ['-cover']],
    ['go test -cover=false -coverprofile=c.out', ['-cover=false', '-cover']],
    ['go test -coverprofile=c.out -cover=0', ['-cover', '-cover=0']],
    ['go test -own -race -args -msan', ['-race']],
    ['go build -o bin/ -v -x -json -cover -coverpkg=./... ./...', ['-cover', '-coverpkg=./...']],
    ['go build -buildmode pie -of-a-newer-go=1 ./...', ['-buildmode=pie', '-of-a-newer-go=1']],
    ['go vet -x -work -p 1 -mod=mod -vettool ./tool', ['-mod=mod', '-vettool=./tool']],
    [
      'go vet -tags a --printf=false -v -json -c 2 --own.flag=x .',
      ['-tags', 'a', '--printf=false', '-v', '-json', '-c', '2', '--own.flag=x'],
    ],
  ];
  it.each(table)('%s', (text, flags) => {
    expect(parse(text).flags).toEqual(flags);
  });
});

describe('keepsBinary: as testNeedBinary and -c', () => {
  const table: readonly (readonly [string, boolean])[] = [
    ['go test -c', true],
    ['go test -c=false', false],
    ['go test -c -c=0', false],
    ['go test -o x.test', true],
    ['go test -o x -o=', false],
    ['go test -cpuprofile=c', true],
    ['go test -test.memprofile m ./a', true],
    ['go test -blockprofile=b -mutexprofile=', true],
    ['go test -mutexprofile m', true],
    ['go test -trace=t -coverprofile=c', false],
    ['go test -args -c', false],
    ['go build -o x', false],
    ['go vet -c=1', false],
  ];
  it.each(table)('%s: %s', (text, keepsBinary) => {
    expect(parse(text).keepsBinary).toBe(keepsBinary);
  });
});

describe('what is refused is told with what to do', () => {
  const expands = 'a shell would expand it';
  const quote = 'quote it, or write what it expands to';
  const table: readonly (readonly [string, string])[] = [
    ['go test -n ./...', '-n runs nothing: leave it out'],
    ['go vet -n', '-n runs nothing: leave it out'],
    ['go vet -fix', '-fix is for rewriting sources: leave it out'],
    ['go vet -diff', '-diff is for rewriting sources: leave it out'],
    ['go vet -flags', '-flags vets nothing: leave it out'],
    ['go test --help', '--help prints help: leave it out'],
    ['go build -h', '-h prints help: leave it out'],
    ['go test -run', '-run needs a value, as in -run=value'],
    ['go build -own ./x', 'go build -own: not known here: write -own=value, or =true where it is a switch'],
    ['go vet -own', 'go vet -own: not known here: write -own=value, or =true where it is a switch'],
    ['go build ./x -race', '-race stands where a package must: write flags before packages'],
    ['go vet -- -race', '-race stands where a package must: write flags before packages'],
    ['go test ---race', '---race stands where a package must: write flags before packages'],
    ...['./*', './?', './[ab]', './{a,b}', '~/m', '~'].map(
      (text) =>
        [`go test ${text}`, `${text}: ${expands}: write ./... or the directories one by one`] as const,
    ),
    ['go test -coverpkg ./* ./...', `./*: ${expands}: ${quote}`],
    ['go test -overlay ~/o.json', `~/o.json: ${expands}: ${quote}`],
    ['go test -tags={a,b}', `-tags={a,b}: ${expands}: ${quote}`],
  ];
  it.each(table)('%s', (text, message) => {
    expect(() => parse(text)).toThrow(new Error(`line 1: ${message}`));
  });

  it.each(["'./*'", './a~b', './{a}', '-coverpkg=./* .', "-tags '{a,b}'"])('but not %s', (text) => {
    expect(() => parse(`go test ${text}`)).not.toThrow();
  });
});

it('listFlags: those that go list knows, in one form', () => {
  const flags = (text: string): string[] => listFlags(parse(text));
  expect(flags('go test -race -fuzz=X -vet=off -coverpkg=./... -tags a')).toEqual([
    '-race',
    '-coverpkg=./...',
    '-tags=a',
  ]);
  expect(flags('go vet -tags a -printf -c 1 -vettool=x --mod=mod -v -json')).toEqual(['-tags=a', '-mod=mod']);
  expect(flags('go build -of-a-newer-go=1 -trimpath')).toEqual(['-trimpath']);
});

// Of packages that there are not, go test tells the names at once.
const empty = makeTree({ 'go.mod': goMod('example.com/m') }, afterAll);
const go = (...args: readonly string[]): string => {
  const env = { ...process.env, GOFLAGS: '', GOWORK: 'off', GOTOOLCHAIN: 'local' };
  const { stdout, stderr } = spawnSync('go', args, { cwd: empty.root, env, encoding: 'utf8' });
  return stdout + stderr;
};

describe('go itself finds the same packages', () => {
  const table: readonly (readonly [string, string[]])[] = [
    ['', ['.']],
    ['p q', ['p', 'q']],
    ['-run p q', ['q']],
    ['-run=p q', ['q']],
    ['-v p', ['p']],
    ['-v=true p', ['p']],
    ['p -run q r', ['p']],
    ['p -v q r', ['p']],
    ['-v -run x p q -short -count 2 --test.cpu 1', ['p', 'q']],
    ['-own p', ['.']],
    ['-own=x p', ['.']],
    ['p -own q -run r', ['p']],
    ['p -own q r -c=maybe', ['p']],
    ['-own x -run y z', ['.']],
    ['-test.run p q', ['q']],
    ['-test.race p', ['.']],
    ['-args p', ['.']],
    ['p --args -v', ['p']],
    ['-args=x p', ['.']],
    ['-- p', ['.']],
    ['p -- -run', ['p']],
    ['--run p q', ['q']],
    ['-vet=off -buildvcs p', ['p']],
    ['-tags p -mod mod q', ['q']],
    ["'' p", ['.', 'p']],
  ];
  it.each(table)('go test %s', (args, packages) => {
    expect(parse(`go test ${args}`).packages).toEqual(packages);
    const words = args === "'' p" ? ['', 'p'] : args.split(' ').filter((word) => word !== '');
    const found = [...go('test', ...words).matchAll(/^FAIL\t(\S*) \[setup failed\]$/gm)].map(
      ([, name]) => name,
    );
    expect(found).toEqual(packages);
  });
});

describe('every flag of this Go is known', () => {
  const documented = (topic: string): string[] =>
    [...go('help', topic).matchAll(/^(?:\t| {2})-([\w.-]+)/gm)].map(([, name]) => name ?? '');
  const table: readonly (readonly [JobCommand['verb'], string, number])[] = [
    ['build', 'build', 30],
    ['test', 'build', 30],
    ['vet', 'vet', 0],
    ['test', 'test', 4],
    ['test', 'testflag', 25],
  ];
  it.each(table)('go %s: go help %s', (verb, topic, least) => {
    const names = documented(topic).filter((name) => name !== 'args');
    expect(names.length).toBeGreaterThanOrEqual(least);
    expect(names.filter((name) => flagRule(verb, name) === undefined)).toEqual([]);
    const passed =
      topic === 'testflag' ? names.filter((name) => !/^(cover(mode|pkg)?|json|vet)$/.test(name)) : [];
    expect(passed.filter((name) => flagRule(verb, `test.${name}`) === undefined)).toEqual([]);
  });

  it('go tool vet -flags', () => {
    const flags = JSON.parse(go('tool', 'vet', '-flags')) as { Name: string; Bool: boolean }[];
    expect(flags.length).toBeGreaterThan(40);
    for (const { Name, Bool } of flags) {
      expect([Name, flagRule('vet', Name)?.kind]).toEqual([Name, Bool ? 'switch' : 'value']);
    }
  });
});

describe('a switch is what go calls a boolean', () => {
  const names =
    'asan buildvcs linkshared modcacherw msan race trimpath a json v work x n cover c artifacts'.split(' ');
  names.push(
    ...'benchmem failfast fullpath short test.v asmflags buildmode compiler gccgoflags gcflags'.split(' '),
  );
  names.push(
    ...'installsuffix ldflags mod modfile overlay pgo pkgdir tags toolexec p covermode coverpkg'.split(' '),
  );
  names.push(
    ...'debug-actiongraph debug-runtime-trace debug-trace fuzz coverprofile blockprofile o'.split(' '),
  );
  names.push(
    ...'cpuprofile memprofile mutexprofile bench benchtime blockprofilerate count cpu list'.split(' '),
  );
  names.push(
    ...'fuzzminimizetime fuzztime memprofilerate mutexprofilefraction outputdir parallel run'.split(' '),
  );
  names.push(...'shuffle skip timeout trace exec vet'.split(' '));
  it.for(names)('-%s', (name, { skip }) => {
    const output = go('test', `-${name}=maybe`, 'p');
    // A flag that an older Go does not know ends the list of packages.
    if (output.includes('FAIL\t. [setup failed]')) skip();
    const isBoolean = output.includes(`invalid boolean value "maybe" for -${name}`);
    expect(flagRule('test', name)?.kind).toBe(isBoolean ? 'switch' : 'value');
  });
});
