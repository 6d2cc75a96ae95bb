import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { LocalRunner } from '../local/runner.ts';
import { startCacheServer } from '../local/server/server.ts';
import type { Report } from '../src/report/report.ts';
import { CacheStore } from '../src/store/cache.ts';
import { median } from './median.ts';

const root = resolve(import.meta.dirname, '..');
const rounds = 7;

/**
 * What the action itself costs on an exact hit: the main step of the built bundle, less its waiting for the restore
 * (download, unpacking) and less `go list` on the same empty GOCACHE, both measured in the same run. The process that talks to
 * the cache service is the action's own cost, so its start is counted: as a look-up that finds nothing, which has
 * one request in it.
 */
export async function run(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'bench-overhead-'));
  const workspace = join(home, 'workspace');
  cpSync(join(root, 'local', 'example'), workspace, { recursive: true });
  const server = await startCacheServer({ directory: join(home, 'entries') });
  try {
    const rows: Record<'total' | 'restore' | 'list' | 'lookup' | 'overhead', number>[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const temp = join(home, `temp-${round}`);
      const runner = new LocalRunner({ workspace, temp, action: root, cache: server, runId: String(round) });
      const main = await runner.main({ with: { 'module-cache': 'false' } });
      const report: Report = JSON.parse(readFileSync(main.outputs['report'] ?? '', 'utf8'));
      await runner.post();
      if (round === 0) continue; // It fills the cache.
      if (report.restore.outcome !== 'exact') throw new Error('the restore was not exact');
      const list = await seconds(() => listPackages(runner, join(temp, 'empty')));
      const store = new CacheStore(join(temp, 'store'), server.environment());
      const lookup = await seconds(() => store.lookup(['nothing-has-this-key']));
      const { totalSeconds: total, restore } = report;
      const overhead = total - restore.waitedSeconds - list + lookup;
      rows.push({ total, restore: restore.waitedSeconds, list, lookup, overhead });
      rmSync(temp, { recursive: true, force: true });
    }
    console.log(`The example project, exact hits; seconds, median of ${rounds} rounds.`);
    console.log(
      '| whole main step | waiting for the restore | go list | a look-up | overhead | should be |\n|--:|--:|--:|--:|--:|--:|',
    );
    const cells = (['total', 'restore', 'list', 'lookup', 'overhead'] as const).map((column) =>
      median(rows.map((row) => row[column])).toFixed(3),
    );
    console.log(`| ${cells.join(' | ')} | < 0.5 |`);
  } finally {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The listing that main does, with a GOCACHE as empty as main's is then. */
async function listPackages(runner: LocalRunner, gocache: string): Promise<void> {
  const fields = '-json=ImportPath,Dir,GoFiles,TestGoFiles,Match,Module';
  const args = ['list', '-e', '-deps', '-test', fields, './...', './tests/...'];
  const { exitCode, log } = await runner.exec('go', args, { env: { GOCACHE: gocache } });
  if (exitCode !== 0) throw new Error(log);
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
