import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { smallModule, writeFiles } from './bundle/small-module.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A GOCACHE in which the standard library is compiled as the small module's tests need it: copy, do not use. */
    warmGocache: string;
  }
}

/** Compiles what of the standard library every small module needs, once for all tests: it takes most of a minute. */
export default function setup(project: TestProject): () => void {
  const home = mkdtempSync(join(tmpdir(), 'gobuild-test-warm-'));
  const [module, gocache] = [join(home, 'module'), join(home, 'gocache')];
  mkdirSync(gocache);
  writeFiles(module, smallModule());
  const env = { ...process.env, GOCACHE: gocache };
  for (const args of [
    ['test', '-cover', './...'],
    ['vet', './...'],
  ]) {
    execFileSync('go', args, { cwd: module, env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  project.provide('warmGocache', gocache);
  return () => rmSync(home, { recursive: true, force: true });
}
