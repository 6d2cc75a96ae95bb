import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject, onTestFinished } from 'vitest';
import { commandRunner, goEnvironment, type RunCommand } from '../../src/go/command.ts';

/** A directory of real files, removed in the end. */
export interface Tree {
  /** Its real, absolute path. */
  readonly root: string;
  /** The absolute path of a file named relative to the root, with `/`. */
  path(name: string): string;
  write(name: string, text: string): void;
  remove(name: string): void;
}

/** Says when to clean up: `onTestFinished` within a test, `afterAll` at the top of a file. */
export type Later = (cleanUp: () => void) => void;

/** An empty directory of its own; `name` is its last element, for paths that are hard to handle. */
export function temporaryDirectory(later: Later = onTestFinished, name = 'work'): string {
  const parent = realpathSync(mkdtempSync(join(tmpdir(), 'gobuild-test-')));
  later(() => rmSync(parent, { recursive: true, force: true }));
  const directory = join(parent, name);
  mkdirSync(directory);
  return directory;
}

/** A GOCACHE of its own in which the standard library is compiled, as a test needs it. */
export function warmedGocache(later?: Later): string {
  const gocache = temporaryDirectory(later, 'gocache');
  cpSync(inject('warmGocache'), gocache, { recursive: true, preserveTimestamps: true });
  return gocache;
}

/** Writes files, named relative to the root with `/`, into a new directory. */
export function makeTree(files: Files, later?: Later, name?: string): Tree {
  const root = temporaryDirectory(later, name);
  const path = (file: string): string => join(root, file);
  const write = (file: string, text: string): void => {
    mkdirSync(dirname(path(file)), { recursive: true });
    writeFileSync(path(file), text);
  };
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { root, path, write, remove: (file) => rmSync(path(file), { recursive: true }) };
}

export type Files = Readonly<Record<string, string>>;

/** A go.mod without requirements. */
export const goMod = (path: string): string => `module ${path}\n\ngo 1.24\n`;

/** A package in `<name>/` with one function, which its one test calls. `imports` are of the same module. */
export function tested(name: string, imports: readonly string[] = []): Files {
  return { ...untested(name, imports), [`${name}/${name}_test.go`]: testOf(name) };
}

/** The same without a test. */
export function untested(name: string, imports: readonly string[] = []): Files {
  const lines = imports.map((path) => `import "${path}"\n`).join('');
  const uses = imports.map((path) => ` + ${path.replace(/^.*\//, '')}.Value()`).join('');
  return { [`${name}/${name}.go`]: `package ${name}\n${lines}\nfunc Value() int { return 1${uses} }\n` };
}

export function testOf(name: string): string {
  return `package ${name}\n\nimport "testing"\n\nfunc TestValue(t *testing.T) { Value() }\n`;
}

/**
 * Go commands as the action runs them, without their output in the log of the tests; of this machine's environment
 * only what they need, so that its own settings change nothing.
 */
export function goRunner(gocache: string, overrides: NodeJS.ProcessEnv = {}): RunCommand {
  const { GOFLAGS: _flags, GOWORK: _work, GOEXPERIMENT: _experiment, ...env } = process.env;
  const settings = { GOENV: 'off', GOPROXY: 'off', GOTOOLCHAIN: 'local', ...overrides };
  const run = commandRunner(goEnvironment({ ...env, ...settings }, gocache));
  return (program, args, options) => run(program, args, { ...options, show: false });
}
