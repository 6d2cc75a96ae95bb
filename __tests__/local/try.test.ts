import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readable } from '../../local/log-printer.ts';
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
  expect(table[2]).toMatch(/^warm seconds +\d+\.\d +0\.0 \(the restored set is exact\)$/);
  expect(table[3]).toMatch(/^set bytes +\d+ objects \(\d+\.\d MB\) +\d+ objects \(\d+\.\d MB\)$/);
  expect(table[4]).toMatch(/^saved bytes +\d+\.\d MB +none \(/);
  expect(table[5]).toMatch(/^packages compiled after the warm +0 +0$/);
  expect(stdout).not.toMatch(/^::/m);
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
  ['::group::Key', '[Key]'],
  ['::endgroup::', undefined],
  ['::debug::x', undefined],
  ['::warning::a%0Ab', 'warning: a\nb'],
  ['::error file=core/a.go,line=3,col=5::undefined: x', 'error: core/a.go:3: undefined: x'],
  ['plain :: text', 'plain :: text'],
])('a line of the log: %s', (line, shown) => {
  expect(readable(line)).toBe(shown);
});
