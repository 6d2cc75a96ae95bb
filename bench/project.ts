import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { checkOut } from '../local/checkout.ts';
import { compiledPackages } from '../local/graph.ts';
import { LocalRunner } from '../local/runner.ts';
import { type CacheServer, startCacheServer } from '../local/server/server.ts';
import { scan } from '../src/gocache/scan.ts';
import { median } from './median.ts';
import { Toolkit } from './toolkit.ts';

const root = resolve(import.meta.dirname, '..');
const module = 'github.com/go-task/task/v3';
const versions = ['v3.49.0', 'v3.49.1', 'v3.51.0', 'v3.51.1'];
const command = ['test', '-cover', '-run=^$', './...'];
const pairs = 3;

/** What one way has after a version: the cache in GOCACHE, the newest entry, all entries together. Bytes. */
interface After {
  readonly gocache: number;
  readonly entry: number;
  readonly stored: number;
  /** By the job's own command, after main or after the restore. */
  readonly compiled: number;
}

/**
 * A real project over several versions, each a run on the default branch: this action beside the usual recipe, a
 * whole GOCACHE that is restored by prefix and saved under a new key each time. One server for each.
 */
export async function run(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'bench-project-'));
  const ours = await startCacheServer({ directory: join(home, 'ours') });
  const usual = await startCacheServer({ directory: join(home, 'usual') });
  try {
    console.log(`${module}, \`go ${command.join(' ')}\` at each version; MB of 1,000,000 bytes.`);
    console.log(
      '| version | | GOCACHE | newest entry (of this action the top) | all entries | packages the job compiled |',
    );
    console.log('|:--|:--|--:|--:|--:|--:|');
    for (const [index, version] of versions.entries()) {
      const workspace = join(home, 'workspace');
      checkOut(workspace, module, version);
      print(version, 'this action', await withAction(ours, home, workspace, String(index + 1)));
      print('', 'whole GOCACHE', await withRecipe(usual, home, workspace, String(index + 1)));
    }
    console.log(`\nThe last state restored, seconds, ${pairs} pairs: ${await restores(ours, usual, home)}`);
  } finally {
    await Promise.all([ours.close(), usual.close()]);
    rmSync(home, { recursive: true, force: true });
  }
}

async function withAction(
  server: CacheServer,
  home: string,
  workspace: string,
  runId: string,
): Promise<After> {
  const temp = join(home, `ours-${runId}`);
  const runner = new LocalRunner({ workspace, temp, action: root, cache: server, runId });
  const main = await runner.main({ with: { 'module-cache': 'false' } });
  if (main.exitCode !== 0) throw new Error(main.log);
  const compiled = await job(runner, temp);
  await runner.post();
  const after = look(server, main.outputs['gocache'] ?? '', compiled);
  rmSync(temp, { recursive: true, force: true });
  return after;
}

async function withRecipe(
  server: CacheServer,
  home: string,
  workspace: string,
  runId: string,
): Promise<After> {
  const gocache = join(home, 'usual-gocache');
  rmSync(gocache, { recursive: true, force: true });
  mkdirSync(gocache);
  const temp = join(home, `usual-${runId}`);
  const runner = new LocalRunner({ workspace, temp, action: root, cache: server, runId });
  const toolkit = new Toolkit(server, home, 'toolkit');
  await toolkit.restore(gocache, `usual-${runId}`, ['usual-']);
  const compiled = await job(runner, temp, { GOCACHE: gocache });
  await toolkit.save(gocache, `usual-${runId}`);
  return look(server, gocache, compiled);
}

async function job(runner: LocalRunner, temp: string, env: Record<string, string> = {}): Promise<number> {
  const graph = join(temp, 'graph.json');
  const [verb = '', ...words] = command;
  const { exitCode, log } = await runner.exec('go', [verb, `-debug-actiongraph=${graph}`, ...words], { env });
  if (exitCode !== 0) throw new Error(log);
  return compiledPackages(graph).length;
}

function look(server: CacheServer, gocache: string, compiled: number): After {
  const entries = [...server.entries()].sort((a, b) => a.createdAt - b.createdAt);
  return {
    gocache: scan(gocache).reduce((sum, object) => sum + object.bytes, 0),
    entry: entries.at(-1)?.bytes ?? 0,
    stored: entries.reduce((sum, entry) => sum + entry.bytes, 0),
    compiled,
  };
}

function print(version: string, way: string, { gocache, entry, stored, compiled }: After): void {
  const sizes = [gocache, entry, stored].map((bytes) => (bytes / 1e6).toFixed(1));
  console.log(`| ${[version, way, ...sizes, compiled].join(' | ')} |`);
}

/** Restores the last state of each way, in turn. */
async function restores(ours: CacheServer, usual: CacheServer, home: string): Promise<string> {
  const [action, recipe]: [number[], number[]] = [[], []];
  const toolkit = new Toolkit(usual, home, 'toolkit');
  for (let pair = 0; pair < pairs; pair += 1) {
    const temp = join(home, `restore-${pair}`);
    const runner = new LocalRunner({ workspace: join(home, 'workspace'), temp, action: root, cache: ours });
    const main = await runner.main({ with: { 'module-cache': 'false', warm: 'never' } });
    action.push(Number(/^Restored .* in ([\d.]+) s/m.exec(main.log)?.[1]));
    rmSync(temp, { recursive: true, force: true });
    const gocache = join(home, 'usual-gocache');
    rmSync(gocache, { recursive: true, force: true });
    recipe.push((await toolkit.restore(gocache, 'usual-none', ['usual-'])).seconds);
  }
  const ratios = action.map((value, index) => (value / (recipe[index] ?? Number.NaN)).toFixed(2));
  return `this action ${median(action).toFixed(1)}, whole GOCACHE ${median(recipe).toFixed(1)}, ratios ${ratios.join(', ')}`;
}
