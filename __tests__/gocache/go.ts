import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real module in a temporary directory, and go commands on it with a GOCACHE of their own. */
export interface GoModule {
  readonly root: string;
  readonly directory: string;
  /** Writes a file, named relative to the module. */
  write(name: string, text: string): void;
  /** Runs go; returns stdout and the packages it compiled, `Package` of the action graph. */
  go(gocache: string, ...words: string[]): { readonly stdout: string; readonly compiled: readonly string[] };
  /** Makes an empty GOCACHE beside the module, or a copy that keeps every time. */
  gocache(name: string, from?: string): string;
}

const graphed = new Set(['build', 'test', 'run', 'vet']);

export function createModule(files: Readonly<Record<string, string>>): GoModule {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'gocache-test-')));
  const directory = join(root, 'module');
  const write = (name: string, text: string): void => {
    const path = join(directory, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  };
  for (const [name, text] of Object.entries(files)) write(name, text);
  return {
    root,
    directory,
    write,
    go(gocache, ...words) {
      const graph = join(root, 'graph.json');
      const [command = '', ...rest] = words;
      const asked = graphed.has(command);
      const all = asked ? [command, `-debug-actiongraph=${graph}`, ...rest] : words;
      const stdout = execFileSync('go', all, {
        cwd: directory,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...process.env,
          GOCACHE: gocache,
          GOFLAGS: '',
          GOWORK: 'off',
          GOPROXY: 'off',
          GOTOOLCHAIN: 'local',
        },
      });
      return { stdout, compiled: asked ? compiledIn(graph) : [] };
    },
    gocache(name, from) {
      const path = join(root, name);
      if (from === undefined) mkdirSync(path);
      else cpSync(from, path, { recursive: true, preserveTimestamps: true });
      return path;
    },
  };
}

/** `-debug-actiongraph`: an action of mode `build` with a command was compiled, one without came from the cache. */
function compiledIn(graph: string): string[] {
  const actions: unknown = JSON.parse(readFileSync(graph, 'utf8'));
  if (!Array.isArray(actions)) throw new Error('the action graph is no list');
  return actions
    .filter((one) => one.Mode === 'build' && (one.Cmd ?? []).length > 0)
    .map((one) => String(one.Package));
}

/** Two tested packages, one without tests and two commands; of the standard library only what tests need. */
export const sources: Readonly<Record<string, string>> = {
  'go.mod': 'module example.com/m\n\ngo 1.25\n',
  'core/core.go': `package core
import ("fmt"; "os")
func Double(n int) int { if n < 0 { fmt.Fprintf(os.Stderr, "%d", n) }; return 2 * n }
`,
  'core/core_test.go': `package core
import "testing"
func TestDouble(t *testing.T) { if Double(2) != 4 { t.Fatal("not 4") } }
func FuzzDouble(f *testing.F) { f.Fuzz(func(t *testing.T, n int) { Double(n) }) }
`,
  'shop/shop.go': `package shop
import ("example.com/m/core"; "example.com/m/text")
func Price(n int) string { return text.Of(core.Double(n)) }
`,
  'shop/shop_test.go': `package shop
import "testing"
func TestPrice(t *testing.T) { if Price(3) != "6" { t.Fatal("not 6") } }
`,
  'text/text.go': 'package text\nimport "strconv"\nfunc Of(n int) string { return strconv.Itoa(n) }\n',
  'cmd/used/main.go': 'package main\nfunc main() { println("used") }\n',
  'cmd/cover/main.go': 'package main\nfunc main() { println("no tool of Go") }\n',
};
