/** Fences whose lines are commands. */
const shells: ReadonlySet<string> = new Set(['sh', 'bash', 'shell', 'console']);
/** Fences whose lines are of a language of their own: no line of theirs is for a shell. */
const others: ReadonlySet<string> = new Set(['yaml', 'json', 'go', 'mermaid', 'ts', 'js']);

/**
 * The shell commands of a page, in its order, those that `&&` joins apart: all lines of a shell's fence (in `console` those
 * after `$ `, if there are any), in other fences what begins with `npm run` or `go`, and code within a line that begins with
 * npm, gh or a script of .ci. What stands within a line and begins with `go` tells what a workflow runs, or what Go does.
 */
export function shellCommands(markdown: string): string[] {
  const fence = /^( *)```(\w*)\n(.*?)^\1```$/gms;
  const fenced = [...markdown.matchAll(fence)].flatMap(([, , language = '', text = '']) => {
    if (others.has(language)) return [];
    const lines = text.replaceAll('\\\n', ' ').split('\n');
    const typed = lines.filter((line) => line.trimStart().startsWith('$ '));
    const all = language === 'console' && typed.length > 0 ? typed : lines;
    const commands = all.map((line) => line.trim().replace(/^\$ /, '').replace(/\s+/g, ' '));
    const real = commands.filter((line) => line !== '' && !line.startsWith('#'));
    return shells.has(language) ? real : real.filter((line) => /^(npm run|go) /.test(line));
  });
  const inline = [...markdown.replace(fence, '').matchAll(/`([^`]+)`/g)]
    .map(([, text = '']) => text.replace(/\s+/g, ' '))
    .filter((text) => /^(?:[A-Z_]+=\S+ )*(?:npm|npx|gh|\.ci\/\w+)(?: |$)/.test(text));
  return [...fenced, ...inline].flatMap((text) => text.split(' && ')).filter((text) => text !== 'npm');
}
