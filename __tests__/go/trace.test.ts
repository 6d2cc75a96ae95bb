import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { compiledPackages, links } from '../../local/graph.ts';
import type { CommandResult } from '../../src/go/command.ts';
import { canTrace, readTrace, startTrace, type TracedTool, withoutTrace } from '../../src/go/trace.ts';
import {
  type Files,
  goMod,
  goRunner,
  makeTree,
  type Tree,
  temporaryDirectory,
  tested,
  untested,
  warmedGocache,
} from '../helpers/module.ts';

const directory = (name = 'trace'): string => temporaryDirectory(undefined, name);

test('where there is a POSIX shell', () => {
  const platforms = ['linux', 'darwin', 'win32'] as const;
  expect(platforms.filter(canTrace)).toEqual(['linux', 'darwin']);
});

describe('GOFLAGS', () => {
  const script = '<script>';
  test.each([
    ['', `-toolexec=${script}`],
    ['-mod=mod  -v', `-mod=mod -v -toolexec=${script}`],
    [`'-ldflags=-s -w' -gcflags=a"b`, `'-ldflags=-s -w' -gcflags=a"b -toolexec=${script}`],
    [`"-ldflags=-X 'a=b c'"`, `"-ldflags=-X 'a=b c'" -toolexec=${script}`],
    ['-toolexec=one --toolexec=two -v', `-v '-toolexec=${script} two'`],
    ['-toolexec=', `-toolexec=${script}`],
    [`'-toolexec=a b'`, `'-toolexec=${script} a b'`],
    [`'-toolexec="/a b/c" d'`, `"-toolexec=${script} '/a b/c' d"`],
  ])('%s', (goflags, expected) => {
    const own = directory();
    const result = startTrace(own, goflags);
    expect(result.replaceAll(join(own, 'trace.sh'), script)).toBe(expected);
    expect(startTrace(own, result), 'the action twice in one job').toBe(result);
  });

  test.each([
    ["tr ' ace", '', /GOFLAGS cannot hold -toolexec=.*: it has spaces and both kinds of quotes/],
    ['trace', `-toolexec=a'"b`, /GOFLAGS cannot hold -toolexec=.* a'"b: it has/],
    ['trace', "'-v", /the quote ' is not closed/],
  ])('in %s, %s: refused', (name, goflags, message) => {
    const own = directory(name);
    expect(() => startTrace(own, goflags)).toThrow(message);
    expect(existsSync(join(own, 'trace.sh'))).toBe(false);
  });
});

describe.skipIf(!canTrace(process.platform))('real go', () => {
  const gocache = warmedGocache(afterAll);
  const go = (tree: Tree, goflags: string, ...args: readonly string[]): Promise<CommandResult> =>
    goRunner(gocache, { GOFLAGS: goflags, CGO_ENABLED: '1' })('go', args, { cwd: tree.root });
  const nameOf = (call: TracedTool): string => `${call.tool} ${call.package}`;
  const byName = (a: TracedTool, b: TracedTool): number => (nameOf(a) < nameOf(b) ? -1 : 1);
  const names = (own: string): string[] => readTrace(own).map(nameOf).sort();
  const files = { 'go.mod': goMod('example.com/m'), ...tested('a', ['example.com/m/b']), ...untested('b') };
  const module = (more: Files = {}, name?: string): Tree => makeTree({ ...files, ...more }, undefined, name);

  test('each compile by its import path, links, and nothing of what the cache has', async () => {
    const external = 'package a_test\n\nimport "testing"\n\nfunc TestOther(*testing.T) {}\n';
    const tree = module({ 'a/other_test.go': external, 'cmd/main.go': 'package main\n\nfunc main() {}\n' });
    const own = directory();
    const goflags = startTrace(own, '-vet=off');
    const graph = join(tree.root, 'graph.json');
    const first = await go(tree, goflags, 'test', `-debug-actiongraph=${graph}`, './...');
    expect(first, first.stderr).toMatchObject({ exitCode: 0, stderr: '' });
    const variants = ['a [example.com/m/a.test]', 'a.test', 'a_test [example.com/m/a.test]', 'b', 'cmd'];
    expect(names(own)).toEqual([
      ...variants.map((path) => `compile example.com/m/${path}`),
      'link example.com/m/a.test',
    ]);
    expect(names(own)).toHaveLength(compiledPackages(graph).length + links(graph).length);
    const [test, testMain, , other, main, link, ...rest] = readTrace(own).sort(byName);
    expect(other).toEqual({
      ...{ tool: 'compile', package: 'example.com/m/b', seconds: expect.any(Number), exitCode: 0 },
      ...{ race: false, coverMode: undefined, directory: tree.path('b') },
    });
    expect([test, testMain, main].map((call) => call?.directory)).toEqual([
      tree.path('a'),
      undefined,
      tree.path('cmd'),
    ]);
    expect(link?.seconds).toBeGreaterThan(0.01);
    expect(rest).toEqual([]);

    expect((await go(tree, goflags, 'test', './...')).stdout).toContain('(cached)');
    expect(names(own)).toHaveLength(6);
    await go(tree, goflags, 'build', '-o', tree.path('out'), './cmd');
    expect(names(own).slice(6)).toEqual(['link example.com/m/cmd']);
  });

  test('action IDs stay as they are, those of cgo and of coverage too', async () => {
    const c = 'package c\n\n// #define ONE 1\nimport "C"\n\nfunc Value() int { return C.ONE }\n';
    const tree = module({ ...tested('c'), 'c/c.go': c });
    const own = directory();
    const goflags = startTrace(own, '');
    const graph = join(tree.root, 'graph.json');
    const args = ['test', '-cover', '-count=1', `-debug-actiongraph=${graph}`, './...'];
    expect(await go(tree, '', ...args)).toMatchObject({ exitCode: 0 });
    expect(compiledPackages(graph)).toContain('example.com/m/c');
    expect(await go(tree, goflags, ...args)).toMatchObject({ exitCode: 0 });
    expect(compiledPackages(graph)).toEqual([]);
    expect(names(own).filter((name) => !name.startsWith('link '))).toEqual([]);

    const variant = 'example.com/m/c [example.com/m/c.test]';
    tree.write('c/c.go', `${c}\n// Edited.\n`);
    expect(await go(tree, goflags, ...args)).toMatchObject({ exitCode: 0 });
    expect(names(own)).toEqual(expect.arrayContaining([`cgo ${variant}`, `compile ${variant}`]));
    expect(await go(tree, '', ...args)).toMatchObject({ exitCode: 0 });
    expect(compiledPackages(graph)).toEqual([]);
  });

  test('how a package was compiled: each coverage mode with its own compile, -race', async () => {
    const tree = module();
    const own = directory();
    const goflags = startTrace(own, '-vet=off');
    const args = ['test', '-run=^$'];
    for (const flag of ['-cover', '-covermode=atomic', '-v']) await go(tree, goflags, ...args, flag, './a');
    const compiles = readTrace(own).filter((call) => call.tool === 'compile');
    const found = compiles.filter((call) => /^\S+\/a( |$)/.test(call.package));
    expect(found.map((call) => call.coverMode ?? '').sort()).toEqual(['', 'atomic', 'set']);
    expect(found.map((call) => call.directory)).toEqual(Array(3).fill(tree.path('a')));
    expect(await go(tree, goflags, 'build', '-race', './b')).toMatchObject({ exitCode: 0 });
    expect(readTrace(own).filter((call) => call.race)).toMatchObject([
      { tool: 'compile', package: 'example.com/m/b' },
    ]);
  });

  test("a user's own -toolexec runs the same tools as without, in directories with spaces", async () => {
    const tree = module({}, 'mod ule');
    const log = tree.path('theirs.log');
    tree.write('their tool', `#!/bin/sh\n[ "$1" = -v ] && shift\necho "\${1##*/}" >>'${log}'\nexec "$@"\n`);
    chmodSync(tree.path('their tool'), 0o755);
    const own = directory('tr ace');
    const goflags = startTrace(own, `"-toolexec='${tree.path('their tool')}' -v"`);
    expect(goflags).toBe(`"-toolexec='${own}/trace.sh' '${tree.path('their tool')}' -v"`);
    expect(await go(tree, goflags, 'build', './...')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(names(own)).toEqual(['compile example.com/m/a', 'compile example.com/m/b']);
    const theirs = readFileSync(log, 'utf8').trim().split('\n');
    expect(theirs.filter((tool) => tool === 'compile')).toHaveLength(3); // One is for -V=full.
  });

  test('a compile that fails says the same, with the same exit code', async () => {
    const tree = module({ 'b/b.go': 'package b\n\nfunc Value() int { return x }\n' });
    const own = directory();
    const bare = await go(tree, '', 'build', './...');
    expect(bare).toMatchObject({ exitCode: 1, stderr: '# example.com/m/b\nb/b.go:3:27: undefined: x\n' });
    expect(await go(tree, startTrace(own, ''), 'build', './...')).toEqual(bare);
    expect(readTrace(own)).toMatchObject([{ tool: 'compile', package: 'example.com/m/b', exitCode: 2 }]);
  });

  test('many at once: each is recorded, whole', async () => {
    const many = Array.from({ length: 60 }, (_, index) => `p${index}`);
    const tree = module(Object.assign({}, ...many.map((name) => untested(name))));
    const own = directory();
    const result = await go(tree, startTrace(own, ''), 'build', '-p=16', './...');
    expect(result).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(names(own)).toEqual(['a', 'b', ...many].map((name) => `compile example.com/m/${name}`).sort());
  });

  test.each([
    ['gone', undefined],
    ['no directory', ''],
  ])('a log that is %s does not break the build, nor show', async (_, text) => {
    const tree = module();
    const own = directory();
    const goflags = startTrace(own, '');
    rmSync(join(own, 'calls'), { recursive: true });
    if (text !== undefined) writeFileSync(join(own, 'calls'), text);
    expect(await go(tree, goflags, 'build', './...')).toEqual({ exitCode: 0, stdout: '', stderr: '' });
  });
});

/** What /bin/sh is: dash, bash or zsh. */
const shells = ['/bin/sh', '/bin/bash --posix', '/bin/zsh --emulate sh'].map((line) => line.split(' '));
const present = shells.filter(([program = '']) => existsSync(program));

describe.skipIf(!canTrace(process.platform)).each(present)('by %s', (shell, ...options) => {
  const own = temporaryDirectory(afterAll, 'trace');
  startTrace(own, '');

  /** Runs a command through ours; `calls` is what was recorded. */
  function call(command: string, args: readonly string[] = []) {
    rmSync(join(own, 'calls'), { recursive: true });
    mkdirSync(join(own, 'calls'));
    const result = spawnSync(shell, [...options, join(own, 'trace.sh'), command, ...args], {
      encoding: 'utf8',
      env: { ...process.env, TOOLEXEC_IMPORTPATH: 'p' },
    });
    return { ...result, calls: readTrace(own) };
  }

  /** A tool of Go that is a shell script. */
  function compiler(body: string): string {
    const path = makeTree({ compile: `#!/bin/sh\n${body}\n` }).path('compile');
    chmodSync(path, 0o755);
    return path;
  }

  test('arguments, output and exit code pass as they are', () => {
    const args = ['', 'a  b', '*', '$x', "'", '-n', '\\'];
    const result = call(compiler(`printf '<%s>' "$@"; echo no >&2; exit 3`), args);
    expect(result).toMatchObject({ status: 3, signal: null, stderr: 'no\n' });
    expect(result.stdout).toBe(args.map((arg) => `<${arg}>`).join(''));
    expect(result.calls).toMatchObject([{ tool: 'compile', package: 'p', exitCode: 3 }]);
  });

  test.each([
    ['KILL', 137],
    ['TERM', 143],
    ['INT', 130],
  ])('SIG%s ends both', (name, exitCode) => {
    const result = call(compiler(`kill -${name} $$`));
    expect(result).toMatchObject({ status: null, signal: `SIG${name}`, stderr: '', stdout: '' });
    expect(result.calls).toMatchObject([{ exitCode }]);
  });

  test('CPU time is that of the tool and of what it starts', () => {
    const { calls } = call(compiler(`sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done'`));
    expect(calls[0]?.seconds).toBeGreaterThan(0.02);
  });

  test('-V=full and what is no tool of Go are not recorded', () => {
    expect(call(compiler('echo version'), ['-V=full'])).toMatchObject({ stdout: 'version\n', calls: [] });
    expect(call('echo', ['-###'])).toMatchObject({ stdout: '-###\n', calls: [] });
  });
});

test('what was not written at all, or not to the end, is left out', () => {
  const own = directory();
  expect(readTrace(own)).toEqual([]);
  startTrace(own, '');
  const whole = 'compile\t0\trace\t\t/w/b001/_pkg_.a\t/m/p.go\tp\n0m0.00s 0m0.00s\n1m2,5s 0m0.03s\n';
  writeFileSync(join(own, 'calls', '1'), `${whole}link\t0\t\t\t/w/x\t\tq\n0m0.00s 0m0.00s\n`);
  writeFileSync(join(own, 'calls', '2'), 'comp');
  writeFileSync(join(own, 'calls', '3'), `compile\t0\n${whole.replace('\tp\n', '\tr [r.test]\n')}`);
  const common = { tool: 'compile', seconds: 62.53, exitCode: 0, race: true, directory: '/m' };
  expect(readTrace(own)).toMatchObject([
    { ...common, package: 'p' },
    { ...common, package: 'r [r.test]' },
  ]);
});

test.each([
  ['', ''],
  ['-race -toolexec=/x/y', '-race -toolexec=/x/y'],
  ["'-race", "'-race"],
  ['-toolexec=/t/gobuild-test/default/trace/trace.sh', ''],
  ['-race -toolexec=/t/gobuild-test/a.b/trace/trace.sh -tags=x', '-race -tags=x'],
  [`'-toolexec=/t/gobuild-test/a/trace/trace.sh own "a b"' -race`, `-race "-toolexec=own 'a b'"`],
])('GOFLAGS %j without the recording of another use', (goflags, expected) => {
  expect(withoutTrace(goflags)).toBe(expected);
});
