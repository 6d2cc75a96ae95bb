/** What a step tells by a workflow command; `properties` as `file`, `line`, `col`, `title`. */
export interface Annotation {
  readonly level: 'error' | 'warning' | 'notice';
  readonly message: string;
  readonly properties: Readonly<Record<string, string>>;
}

/**
 * The annotations in a step's log: `::error file=a.go,line=1::message` at the start of a line, %-escapes undone
 * (`@actions/core`, `lib/command.js`, writes them). Commands between `::stop-commands::token` and `::token::` are
 * text, as for the runner.
 */
export function parseAnnotations(log: string): Annotation[] {
  const annotations: Annotation[] = [];
  let stopped: string | undefined;
  for (const line of log.split(/\r?\n/)) {
    const [, name = '', properties = '', data = ''] = /^\s*::([^\s:]+)(?: (.*?))?::(.*)$/.exec(line) ?? [];
    if (stopped !== undefined) {
      if (name === stopped) stopped = undefined;
    } else if (name === 'stop-commands') {
      stopped = data;
    } else if (name === 'error' || name === 'warning' || name === 'notice') {
      annotations.push({ level: name, message: unescapeText(data), properties: parseProperties(properties) });
    }
  }
  return annotations;
}

function parseProperties(text: string): Record<string, string> {
  const pairs = text.split(',').flatMap((pair) => {
    const equals = pair.indexOf('=');
    if (equals < 0) return [];
    const value = pair
      .slice(equals + 1)
      .replaceAll('%3A', ':')
      .replaceAll('%2C', ',');
    return [[pair.slice(0, equals).trim(), unescapeText(value)]];
  });
  return Object.fromEntries(pairs);
}

/** `%25` last, so that an escaped per cent sign is not read twice. */
function unescapeText(text: string): string {
  return text.replaceAll('%0D', '\r').replaceAll('%0A', '\n').replaceAll('%25', '%');
}
