import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, posix, resolve, sep } from 'node:path';
import { parseAst } from 'rolldown/parseAst';
import { describe, expect, it } from 'vitest';

/** The arrows between the rooms of src/, as docs/how-it-works.md draws them. */
const root = resolve(import.meta.dirname, '..');
const files = globSync('src/**/*.ts', { cwd: root })
  .map((file) => file.split(sep).join('/'))
  .sort();

/** What is run: by the runner, as a process, as a worker thread. Nothing else does work when it is imported. */
const entries = ['src/main.ts', 'src/post.ts', 'src/restore.ts', 'src/save.ts'];
const programs = [...entries, 'src/store/child.ts', 'src/pack/worker.ts'];
const rooms = ['config', 'go', 'gocache', 'pack', 'report', 'store'];
const shared = ['src/errors.ts', 'src/flags.ts', 'src/progress.ts'];

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const body = parseAst(text, { lang: 'ts', sourceType: 'module' }, file).body as unknown as readonly Node[];

  it('imports only what its room may', () => {
    const own = importsOf(body)
      .filter((name) => name.startsWith('.'))
      .map((name) => posix.join(posix.dirname(file), name));
    expect(own.filter((target) => !mayImport(file, target))).toEqual([]);
  });

  it('names its imports by static declarations, with their extension', () => {
    const all = [...nodes(body)];
    expect(all.filter((node) => node.type === 'ImportExpression')).toEqual([]);
    for (const name of importsOf(body)) expect(name).toMatch(/^(node:|[@a-z][\w@/-]*$|\.{1,2}\/.*\.ts$)/);
  });

  it('is short', () => {
    expect(text.split('\n').length).toBeLessThan(250);
  });

  if (programs.includes(file)) return;
  it('does no work on import', () => {
    const imported = new Set(body.flatMap(packageNames));
    expect(body.filter((node) => !isDeclaration(node)).map((node) => shown(text, node))).toEqual([]);
    const atOnce = [
      ...nodes(
        body.filter((node) => node.type !== 'ImportDeclaration'),
        isFunction,
      ),
    ];
    const working = atOnce.filter(
      (node) =>
        node.type === 'AwaitExpression' ||
        (node.type === 'Identifier' && node.name === 'process') ||
        (/^(Call|New)Expression$/.test(node.type) && imported.has(calledName(node))),
    );
    expect(working.map((node) => shown(text, node))).toEqual([]);
  });
});

describe('src/', () => {
  it('has the rooms that are known here, and no other', () => {
    const folders = new Set(files.map((file) => dirname(file)).filter((folder) => folder !== 'src'));
    expect([...folders].sort()).toEqual([...rooms, 'flow'].map((room) => `src/${room}`).sort());
    expect(files.filter((file) => dirname(file) === 'src')).toEqual([...shared, ...entries].sort());
    for (const program of programs) expect(files).toContain(program);
  });

  it('touches each @actions package in one file of a folder', () => {
    const users = new Map<string, string[]>();
    for (const file of files) {
      const ast = parseAst(readFileSync(join(root, file), 'utf8'), { lang: 'ts' }, file);
      for (const name of importsOf(ast.body as unknown as readonly Node[])) {
        if (!name.startsWith('@actions/')) continue;
        const place = `${name} in ${dirname(file)}`;
        users.set(place, [...(users.get(place) ?? []), basename(file)]);
      }
    }
    expect(users.size).toBeGreaterThan(0);
    expect([...users].filter(([, by]) => by.length > 1)).toEqual([]);
  });
});

/** entries → flow → rooms → nothing of each other; what is shared is everybody's, and imports nothing. */
function mayImport(file: string, target: string): boolean {
  if (shared.includes(file)) return false;
  if (shared.includes(target)) return true;
  const [from, to] = [roomOf(file), roomOf(target)];
  if (to === undefined) return false; // An entry, or something outside src/.
  if (from === undefined || from === 'flow') return from === 'flow' || !programs.includes(target);
  return from === to;
}

function roomOf(file: string): string | undefined {
  const [, room, name] = /^src\/(\w+)\/(.+)$/.exec(file) ?? [];
  return name === undefined ? undefined : room;
}

/** As much of a node of the ESTree form as is read here. */
interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name?: string;
  readonly declaration?: Node | null;
  readonly source?: { readonly value: string } | null;
  readonly specifiers?: readonly { readonly local: { readonly name: string } }[];
  readonly kind?: string;
  readonly callee?: Node & { readonly object?: Node };
}

function importsOf(body: readonly Node[]): string[] {
  return body.flatMap((node) => (node.source ? [node.source.value] : []));
}

/** The names that come from a package or from Node. A function of src/ that is called at once is checked by itself. */
function packageNames(node: Node): string[] {
  if (node.type !== 'ImportDeclaration' || node.source?.value.startsWith('.')) return [];
  return (node.specifiers ?? []).map(({ local }) => local.name);
}

function isDeclaration(node: Node): boolean {
  if (node.type.startsWith('Export')) return node.declaration ? isDeclaration(node.declaration) : true;
  if (node.type === 'VariableDeclaration') return node.kind === 'const';
  return /^(ImportDeclaration|FunctionDeclaration|ClassDeclaration|TS\w+Declaration)$/.test(node.type);
}

function isFunction(node: Node): boolean {
  return /Function/.test(node.type) || node.type === 'PropertyDefinition';
}

/** `join` of `join(a)`, `core` of `core.info(a)`. */
function calledName({ callee }: Node): string {
  return callee?.name ?? callee?.object?.name ?? '';
}

function* nodes(value: unknown, skip: (node: Node) => boolean = () => false): Generator<Node> {
  if (Array.isArray(value)) {
    for (const one of value) yield* nodes(one, skip);
  } else if (isNode(value) && !skip(value)) {
    yield value;
    for (const child of Object.values(value)) yield* nodes(child, skip);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function shown(text: string, { start, end }: Node): string {
  return text.slice(start, Math.min(end, start + 100));
}
