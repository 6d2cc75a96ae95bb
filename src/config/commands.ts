import { isDeepStrictEqual } from 'node:util';
import { messageOf } from '../errors.ts';
import type { JobCommand } from '../flags.ts';
import { type Arguments, readArguments } from './command-arguments.ts';
import { isExpanded, splitLines, type Word } from './words.ts';

const taken = 'only go test, go build, go vet and gotestsum … -- … are';
const gotestsumForm = 'as in gotestsum --format=dots -- -race ./...';

const leaveOut = 'leave the line out: what it compiles is kept all the same';

/** What to do instead, by what a line starts with; for all else, what is taken. */
const instead: ReadonlyMap<string, string> = new Map([
  ['cd', 'write go -C dir test …, or name the directory in working-directory'],
  ['env', 'write NAME=value right before go'],
  ['export', 'write NAME=value right before go, in each line'],
  ['sudo', 'leave it out'],
  ['time', 'leave it out'],
  ['timeout', 'leave it out'],
  ['xvfb-run', 'leave it out'],
  ['set', 'leave the line out'],
  ['echo', 'leave the line out'],
  ['golangci-lint', leaveOut],
  ['make', 'write the go commands that it runs'],
]);

const otherVerbs: ReadonlyMap<string, string> = new Map([
  ['install', 'write go build'],
  ...['run', 'generate', 'mod', 'tool', 'get', 'list'].map((verb) => [verb, leaveOut] as const),
]);

/**
 * The job's own commands, a line each as they stand in a workflow, without what decides their run alone. Of equal
 * ones the first is kept.
 *
 * @throws Error with one line that tells every wrong line, by its number, and what would be right
 */
export function parseCommands(text: string): JobCommand[] {
  const commands: JobCommand[] = [];
  const wrong: string[] = [];
  for (const line of splitLines(text)) {
    try {
      if (line.wrong !== undefined) throw new Error(line.wrong);
      const command = parseCommand(line.words);
      if (!commands.some((known) => isDeepStrictEqual(known, command))) commands.push(command);
    } catch (error) {
      wrong.push(`line ${line.number}: ${messageOf(error)}`);
    }
  }
  if (wrong.length > 0) throw new Error(wrong.join('; '));
  if (commands.length === 0)
    throw new Error('it holds no command: write one, as in go test ./..., or leave it out');
  return commands;
}

function parseCommand(words: readonly Word[]): JobCommand {
  const first = words.findIndex((word) => !/^[A-Za-z_]\w*=/.test(word.bare));
  if (first < 0) throw new Error('NAME=value alone runs nothing: write it right before go, in one line');
  const env = Object.fromEntries(words.slice(0, first).map(parseAssignment));
  const program = words[first]?.text ?? '';
  const rest = words.slice(first + 1);
  if (program === 'go') return { env, ...parseGo(rest) };
  if (program === 'gotestsum') return { env, verb: 'test', directory: '', ...parseGotestsum(rest) };
  throw new Error(`${program} is not allowed here: ${instead.get(program) ?? taken}`);
}

function parseAssignment({ text, bare }: Word): readonly [string, string] {
  const end = text.indexOf('=');
  const name = text.slice(0, end);
  if (name === 'GOCACHE')
    throw new Error('GOCACHE= is not allowed here: the input gocache names the directory');
  if (name === 'GOCACHEPROG') {
    throw new Error('GOCACHEPROG= is not allowed here: it would bypass the cache; leave it out');
  }
  if (name === 'PATH') throw new Error('PATH= is not allowed here: set it in a step before, by GITHUB_PATH');
  if (/^\w+=~|:~/.test(bare)) throw new Error(`${text}: a shell would expand ~: write the directory`);
  return [name, text.slice(end + 1)];
}

/** `go -C dir test` is `go test -C dir`: cmd/go looks for -C right after the verb that it knows so far, or none. */
function parseGo(words: readonly Word[]): Omit<JobCommand, 'env'> {
  const before = takeDirectory(words);
  const verb = before.rest[0]?.text ?? '';
  if (verb !== 'test' && verb !== 'build' && verb !== 'vet') {
    const advice = otherVerbs.get(verb) ?? taken;
    throw new Error(`go${verb === '' ? ' alone' : ` ${verb}`} is not allowed here: ${advice}`);
  }
  const after = before.directory === '' ? takeDirectory(before.rest.slice(1)) : undefined;
  const { directory, rest } = after ?? { directory: before.directory, rest: before.rest.slice(1) };
  const { flags, packages, keepsBinary } = readArguments(verb, rest);
  return { verb, directory, flags, packages: packages.length === 0 ? ['.'] : packages, keepsBinary };
}

interface Placed {
  /** '' without -C. */
  readonly directory: string;
  readonly rest: readonly Word[];
}

function takeDirectory(words: readonly Word[]): Placed {
  const [first, second] = words;
  const option = /^--?C(?:=|$)/.exec(first?.text ?? '')?.[0];
  if (first === undefined || option === undefined) return { directory: '', rest: words };
  const isJoined = option.endsWith('=');
  const { length } = option;
  const value = isJoined ? { text: first.text.slice(length), bare: first.bare.slice(length) } : second;
  if (value === undefined || value.text === '') {
    throw new Error('-C needs a directory, as in go test -C dir ./...');
  }
  if (isExpanded(value)) throw new Error(`-C ${value.text}: a shell would expand it: write the directory`);
  return { directory: value.text, rest: words.slice(isJoined ? 1 : 2) };
}

/**
 * What follows the first -- goes to go test, behind a -json (cmd/main.go of gotestsum, goTestCmdArgs), so that no -C
 * can be the first flag there. Packages may also come from --packages; here they are wanted in one place.
 */
function parseGotestsum(words: readonly Word[]): Arguments {
  const end = words.findIndex((word) => word.text === '--');
  if (end < 0) {
    throw new Error(`gotestsum without --: write the arguments of go test after it, ${gotestsumForm}`);
  }
  for (const { text } of words.slice(0, end)) {
    if (/^--raw-command(=|$)/.test(text)) {
      throw new Error('--raw-command is not allowed here: write the go test command');
    }
    if (/^--packages(=|$)/.test(text)) {
      throw new Error(`--packages is not allowed here: write the packages after --, ${gotestsumForm}`);
    }
  }
  if (words[end + 1]?.text === 'go') {
    throw new Error(`gotestsum -- go: write what go test gets and no more, ${gotestsumForm}`);
  }
  const read = readArguments('test', words.slice(end + 1));
  if (read.packages.length === 0) {
    throw new Error(`gotestsum without a package after --: name it, ${gotestsumForm}`);
  }
  return read;
}
