/**
 * What `restore/action.yml` and `save/action.yml` repeat of the root's: each input belongs to the one or the other, in the
 * root's own words.
 */

/** The inputs that count at the end of the job alone. */
export const endInputs: ReadonlySet<string> = new Set([
  ...['on-miss', 'save', 'supersede', 'max-size', 'keep-executables', 'token', 'summary', 'job-status'],
]);

const marks = {
  restoreInputs: '  # Those of ../action.yml that count before the job, by npm run docs.\n',
  saveInputs: '  # Those of ../action.yml that count at the end of the job, by npm run docs.\n',
  outputs: '  # Those of ../action.yml, by npm run docs.\n',
} as const;
const end = '  # End of those.\n';

/** `restore/action.yml` with what it repeats of the text of `action.yml` written anew. @throws Error without its marks */
export function restoreAction(own: string, root: string): string {
  const inputs = entriesOf(root, 'inputs').filter(([name]) => !endInputs.has(name));
  return fill(
    fill(own, marks.restoreInputs, inputs),
    marks.outputs,
    entriesOf(root, 'outputs').map(([name, text]) => [
      name,
      text.replace('Main writes it, post completes it.', 'save/ completes it.'),
    ]),
  );
}

/** `save/action.yml`, likewise. @throws Error without its marks */
export function saveAction(own: string, root: string): string {
  return fill(
    own,
    marks.saveInputs,
    entriesOf(root, 'inputs').filter(([name]) => endInputs.has(name)),
  );
}

/** The entries of a top-level mapping, as they are written: name, and all their lines. */
function entriesOf(yaml: string, section: string): [name: string, text: string][] {
  const [, body = ''] = new RegExp(`^${section}:\\n((?: .*\\n|\\n(?= ))*)`, 'm').exec(yaml) ?? [];
  const found = [...body.matchAll(/^ {2}([\w-]+):\n(?: {3,}.*\n)*/gm)];
  return found.map(([text, name = '']) => [name, text]);
}

function fill(text: string, start: string, entries: readonly (readonly [string, string])[]): string {
  const from = text.indexOf(start) + start.length;
  const to = text.indexOf(end, from);
  if (from < start.length || to < 0) throw new Error(`the marks of ${start.trim()} are missing`);
  return text.slice(0, from) + entries.map(([, one]) => one).join('') + text.slice(to);
}
