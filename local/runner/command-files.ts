/**
 * Reads what a step left in GITHUB_ENV, GITHUB_OUTPUT or GITHUB_STATE: lines `name=value`, and
 * `name<<delimiter`, lines of the value, `delimiter` (actions/runner, `FileCommandManager.cs`; whichever of `=`
 * and `<<` comes first decides). The last value of a name counts.
 * @throws Error for a line that is neither, or a delimiter that does not come again
 */
export function parseCommandFile(text: string): Record<string, string> {
  // Line ends within a value stay as they are, a carriage return included, as in the runner's own reader.
  const raw = text.split('\n');
  const lines = raw.map((line) => line.replace(/\r$/, ''));
  const values: Record<string, string> = {};
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (line === '') continue;
    const [equals, heredoc] = [line.indexOf('='), line.indexOf('<<')];
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values[nameIn(line, equals)] = line.slice(equals + 1);
    } else if (heredoc >= 0) {
      const delimiter = line.slice(heredoc + 2);
      const end = lines.indexOf(delimiter, at + 1);
      if (delimiter === '' || end < 0)
        throw new Error(`Invalid value. Matching delimiter not found '${delimiter}'`);
      const value = raw.slice(at + 1, end).join('\n');
      values[nameIn(line, heredoc)] = value.replace(/\r$/, '');
      at = end;
    } else {
      throw new Error(`Invalid format '${line}'`);
    }
  }
  return values;
}

/** The directories of a GITHUB_PATH file, one a line, in the order in which PATH gets them: the last comes first. */
export function parsePathFile(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .reverse();
}

function nameIn(line: string, end: number): string {
  const name = line.slice(0, end);
  if (name === '') throw new Error(`Invalid format '${line}'. Name must not be empty`);
  return name;
}
