import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { flagName, flagValue, splitFlags } from '../flags.ts';

const tools = ['compile', 'link', 'asm', 'cgo', 'cover', 'vet'] as const;

/** One call of a tool by the job's own go commands: what was not in GOCACHE. */
export interface TracedTool {
  readonly tool: (typeof tools)[number];
  /** As `go list` prints it: `p`, `p [p.test]` and `p_test [p.test]` for a test's variants, `p.test` for its main. */
  readonly package: string;
  /** CPU time of the tool and of what it started: user plus system, of which dash rounds each down to 0.01. */
  readonly seconds: number;
  readonly exitCode: number;
  /** Whether it was told -race, as compile and link are. */
  readonly race: boolean;
  /** Of compile and cover calls, where coverage is measured: `set`, `count` or `atomic`; `testmain` of a test main. */
  readonly coverMode: string | undefined;
  /** Where a compiled package's sources are; undefined where the compiler reads generated ones first (a test main, cgo). */
  readonly directory: string | undefined;
}

/**
 * Runs a tool as it is, a user's own -toolexec in front of it included, then appends three lines to `calls/<pid>`:
 * what ran, and the two lines of `times`, of which the second is the tool's. A file for each process, since `$(times)`
 * would be a process without children, and two writes to one file of all could be torn apart.
 *
 * -V=full, by which cmd/go makes tool IDs, and what is no tool of Go (`gcc -###`: work.gccToolID) is left to `exec`.
 * The flags are those of work.gcToolchain.gc and work.Builder.cover; sources follow -pack and -outfilelist. A tool
 * that a signal ended ends the script by the same one, so that Go says `signal: killed` (a shell cannot tell it from
 * an exit code of 128 plus its number, which no tool of Go has); the shell's own word on it, and on a file that cannot
 * be written, goes nowhere. `command` keeps an error of `times` from ending the script.
 */
const script = `#!/bin/sh
# Written by gobuild-test for its input trace: runs a tool of Go, then notes what it was and the CPU time it took.
tool='' race='' mode='' output='' source='' past='' flag=''
for word do
  if [ ! "$tool" ]; then
    case $word in
${tools.map((tool) => `    */${tool}) tool='${tool}' ;;`).join('\n')}
    esac
    continue
  fi
  case $flag in
    -o | -pkgcfg) output=$word ;;
    -mode) mode=$word ;;
  esac
  case $past$word in
    -V=full) exec "$@" ;;
    -race) race=race ;;
    -pack | -outfilelist) past=flags: ;;
    flags:*.go) source=$word && break ;;
  esac
  flag=$word
done
[ "$tool" ] || exec "$@"
exec 9>&2 2>/dev/null
(exec "$@" 2>&9 9>&-)
status=$?
{
  printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' \\
    "$tool" "$status" "$race" "$mode" "$output" "$source" "$TOOLEXEC_IMPORTPATH"
  command times
} >>"\${0%/*}/calls/$$"
[ "$status" -le 128 ] || kill "-$((status - 128))" "$$"
exit "$status"
`;

/** Whether there is a POSIX shell to record by. */
export function canTrace(platform: NodeJS.Platform): boolean {
  return platform !== 'win32';
}

/**
 * Makes the job's later go commands note each tool that they run, at under 3 ms a call. Action IDs stay as they are
 * (design.md, facts 3 and 16): nothing is compiled again for it. A -toolexec on a command's own line takes its place.
 *
 * @param directory absolute, its own; it must stay as long as the GOFLAGS are in use
 * @param goflags what `go env GOFLAGS` says, which may come from a file. Its -toolexec becomes the command that ours
 *   runs; ours among them is not added again
 * @returns the GOFLAGS for these commands
 * @throws Error with one line where GOFLAGS cannot be read or hold it, or the script cannot be written and run
 */
export function startTrace(directory: string, goflags: string): string {
  const file = join(directory, 'trace.sh');
  const { others, command } = takeToolexec(goflags);
  const theirs = command[0] === file ? command.slice(1) : command;
  const result = joinFields([...others, `-toolexec=${joinFields([file, ...theirs])}`]);
  mkdirSync(join(directory, 'calls'), { recursive: true });
  writeFileSync(file, script);
  chmodSync(file, 0o755); // Whatever the umask is.
  accessSync(file, constants.X_OK); // Refused where the file system is mounted noexec.
  return result;
}

/** GOFLAGS without the recording of an earlier use of the action in this job: what is left is the job's own. */
export function withoutTrace(goflags: string): string {
  if (!goflags.includes('/trace/trace.sh')) return goflags; // Also what Go refuses, in Go's own words.
  const { others, command } = takeToolexec(goflags);
  const [program = '', ...theirs] = command;
  if (!/\/gobuild-test\/[^/]+\/trace\/trace\.sh$/.test(program)) return goflags;
  return joinFields(theirs.length === 0 ? others : [...others, `-toolexec=${joinFields(theirs)}`]);
}

/** GOFLAGS without its -toolexec, and the command that this names; empty where there is none. */
function takeToolexec(goflags: string) {
  const flags = splitFlags(goflags);
  return {
    others: flags.filter((flag) => flagName(flag) !== 'toolexec'),
    command: splitFlags(flagValue(flags, 'toolexec') ?? ''),
  };
}

/** What splitFields takes apart: a field is quoted only where it must be, so that most GOFLAGS survive a shell. */
function joinFields(fields: readonly string[]): string {
  return fields.map(quoteField).join(' ');
}

function quoteField(text: string): string {
  if (/^[^\s'"]\S*$/.test(text)) return text;
  const quote = ["'", '"'].find((one) => !text.includes(one));
  if (quote === undefined)
    throw new Error(`GOFLAGS cannot hold ${text}: it has spaces and both kinds of quotes`);
  return `${quote}${text}${quote}`;
}

/** What the script wrote of one call. `output` of compile and cover is in the work directory of the one package. */
interface Call extends Omit<TracedTool, 'directory'> {
  readonly output: string;
  /** The first one. */
  readonly source: string;
}

/**
 * What go commands ran since startTrace, in no order; empty where it was never called. A call that is not written to
 * the end is left out.
 *
 * @throws Error where a file cannot be read: another user's, for instance
 */
export function readTrace(directory: string): TracedTool[] {
  const calls = join(directory, 'calls');
  if (!existsSync(calls)) return [];
  const all = readdirSync(calls).flatMap((name) => parseCalls(readFileSync(join(calls, name), 'utf8')));
  const covers = new Map(
    all.filter((call) => call.tool === 'cover').map((call) => [dirname(call.output), call]),
  );
  return all.map(({ output, source, ...call }) => {
    if (call.tool !== 'compile' && call.tool !== 'cover') return { ...call, directory: undefined };
    const work = dirname(output);
    const cover = covers.get(work); // It reads the sources; compile reads its copies of them.
    const directory = dirname(cover?.source ?? source);
    return { ...call, coverMode: cover?.coverMode, directory: directory === work ? undefined : directory };
  });
}

// `times`: the shell's own line, then its children's: user time and system time, in bash with the locale's comma.
const record =
  /^(\w+)\t(\d+)\t(race)?\t(\w*)\t([^\t\n]*)\t([^\t\n]*)\t([^\t\n]+)\n.*\n(\d+)m([\d.,]+)s (\d+)m([\d.,]+)s$/gm;

function parseCalls(text: string): Call[] {
  return [...text.matchAll(record)].flatMap((match) => {
    const [, name, status, race, mode, output = '', source = '', path = '', ...times] = match;
    const tool = tools.find((one) => one === name);
    if (tool === undefined) return [];
    const [user = 0, userRest = 0, system = 0, systemRest = 0] = times.map((time) =>
      Number(time.replace(',', '.')),
    );
    const seconds = Math.round(((user + system) * 60 + userRest + systemRest) * 1e6) / 1e6;
    const coverMode = mode === '' ? undefined : mode;
    return [
      {
        tool,
        package: path,
        seconds,
        exitCode: Number(status),
        race: race === 'race',
        coverMode,
        output,
        source,
      },
    ];
  });
}
