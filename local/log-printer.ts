import { styleText } from 'node:util';

/** Where a log is printed: a terminal says that it is one, and how wide it is. */
export type LogStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

/**
 * Prints a step's log as the job's page shows it: commands for the runner are hidden, groups are indented below their
 * titles, annotations are made readable. On a terminal in colours, unless NO_COLOR is set, and with long command lines cut.
 *
 * @returns a function that takes the log as it comes, in pieces that may end anywhere
 */
export function logPrinter(stream: LogStream): (text: string) => void {
  let rest = '';
  let indent = '';
  let stopped: string | undefined; // Between `::stop-commands::token` and `::token::` all is text.
  const print = (line: string, style?: Style): void => {
    const shown = indent + line;
    stream.write(`${style === undefined ? shown : styleText(style, shown, { stream })}\n`);
  };
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, name, token] = /^::([^\s:]+)::(.*)$/.exec(line) ?? [];
      if (stopped !== undefined) {
        if (name === stopped) stopped = undefined;
        else print(...foreign(line, stream));
        continue;
      }
      if (name === 'stop-commands') stopped = token;
      if (name === 'group' || name === 'endgroup') indent = '';
      const shown = readable(line);
      if (shown !== undefined) print(shown, styles[/^::([a-z-]+)/.exec(line)?.[1] ?? '']);
      if (name === 'group') indent = '  ';
    }
  };
}

type Style = 'bold' | 'cyan' | 'dim' | 'red' | 'yellow';

const styles: Readonly<Record<string, Style>> = {
  group: 'bold',
  notice: 'cyan',
  warning: 'yellow',
  error: 'red',
};

/** A line of a program's own; of a command of the action's, which may name hundreds of packages, what fits into a terminal. */
function foreign(line: string, { isTTY = false, columns = 80 }: LogStream): [string, Style?] {
  if (!line.startsWith('[command]')) return [line];
  const most = columns - 3;
  return [isTTY && line.length > most ? `${line.slice(0, most - 1)}…` : line, 'dim'];
}

/** A command as a person reads it; undefined for one that is the runner's alone. */
export function readable(line: string): string | undefined {
  const command = /^::([a-z-]+)(?: (.*?))?::(.*)$/.exec(line);
  if (command === null) return line;
  const [, name, properties = '', message = ''] = command;
  const text = message.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
  if (name === 'group') return text;
  if (name === 'error' || name === 'warning' || name === 'notice') {
    const file = /file=([^,]*)/.exec(properties)?.[1];
    const where = file === undefined ? '' : `${file}:${/line=(\d+)/.exec(properties)?.[1] ?? ''}: `;
    return `${name}: ${where}${text}`;
  }
  return undefined;
}
