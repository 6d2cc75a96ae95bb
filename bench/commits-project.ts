import { execFileSync } from 'node:child_process';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkOut } from '../local/checkout.ts';

/** The commits of the bench: a real project over its released versions, then small edits in the last of them. */

export const module = 'github.com/quic-go/quic-go';
/** Ten that follow each other; their go.sum changes three times. */
const versions = [
  ...['v0.58.0', 'v0.59.0', 'v0.59.1', 'v0.60.0', 'v0.61.0'],
  ...['v0.62.0', 'v0.63.0', 'v0.64.0', 'v0.64.1', 'v0.65.0'],
];
/** What most packages of the project import; it imports none of them. */
const common = { package: `${module}/quicvarint`, file: 'quicvarint/varint.go' };
/** In a package that no other imports but two of the examples. */
const leaf = 'interop/http09/client.go';

export type Kind = 'version' | 'wide' | 'leaf';

/** What a job finds in its workspace. */
export interface Commit {
  readonly name: string;
  /** `wide`: a function more in what every package imports; `leaf`: one more in what hardly any does. */
  readonly kind: Kind;
  readonly apply: (workspace: string) => void;
}

/** The last versions and the first edits, as many as are said. */
export function history(count: { readonly [of in Kind]: number }): Commit[] {
  const names = versions.slice(-count.version);
  const edits = (kind: 'wide' | 'leaf', file: string) =>
    Array.from({ length: count[kind] }, (_, at): Commit => {
      const text = `\nfunc edited${at}(text string) string { return text + "${kind} ${at}" }\n`;
      const apply = (workspace: string) => appendFileSync(join(workspace, file), text);
      return { name: `${kind} edit ${at + 1}`, kind, apply };
    });
  return [
    ...names.map((name): Commit => ({ name, kind: 'version', apply: (to) => checkOut(to, module, name) })),
    ...(count.wide === 0 ? [] : [{ name: 'imports', kind: 'version', apply: importEverywhere } as const]),
    ...edits('wide', common.file),
    ...edits('leaf', leaf),
  ];
}

/**
 * Lets every package import the common one, those by a file more that do not yet. So an edit of it has all of the project
 * compiled again.
 */
function importEverywhere(workspace: string): void {
  for (const { ImportPath, Dir, Name, GoFiles, Deps } of packagesOf(workspace)) {
    if (ImportPath === common.package || GoFiles === undefined || Deps?.includes(common.package)) continue;
    writeFileSync(join(Dir, 'imports_common.go'), `package ${Name}\n\nimport _ "${common.package}"\n`);
  }
}

interface Listed {
  readonly ImportPath: string;
  readonly Dir: string;
  readonly Name: string;
  readonly GoFiles?: readonly string[];
  readonly Deps?: readonly string[];
}

/** The packages of the project itself. */
export function packagesOf(workspace: string): Listed[] {
  const args = ['list', '-json=ImportPath,Dir,Name,GoFiles,Deps', './...'];
  const told = execFileSync('go', args, { cwd: workspace, encoding: 'utf8', maxBuffer: 2 ** 26 });
  return JSON.parse(`[${told.replaceAll(/^}\n{/gm, '},{')}]`);
}

/** What go.sum says, for a key. */
export function sumOf(workspace: string): string {
  return readFileSync(join(workspace, 'go.sum'), 'utf8');
}
