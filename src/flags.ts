/** A field of GOFLAGS or `build-flags`; `quoted` where it stood in quotes, which are not part of `text`. */
export interface Field {
  readonly text: string;
  readonly quoted: boolean;
}

/**
 * Splits flags as Go splits GOFLAGS (cmd/internal/quoted.Split): fields apart by white space; a field that
 * *starts* with a quote runs to the next quote of that kind; nothing is escaped.
 *
 * @throws Error for a quote that is not closed, or text right after a closing one
 */
export function splitFields(text: string): Field[] {
  const fields: Field[] = [];
  let rest = text.trimStart();
  while (rest !== '') {
    const quote = rest.charAt(0);
    if (quote === '"' || quote === "'") {
      const end = rest.indexOf(quote, 1);
      if (end < 0) throw new Error(`the quote ${quote} is not closed`);
      fields.push({ text: rest.slice(1, end), quoted: true });
      rest = rest.slice(end + 1);
      if (rest !== '' && !/^\s/.test(rest)) throw new Error(`a space must follow the closing quote ${quote}`);
    } else {
      const field = /^\S+/.exec(rest)?.[0] ?? '';
      fields.push({ text: field, quoted: false });
      rest = rest.slice(field.length);
    }
    rest = rest.trimStart();
  }
  return fields;
}

/** The texts of the fields. @throws Error as splitFields */
export function splitFlags(text: string): string[] {
  return splitFields(text).map((field) => field.text);
}

/** `tags` of `-tags=a,b`: the name as Go's package flag reads it. */
export function flagName(flag: string): string {
  return flag.replace(/^--?/, '').replace(/=.*$/s, '');
}

/** The value of the last `-name=value` among flags, as Go takes it; undefined where there is none. */
export function flagValue(flags: readonly string[], name: string): string | undefined {
  const last = flags.filter((flag) => flagName(flag) === name && flag.includes('=')).at(-1);
  return last?.slice(last.indexOf('=') + 1);
}

/** Whether the last of a boolean flag is on. */
export function isOn(flags: readonly string[], name: string): boolean {
  const last = flags.findLast((flag) => flagName(flag) === name);
  return last !== undefined && !(last.includes('=') && isFalse(last.slice(last.indexOf('=') + 1)));
}

/** As strconv.ParseBool reads the value of a boolean flag. */
export function isFalse(value: string): boolean {
  return /^(0|f|F|false|FALSE|False)$/.test(value);
}

/** One of the job's own go commands, as far as it decides what is compiled: `test-commands`, parsed. */
export interface JobCommand {
  /** The leading NAME=value assignments. */
  readonly env: Readonly<Record<string, string>>;
  readonly verb: 'test' | 'build' | 'vet';
  /** The value of -C, relative to the module directory; '' where there is none. */
  readonly directory: string;
  /**
   * What decides the compilation, in its order, each `-name` or `-name=value`; of `go vet` as it is written, since the
   * text of its flags is in the vet actions' IDs.
   */
  readonly flags: readonly string[];
  /** Patterns or files in the form that `go list` gives back in `Match`; `.` where the command names none. */
  readonly packages: readonly string[];
  /** Whether go test keeps the binary (-c, -o, a profile): its test main is compiled otherwise then. */
  readonly keepsBinary: boolean;
}

/** What is measured together: every listed package by its own tests, each one by itself, or patterns. */
export type CoverShape =
  | { readonly kind: 'self' }
  | { readonly kind: 'each' }
  | { readonly kind: 'coverpkg'; readonly patterns: readonly string[] };

/** A line of the input `helpers`. */
export interface HelperLine {
  /** Undefined where Go's own name for the program will do. */
  readonly name: string | undefined;
  /** A package or a pattern, in the form that `go list` gives back in `Match`; `*`, `?` and `[` are as in a shell. */
  readonly pattern: string;
}

/** All lines, the same in whatever order they were written. */
export function helpersText(lines: readonly HelperLine[]): string {
  return lines.map(helperText).sort().join(' ');
}

/** As the line was written. */
export function helperText({ name, pattern }: HelperLine): string {
  return name === undefined ? pattern : `${name}=${pattern}`;
}
