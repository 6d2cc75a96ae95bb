import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOut } from '../local/checkout.ts';
import type { Figures } from './delta-ways.ts';
import { Lab } from './warm-lab.ts';

const module = 'github.com/caddyserver/caddy/v2';
const [version, nextVersion] = ['v2.10.0', 'v2.10.2'];
/** Compiled as plain packages; all others are measured. */
const inputs = { 'plain-packages': './caddytest/...' };
/** In a package that nearly all others of the module import. */
const file = 'caddy.go';

/** The names of delta-ways.ts; what is behind the dash is said there. */
const ways = [
  ...['whole', 'zstd', 'stream-3', 'stream-3-ldm', 'groups-6', 'object-1', 'object-3', 'object-6'],
  ...['object-6-ldm', 'object-6-table', 'object-6-table-package', 'base', 'top'],
];

/**
 * What an upload holds after a change, by several ways to tell it from what was there before: the objects of a set that the
 * set before did not have, of a small edit that nearly all packages are compiled again for, and of another version.
 */
export async function run(): Promise<void> {
  const lab = new Lab(module, version);
  try {
    const first = lab.gocache();
    await lab.warmAlone(first, inputs);
    const path = join(lab.workspace, file);
    writeFileSync(path, `${readFileSync(path, 'utf8')}\nfunc edited() string { return "edit" }\n`);
    const afterEdit = lab.gocache(first);
    await lab.warmAlone(afterEdit, inputs);
    compare(`${module}@${version}, then an edit of ${file}`, first, afterEdit);
    checkOut(lab.workspace, module, nextVersion);
    const afterUpdate = lab.gocache(first);
    await lab.warmAlone(afterUpdate, inputs);
    compare(`${module}@${version}, then ${nextVersion}`, first, afterUpdate);
  } finally {
    lab.close();
  }
}

/** A table of all ways; each in a process of its own, so that its memory can be told. */
export function compare(title: string, before: string, after: string): void {
  const work = mkdtempSync(join(tmpdir(), 'bench-delta-'));
  try {
    const told = (way: string): Figures =>
      JSON.parse(
        execFileSync(
          process.execPath,
          [join(import.meta.dirname, 'delta-ways.ts'), way, before, after, work],
          {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'inherit'],
          },
        ),
      );
    console.log(`\n${title}. ${told('count').note}\n`);
    console.log('| way | stored MB | writes, CPU s | reads, CPU s | peak MB, writing | |');
    console.log('|:--|--:|--:|--:|--:|:--|');
    for (const way of ways) {
      const { bytes, writes, reads, peak, note } = told(way);
      const cells = [(bytes / 1e6).toFixed(2), writes.toFixed(1), reads.toFixed(1), peak.toFixed(0), note];
      console.log(`| ${[way, ...cells].join(' | ')} |`);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
