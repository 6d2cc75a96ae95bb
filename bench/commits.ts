import { execFileSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CacheServer, startCacheServer } from '../local/server/server.ts';
import { type Commit, history, module, packagesOf, sumOf } from './commits-project.ts';
import {
  commitTable,
  type Measured,
  resultTable,
  type Step,
  type Timed,
  titles,
  type WayName,
  wayNames,
} from './commits-rows.ts';
import { machineLines } from './machine.ts';
import { peakVariables, readPeaks } from './peak.ts';
import { plot } from './plot.ts';
import { tellScale } from './scale.ts';
import { Toolkit } from './toolkit.ts';
import { Action, type Way, Whole } from './ways.ts';

const command = ['test', '-cover', '-run=^$', './...'];
const warms = [['test', '-run=^$', './...'], command];
const restoreRounds = 5;
const picture = resolve(import.meta.dirname, '../docs/commits.svg');

/**
 * A real project over ten versions and some small edits, each a push to the default branch: this action beside what a user
 * would write with actions/cache, through the real protocol. Draws docs/commits.svg.
 */
export async function run(): Promise<void> {
  const measured = await measure(history({ version: 10, wide: 5, leaf: 3 }));
  tell(measured);
  tellScale();
}

/** What all ways do at the commits. */
export async function measure(commits: readonly Commit[]): Promise<Measured> {
  const home = mkdtempSync(join(tmpdir(), 'bench-commits-'));
  const servers: CacheServer[] = [];
  const start = async (name: string): Promise<CacheServer> => {
    const server = await startCacheServer({ directory: join(home, 'servers', name) });
    servers.push(server);
    return server;
  };
  try {
    return await new Bench(home, start).measure(commits);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
    rmSync(home, { recursive: true, force: true });
  }
}

class Bench {
  readonly #home: string;
  readonly #workspace: string;
  readonly #start: (name: string) => Promise<CacheServer>;

  constructor(home: string, start: (name: string) => Promise<CacheServer>) {
    this.#home = home;
    this.#workspace = join(home, 'workspace');
    this.#start = start;
  }

  async measure(commits: readonly Commit[]): Promise<Measured> {
    const env = peakVariables(this.#peaks);
    const action = new Action(await this.#start('action'), this.#place('action'), env);
    const usual = new Whole(await this.#start('usual'), this.#place('usual'), {
      keyOf: (id) => `gocache-${id}`,
    });
    const ways: Record<WayName, Way> = {
      ...{ action, usual },
      sum: new Whole(await this.#start('sum'), this.#place('sum'), {
        keyOf: () => `gocache-${hash('sha256', sumOf(this.#workspace))}`,
      }),
      warmed: new Whole(await this.#start('warmed'), this.#place('warmed'), {
        ...{ keyOf: (id) => `gocache-${id}`, warms },
      }),
    };
    const single = new Toolkit(await this.#start('single'), this.#home, 'single');
    const steps: Step[] = [];
    for (const [at, commit] of commits.entries()) {
      console.error(`commit ${at + 1} of ${commits.length}: ${commit.name}`);
      commit.apply(this.#workspace);
      steps.push(await this.#step(commit, String(at + 1), { ways, action, usual, single }));
    }
    const restores = await this.#restores(action, usual, single);
    const cold = new Action(await this.#start('cold'), this.#place('cold'), env);
    await cold.work('1');
    await cold.save();
    return { steps, restores, coldSetBytes: stored(cold), peaks: readPeaks(this.#peaks) };
  }

  get #peaks(): string {
    return join(this.#home, 'peaks');
  }

  #place(name: string) {
    return { home: join(this.#home, name), workspace: this.#workspace, command };
  }

  /**
   * One way after the other, so that each has the machine for itself. The usual recipe is the machine that never loses its
   * GOCACHE, too: it restores the newest entry, and nothing of what was saved is lost on the way (ways.ts looks).
   */
  async #step(
    { name, kind }: Commit,
    runId: string,
    {
      ways,
      action,
      usual,
      single,
    }: {
      readonly ways: Readonly<Record<WayName, Way>>;
      readonly action: Action;
      readonly usual: Whole;
      readonly single: Toolkit;
    },
  ): Promise<Step> {
    const compiled: [WayName, readonly string[]][] = [];
    const uploaded: [WayName, number][] = [];
    let asOne: number | undefined;
    for (const way of wayNames) {
      compiled.push([way, await ways[way].work(runId)]);
      uploaded.push([way, await ways[way].save(runId)]);
      // At once after the save that it is compared with.
      if (ways[way] === action && kind !== 'version')
        asOne = await single.save(action.gocache, `edit-${runId}`);
    }
    const { save } = action.report();
    const paths = new Set(packagesOf(this.#workspace).map(({ ImportPath }) => ImportPath));
    const own = new Set(recordOf(compiled).usual.filter((path) => paths.has(path)));
    return {
      ...{ name, kind },
      stored: recordOf(wayNames.map((way) => [way, stored(ways[way])])),
      uploaded: recordOf(uploaded),
      compiled: { ours: action.compiled, other: usual.compiled },
      own: { compiled: own.size, all: paths.size },
      newBase: save.base !== null,
      ...(asOne === undefined
        ? {}
        : { save: { ours: save.seconds, other: asOne, usual: usual.saveSeconds } }),
      supersedeSeconds: action.supersedeSeconds(),
    };
  }

  /** The last set: the action's two layers; the same objects as one entry; what the usual recipe has. */
  async #restores(action: Action, usual: Whole, single: Toolkit): Promise<Timed[]> {
    const { gocache } = action;
    await single.save(gocache, 'set');
    await settled();
    let moved = 0;
    const moveAway = (directory: string) => {
      const away = join(this.#home, 'away');
      mkdirSync(away, { recursive: true });
      moved += 1;
      renameSync(directory, join(away, String(moved)));
    };
    const ways = {
      ours: async () => {
        moveAway(dirname(gocache));
        const { restore } = await action.begin(`restore-${moved}`, { warm: 'never' });
        if (restore.outcome !== 'exact' || restore.baseKey === null)
          throw new Error('no base and top were restored');
        return restore.seconds;
      },
      other: async () => {
        moveAway(gocache);
        const { matched, seconds } = await single.restore(gocache, 'set');
        if (matched !== 'set') throw new Error('the one entry was not restored');
        return seconds;
      },
      usual: async () => {
        moveAway(usual.gocache);
        return await usual.restore();
      },
    };
    const restores: Timed[] = [];
    for (let round = 0; round < restoreRounds; round += 1) {
      const seconds = { ours: Number.NaN, other: Number.NaN, usual: Number.NaN };
      // Forth and back, so that none is always the first.
      const order =
        round % 2 === 0 ? (['ours', 'other', 'usual'] as const) : (['usual', 'other', 'ours'] as const);
      for (const way of order) seconds[way] = await ways[way]();
      restores.push(seconds);
    }
    return restores;
  }
}

/**
 * Waits until a new file costs what it does on a machine that has deleted nothing: ext4 looks for an inode that was not
 * deleted within the last minute, or five while that is not on the disk yet (recently_deleted in fs/ext4/ialloc.c).
 */
async function settled(): Promise<void> {
  execFileSync('sync');
  await sleep(65_000);
}

/** Prints the tables, and draws the plot. */
export function tell(measured: Measured): void {
  console.log(`${module}, \`go ${command.join(' ')}\` at each commit; MB of 1,000,000 bytes.\n`);
  console.log(commitTable(measured.steps));
  console.log(`\n${resultTable(measured)}`);
  writeFileSync(picture, drawn(measured));
}

function drawn({ steps }: Measured): string {
  const series = wayNames.map((way) => ({
    name: titles[way],
    values: steps.map(({ stored }) => stored[way]),
  }));
  return plot({
    title: 'Stored bytes in the repository after each commit',
    labels: steps.map(({ name }) => name),
    series,
    notes: [`${module}, go ${command.join(' ')}`, ...machineLines()],
  });
}

function stored({ server }: Way): number {
  return server.entries().reduce((sum, { bytes }) => sum + bytes, 0);
}

function recordOf<T>(values: readonly (readonly [WayName, T])[]): Record<WayName, T> {
  return Object.fromEntries(values) as Record<WayName, T>;
}
