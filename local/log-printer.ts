/**
 * Prints a step's log as the job's page shows it: commands for the runner are hidden, groups and annotations are
 * made readable.
 *
 * @returns a function that takes the log as it comes, in pieces that may end anywhere
 */
export function logPrinter(stream: NodeJS.WritableStream): (text: string) => void {
  let rest = '';
  let stopped: string | undefined; // Between `::stop-commands::token` and `::token::` all is text.
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, name, token] = /^::([^\s:]+)::(.*)$/.exec(line) ?? [];
      const shown = stopped === undefined ? readable(line) : line;
      if (stopped !== undefined && name === stopped) stopped = undefined;
      else if (stopped === undefined && name === 'stop-commands') stopped = token;
      else if (shown !== undefined) stream.write(`${shown}\n`);
    }
  };
}

/** A command as a person reads it; undefined for one that is the runner's alone. */
export function readable(line: string): string | undefined {
  const command = /^::([a-z-]+)(?: (.*?))?::(.*)$/.exec(line);
  if (command === null) return line;
  const [, name, properties = '', message = ''] = command;
  const text = message.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%');
  if (name === 'group') return `[${text}]`;
  if (name === 'error' || name === 'warning' || name === 'notice') {
    const file = /file=([^,]*)/.exec(properties)?.[1];
    const where = file === undefined ? '' : `${file}:${/line=(\d+)/.exec(properties)?.[1] ?? ''}: `;
    return `${name}: ${where}${text}`;
  }
  return undefined;
}
