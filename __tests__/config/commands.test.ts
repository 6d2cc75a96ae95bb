import { describe, expect, it } from 'vitest';
import { parseCommands } from '../../src/config/commands.ts';
import type { JobCommand } from '../../src/flags.ts';

const command = (overrides: Partial<JobCommand>): JobCommand => ({
  env: {},
  verb: 'test',
  directory: '',
  flags: [],
  packages: ['.'],
  keepsBinary: false,
  ...overrides,
});

describe('the parts of a command', () => {
  const all = ['./...'];
  const table: readonly (readonly [string, Partial<JobCommand>])[] = [
    ['go test', {}],
    ['go test ./...', { packages: all }],
    ['"go" \'test\' ./...', { packages: all }],
    [
      'go test -race -coverpkg=./... -coverprofile=cover.out ./...',
      { flags: ['-race', '-coverpkg=./...'], packages: all },
    ],
    ['go build ./cmd/a ./cmd/b', { verb: 'build', packages: ['./cmd/a', './cmd/b'] }],
    ['go vet ./...', { verb: 'vet', packages: all }],
    ['go test \\\n  -race \\\n  ./...', { flags: ['-race'], packages: all }],
    ['go test ./a/ ./b ././a', { packages: ['./a', './b'] }],
    ['go test ./a/a.go ./a/a_test.go', { packages: ['./a/a.go', './a/a_test.go'] }],
    ['gotestsum --format=dots -- -race ./...', { flags: ['-race'], packages: all }],
    ['gotestsum --format dots --junitfile "a b.xml" -- ./... -count=1 -- x', { packages: all }],
    ['A=1 B="x y" A=2 go test', { env: { A: '2', B: 'x y' } }],
    ['CGO_ENABLED=0 GOFLAGS=-tags=x go vet', { env: { CGO_ENABLED: '0', GOFLAGS: '-tags=x' }, verb: 'vet' }],
    ['A= B=c~d/* gotestsum -- .', { env: { A: '', B: 'c~d/*' } }],
    ['go test -C dir ./...', { directory: 'dir', packages: all }],
    ['go test -C=dir ./...', { directory: 'dir', packages: all }],
    ['go test --C="a b/c" -race', { directory: 'a b/c', flags: ['-race'] }],
    ['go -C dir test', { directory: 'dir' }],
    ['go -C=../x build ./...', { directory: '../x', verb: 'build', packages: all }],
    ["go vet -C '~*'", { directory: '~*', verb: 'vet' }],
    ['go test -C -race', { directory: '-race' }],
  ];
  it.each(table)('%s', (text, parts) => {
    expect(parseCommands(text)).toEqual([command(parts)]);
  });
});

it('a line each, and of equal ones the first', () => {
  const text = `
    # Unit tests
    go test -v ./a    # quick
    A=1 B=2 go vet

    go test -run=^$ ./a/
    go test -race ./a
    B=2 A=1 go vet
  `;
  expect(parseCommands(text)).toEqual([
    command({ packages: ['./a'] }),
    command({ env: { A: '1', B: '2' }, verb: 'vet' }),
    command({ flags: ['-race'], packages: ['./a'] }),
  ]);
});

it.each(['', ' \n\t\n', '# nothing'])('nothing in %j', (text) => {
  expect(() => parseCommands(text)).toThrow(
    'it holds no command: write one, as in go test ./..., or leave it out',
  );
});

describe('what is not allowed here is told with what to do', () => {
  const taken = 'only go test, go build, go vet and gotestsum … -- … are';
  const leaveOut = 'leave the line out: what it compiles is kept all the same';
  const form = 'as in gotestsum --format=dots -- -race ./...';
  const tilde = 'a shell would expand ~: write the directory';
  const place = '-C must be the first flag: write it right after go or after its verb';
  const directory = '-C needs a directory, as in go test -C dir ./...';
  const table: readonly (readonly [string, string])[] = [
    ['npm test', `npm is not allowed here: ${taken}`],
    ['go.exe test', `go.exe is not allowed here: ${taken}`],
    ['/usr/local/go/bin/go test', `/usr/local/go/bin/go is not allowed here: ${taken}`],
    ['"A=1" go test', `A=1 is not allowed here: ${taken}`],
    ["'go test ./...'", `go test ./... is not allowed here: ${taken}`],
    ['go', `go alone is not allowed here: ${taken}`],
    ['go -C dir', `go alone is not allowed here: ${taken}`],
    ['go run ./x', `go run is not allowed here: ${leaveOut}`],
    ['go generate ./...', `go generate is not allowed here: ${leaveOut}`],
    ['go install ./...', 'go install is not allowed here: write go build'],
    ['golangci-lint run', `golangci-lint is not allowed here: ${leaveOut}`],
    ['gotestsum -- go test ./...', `gotestsum -- go: write what go test gets and no more, ${form}`],
    ['go -race test', `go -race is not allowed here: ${taken}`],
    ['env A=1 go test', 'env is not allowed here: write NAME=value right before go'],
    ['export A=1', 'export is not allowed here: write NAME=value right before go, in each line'],
    ['sudo go test', 'sudo is not allowed here: leave it out'],
    ['time go test', 'time is not allowed here: leave it out'],
    ['cd api', 'cd is not allowed here: write go -C dir test …, or name the directory in working-directory'],
    ['make test', 'make is not allowed here: write the go commands that it runs'],
    ['A=1', 'NAME=value alone runs nothing: write it right before go, in one line'],
    ['GOCACHE=/x go test', 'GOCACHE= is not allowed here: the input gocache names the directory'],
    ['GOCACHEPROG=x go test', 'GOCACHEPROG= is not allowed here: it would bypass the cache; leave it out'],
    ['A=~/x go test', `A=~/x: ${tilde}`],
    ['A=x:~ go test', `A=x:~: ${tilde}`],
    ['go test -C', directory],
    ['go test -C= ./...', directory],
    ['go test -C ~/x', `-C ~/x: a shell would expand it: write the directory`],
    ['go -C=a* test', `-C a*: a shell would expand it: write the directory`],
    ['go test -race -C dir', place],
    ['go -C a test -C b', place],
    ['gotestsum -- -C dir ./...', place],
    ['gotestsum ./...', `gotestsum without --: write the arguments of go test after it, ${form}`],
    ['gotestsum -- -race', `gotestsum without a package after --: name it, ${form}`],
    ['gotestsum -- -race -- ./...', `gotestsum without a package after --: name it, ${form}`],
    [
      'gotestsum --raw-command -- go test ./...',
      '--raw-command is not allowed here: write the go test command',
    ],
    [
      'gotestsum --packages=./... -- -race',
      `--packages is not allowed here: write the packages after --, ${form}`,
    ],
  ];
  it.each(table)('%s', (text, message) => {
    expect(() => parseCommands(text)).toThrow(new Error(`line 1: ${message}`));
  });
});

it('all wrong lines are told in one line, by their numbers', () => {
  const text = 'cd api\n\ngo test ./...\ngo test \\\n ./... | tee x\nsudo go build\ngo vet "./...';
  expect(() => parseCommands(text)).toThrow(
    new Error(
      [
        'line 1: cd is not allowed here: write go -C dir test …, or name the directory in working-directory',
        'line 4: | is for a shell: write the go command alone, or quote it where it is meant',
        'line 6: sudo is not allowed here: leave it out',
        'line 7: the quote " is not closed',
      ].join('; '),
    ),
  );
});
