import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

/** docs/how-it-works.md: its diagram names a file at each step, and the steps are in the order in which the flow takes them. */
const root = resolve(import.meta.dirname, '../..');
const page = readFileSync(join(root, 'docs', 'how-it-works.md'), 'utf8');
const [, diagram = ''] = /```mermaid\n(.*?)```/s.exec(page) ?? [];
const [ofMain = '', ofPost = ''] = diagram.split('job->>gocache');

describe.each([
  { story: 'main', steps: filesIn(ofMain), entry: 'prepare', files: ['prepare', 'discover'] },
  { story: 'post', steps: filesIn(ofPost), entry: 'finish', files: ['finish'] },
])("the diagram's $story", ({ steps, entry, files }) => {
  const sources = files.map((name) => readFileSync(join(root, 'src', 'flow', `${name}.ts`), 'utf8'));

  it('names files that there are', () => {
    expect(steps.length).toBeGreaterThan(6);
    for (const file of steps) expect(existsSync(join(root, 'src', file)), file).toBe(true);
  });

  it('has them in the order of the calls', () => {
    const calls = callsOf(entry, sources);
    const from = importedFrom(sources);
    const called = calls.flatMap((name) => from.get(name) ?? []);
    let at = -1;
    for (const file of steps) {
      at = called.indexOf(file, at + 1);
      expect(at, `${file}, in ${called.join(', ')}`).toBeGreaterThanOrEqual(0);
    }
  });
});

/** The files that a part of the diagram names, without what repeats itself at once. */
function filesIn(part: string): string[] {
  const files = [...part.matchAll(/\w+\/[\w-]+\.ts/g)].map(([file]) => file);
  return files.filter((file, at) => file !== files[at - 1]);
}

/** What a function calls, in the order of the text, and in the place of its sources' own functions what those call. */
function callsOf(name: string, sources: readonly string[]): string[] {
  const bodies = new Map<string, string>();
  for (const source of sources) {
    for (const [body, own = ''] of source.matchAll(/^(?:export )?(?:async )?function (\w+)\(.*?\n}$/gms))
      bodies.set(own, body.slice(body.indexOf(`${own}(`) + own.length));
  }
  const calls = (of: string): string[] => {
    const body = bodies.get(of);
    if (body === undefined) return [of];
    return [...body.matchAll(/(?<![.\w])(\w+)\(/g)].flatMap(([, called = '']) => calls(called));
  };
  return calls(name);
}

/** From which file of src/ a name is imported. */
function importedFrom(sources: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  for (const source of sources) {
    for (const [, names = '', path = ''] of source.matchAll(/^import \{([^}]*)\} from '(\.[^']*)';$/gms)) {
      const file = path.replace(/^\.\.\//, '').replace(/^\.\//, 'flow/');
      for (const name of names.split(',')) found.set(name.trim(), file);
    }
  }
  return found;
}
