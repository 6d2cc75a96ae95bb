import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scopesOf } from '../../local/server/tokens.ts';
import { objectRules } from '../../src/gocache/layout.ts';
import { readPack } from '../../src/pack/read.ts';
import { readLayers } from '../../src/pack/read-layers.ts';
import { topKeyOn } from '../../src/store/key.ts';
import type { Job, JobOptions, Scenario } from '../bundle/scenario.ts';
import { type Build, builtRecords, type ColdBuilds, type Objects, strangeSources } from './cold.ts';
import {
  type Base,
  type Cache,
  contentOf,
  type Entry,
  type JobPlan,
  places,
  type Restored,
  restored,
  type Trouble,
  type Wanted,
} from './model.ts';
import { checkOut, goCommands, type Sources } from './sources.ts';

/** Where the runs of a history take place. */
export interface Surroundings {
  readonly scenario: Scenario;
  /** The same for all: a package's directory is in its action ID. */
  readonly workspace: string;
  readonly cold: ColdBuilds;
}

/** A run of the action that has come to its post step. */
export interface Run {
  readonly job: Job;
  /** `<run id>.<attempt>` */
  readonly id: string;
  readonly plan: JobPlan;
  readonly wanted: Wanted;
  readonly build: Build;
  readonly restored: Restored;
  /** Whether the standard library was in its GOCACHE before. */
  readonly seeded: boolean;
  /** Of the content: what an exact key begins with. */
  readonly primaryKey: string;
}

/** Main and the job's own go commands, with what must be true of them. */
export async function begin(
  { scenario, workspace }: Surroundings,
  options: {
    readonly id: number;
    readonly plan: JobPlan;
    readonly sources: Sources;
    readonly stored: Cache;
    readonly trouble: Trouble;
  },
): Promise<Run> {
  const { id, plan, sources, stored, trouble } = options;
  const wanted = { on: plan.on, group: `${plan.mode} ${plan.name}`, content: contentOf(sources) };
  const expected = restored(stored, wanted, trouble);
  checkOut(workspace, sources);
  // Where a set is restored, nothing else is in GOCACHE.
  const cold = expected.whole;
  const job = scenario.job({ ...jobOptions(plan, scenario), workspace, runId: String(id), cold });
  const main = await job.main();
  expect(main.exitCode, main.log).toBe(0);
  const { outcome, matchedKey, primaryKey, baseKey } = job.report().restore;
  expect([outcome, baseKey], main.log).toEqual([expected.outcome, expected.base]);
  if (outcome === 'exact') expect(matchedKey).toBe(expected.entry?.key);
  await runCommands(job, plan, expected, sources);
  return {
    ...{ job, id: `${id}.1`, plan, wanted, restored: expected, primaryKey, seeded: !cold },
    build: { sources, mode: plan.mode, builds: plan.builds },
  };
}

function jobOptions(plan: JobPlan, { server }: Scenario): JobOptions {
  const [ref, base] = places[plan.on];
  const pull = ref.startsWith('refs/pull/');
  const inputs = {
    name: plan.name,
    save: plan.saves ? 'always' : 'auto',
    warm: plan.warms ? 'auto' : 'never',
    'build-flags': plan.mode === 'set' ? '' : `-covermode=${plan.mode}`,
  };
  const readOnly = server.environment({ scopes: scopesOf({ ref, readOnly: true }) });
  return {
    ...{ ref, with: inputs, token: server.apiToken(plan.deletes ? 'write' : 'read') },
    ...(pull ? { eventName: 'pull_request', baseRef: (base ?? '').replace('refs/heads/', '') } : {}),
    ...(plan.on === 'fork' ? { cache: readOnly } : {}),
  };
}

/** The job's tests pass, and compile nothing where a warm or an exact set came before; nor does a build that is in it. */
async function runCommands(
  job: Job,
  { mode, builds, fails, warms }: JobPlan,
  { outcome, entry }: Restored,
  sources: Sources,
): Promise<void> {
  const all = goCommands(sources, mode, builds);
  for (const [at, args] of all.entries()) {
    if (fails && at > 0) return;
    const { exitCode, log, compiled } = await job.go(...args);
    expect(exitCode, log).toBe(0);
    const known = args[0] === 'test' ? outcome === 'exact' || warms : outcome === 'exact' && entry?.builds;
    if (known) expect(compiled).toEqual([]);
  }
}

/** What must be true of GOCACHE after post. */
export function checkObjects(run: Run, objects: Objects, cold: ColdBuilds): void {
  const { plan, build, restored: before } = run;
  const { outcome, entry } = before;
  const built = builtRecords(objects);
  if (plan.fails) {
    // The job did not come to its last tests; the warm has compiled them all the same.
    if (!plan.warms && outcome !== 'exact') return;
    const tests = builtRecords(cold.of({ ...build, builds: false }));
    expect(built).toEqual(expect.arrayContaining(tests.filter((one) => /^(archive|vet) /.test(one))));
  } else if (outcome === 'exact') {
    expect(built).toEqual(builtRecords(cold.of({ ...build, builds: plan.builds || entry?.builds === true })));
  } else {
    const reference = cold.of(build);
    expect(built).toEqual(builtRecords(reference));
    expect(objects.unnamed).toEqual([]);
    expect(strangeSources(objects, reference)).toEqual([]);
  }
}

/** What a run stores of its kind, in the order in which it stores them. */
export function storedBy(
  { id, plan, wanted, build, restored: before, primaryKey, seeded }: Run,
  kind: 'whole' | 'unwarmed',
  layers: { readonly base: Base | undefined; readonly newBase: string | null },
  cold: ColdBuilds,
): { readonly base: Base | undefined; readonly entry: Entry } {
  const prefix = primaryKey.replace(/[^-]*$/, '');
  // Nothing is swept after a failure, and from a set that is exact.
  const keepsAll = plan.fails || before.outcome === 'exact';
  const kept = seeded ? cold.seedBytes : setBytes(before.entry, layers.base);
  const whole = cold.of(build).entryBytes + (keepsAll ? kept : 0);
  const common = { ref: places[plan.on][0], group: wanted.group, broken: false };
  const base: Base | undefined =
    layers.newBase === null ? layers.base : { ...common, kind: 'base', key: layers.newBase, bytes: whole };
  const key = kind === 'whole' ? `${primaryKey}-${id}` : `${prefix}unwarmed-${id}`;
  const entry: Entry = {
    ...{ ...common, kind: 'set', builds: plan.builds, content: kind === 'whole' ? wanted.content : null },
    ...{ key: base === undefined ? key : topKeyOn(base.key, key), base: base?.key ?? null },
    usableAlone: false,
    bytes: bytesOf(),
  };
  return { base: layers.newBase === null ? undefined : base, entry };

  /** A top on a new base holds nothing; a larger one than a tenth of its base is not written but by a pull request. */
  function bytesOf(): number {
    if (layers.newBase !== null) return 64 * 1024;
    if (layers.base === undefined || plan.on !== 'main') return whole;
    return layers.base.bytes / 10 + 64 * 1024;
  }
}

function setBytes(entry: Entry | undefined, base: Base | undefined): number {
  return (entry?.bytes ?? 0) + (base?.bytes ?? 0);
}

/** A set as it is stored: its objects' names, and whether its top holds some of which none needs the base. */
export async function readStored(
  { home, server }: Scenario,
  {
    entry,
    base,
  }: { readonly entry: number; readonly base: { readonly id: number; readonly key: string } | null },
): Promise<{ readonly names: readonly string[]; readonly usableAlone: boolean }> {
  const scratch = mkdtempSync(join(home, 'stored-'));
  const unpacked = (id: number): string => {
    const directory = join(scratch, String(id));
    mkdirSync(directory);
    execFileSync('tar', ['--zstd', '-xf', join(server.directory, 'blobs', String(id)), '-C', directory]);
    return join(directory, 'gobuild-test-pack');
  };
  const top = unpacked(entry);
  const into = { target: join(scratch, 'target'), rules: objectRules };
  const aside = { directory: join(scratch, 'aside'), keep: 'needed' } as const;
  const { written } =
    base === null
      ? await readPack({ directory: top, ...into })
      : await readLayers({ top, base: { directory: unpacked(base.id), key: base.key }, aside, ...into });
  const { files, deltas = [] }: { files: number; deltas?: unknown[] } = JSON.parse(
    readFileSync(join(top, 'manifest.json'), 'utf8'),
  );
  rmSync(scratch, { recursive: true });
  return { names: [...written].sort(), usableAlone: base !== null && files > 0 && deltas.length === 0 };
}
