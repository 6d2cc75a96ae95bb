import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { PassThrough } from 'node:stream';
import { WriteStream } from 'node:tty';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { logPrinter, readable } from '../../local/log-printer.ts';
import { smallModule, writeFiles } from '../bundle/small-module.ts';

const program = resolve(import.meta.dirname, '../../local/try.ts');

/** `npm run try -- <words>`; npm sets INIT_CWD to where it was called. */
function tryOut(cwd: string, ...words: string[]) {
  const env = { ...process.env, INIT_CWD: cwd };
  return spawnSync(process.execPath, [program, ...words], { env, encoding: 'utf8' });
}

test('a directory is tried out twice, and the table says what the action did', { timeout: 300_000 }, () => {
  const home = mkdtempSync(join(tmpdir(), 'gobuild-test-try-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  writeFiles(join(home, 'a project'), smallModule());
  const { status, stdout, stderr } = tryOut(home, 'a project', '--with', 'parallelism=2');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(stdout).toContain('=== Run 1: main');
  expect(stdout).toMatch(/^Pre-warm: \d+\.\d s \(cover 4 packages \d+\.\d s, plain 1 package \d+\.\d s\)$/m);
  const table = stdout.slice(stdout.lastIndexOf('run 1')).split('\n');
  expect(table[1]).toMatch(/^restore +miss in \d+\.\d s +exact in \d+\.\d s, \d+\.\d MB$/);
  expect(table[2]).toMatch(/^warm seconds +\d+\.\d +0\.0$/);
  expect(table[3]).toMatch(/^set bytes +\d+ objects \(\d+\.\d MB\) +\d+ objects \(\d+\.\d MB\)$/);
  expect(table[4]).toMatch(/^saved bytes +\d+\.\d MB +none$/);
  expect(table[5]).toMatch(/^packages compiled after the warm +0 +0$/);
  expect(table.slice(6, 8)).toEqual(['', 'run 2, warm skipped: the restored set is exact']);
  expect(stdout).not.toMatch(/^::/m);
  expect(stdout).toMatch(/^Reuse\n {2} +objects +bytes\n {2}restored, used by the job +0 +0 B\n/m);
  expect(stripVTControlCharacters(stdout), 'no colours where there is no terminal').toBe(stdout);
});

test('a directory that is not there, or holds no module, is told in one line', () => {
  const missing = tryOut(tmpdir(), 'no-such-directory-here');
  expect(missing.status).toBe(1);
  expect(missing.stderr).toMatch(
    /no-such-directory-here does not exist: npm run try -- DIR takes the directory/,
  );
  const home = mkdtempSync(join(tmpdir(), 'gobuild-test-try-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const empty = tryOut(home, '.');
  expect(empty.status).toBe(1);
  expect(empty.stdout).toContain('holds neither go.mod nor go.work');
  expect(empty.stderr).toBe('\nmain failed: see the log above\n');
});

test.each([
  ['::group::Key', 'Key'],
  ['::endgroup::', undefined],
  ['::debug::x', undefined],
  ['::warning::a%0Ab', 'warning: a\nb'],
  ['::error file=core/a.go,line=3,col=5::undefined: x', 'error: core/a.go:3: undefined: x'],
  ['plain :: text', 'plain :: text'],
])('a line of the log: %s', (line, shown) => {
  expect(readable(line)).toBe(shown);
});

describe('a log', () => {
  beforeEach(() => {
    vi.stubEnv('TERM', 'xterm-256color');
    // What Node asks beside the stream (getColorDepth): CI has no terminal for it.
    for (const name of ['NO_COLOR', 'NODE_DISABLE_COLORS', 'FORCE_COLOR', 'CI', 'TF_BUILD', 'TMUX'])
      vi.stubEnv(name, undefined);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  /** What a terminal of this width, or a file, gets. */
  function printed(pieces: readonly string[], columns?: number): string {
    const stream = new PassThrough();
    const { getColorDepth } = WriteStream.prototype;
    if (columns !== undefined) Object.assign(stream, { isTTY: true, columns, getColorDepth });
    const print = logPrinter(stream);
    for (const piece of pieces) print(piece);
    return String(stream.read() ?? '');
  }

  const command = `[command]go test ${'example.com/m/package '.repeat(10)}`;
  const log = [
    'before\n::group::Wa',
    `rm\n::stop-commands::t1\n${command}\n::warning::ours?\n::t1::\n::endgroup::\n`,
    '::warning::beware\n::debug::hidden\nafter\n',
  ];

  test('has its groups indented, and what a program prints as it is', () => {
    expect(printed(log)).toBe(`before\nWarm\n  ${command}\n  ::warning::ours?\nwarning: beware\nafter\n`);
  });

  test('has colours on a terminal, and a command no longer than a line', () => {
    const shown = printed(log, 60);
    expect(shown).toContain('\u001b[1mWarm\u001b[22m\n');
    expect(shown).toContain('\u001b[33mwarning: beware\u001b[39m\n');
    const lines = stripVTControlCharacters(shown).split('\n');
    expect(lines[2]).toMatch(/^ {2}\[command\]go test example.*…$/);
    expect(lines[2]?.length).toBeLessThanOrEqual(60);
  });

  test('has none where NO_COLOR says so', () => {
    vi.stubEnv('NO_COLOR', '1');
    const shown = printed(log, 60);
    expect(stripVTControlCharacters(shown)).toBe(shown);
  });
});
