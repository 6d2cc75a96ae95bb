import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { scopesOf } from '../../local/server/tokens.ts';
import type { Job, JobOptions, Scenario } from '../bundle/scenario.ts';
import { type Build, builtRecords, type ColdBuilds, type Objects, strangeSources } from './cold.ts';
import {
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
    readonly stored: readonly Entry[];
    readonly trouble: Trouble;
  },
): Promise<Run> {
  const { id, plan, sources, stored, trouble } = options;
  const wanted = { on: plan.on, group: `${plan.mode} ${plan.name}`, content: contentOf(sources) };
  const expected = restored(stored, wanted, trouble);
  const hit = expected.outcome === 'exact' || expected.outcome === 'partial';
  checkOut(workspace, sources);
  // Where a set is restored, nothing else is in GOCACHE.
  const job = scenario.job({ ...jobOptions(plan, scenario), workspace, runId: String(id), cold: hit });
  const main = await job.main();
  expect(main.exitCode, main.log).toBe(0);
  const { outcome, matchedKey, primaryKey } = job.report().restore;
  expect(outcome, main.log).toBe(expected.outcome);
  if (outcome === 'exact') expect(matchedKey).toBe(expected.entry?.key);
  await runCommands(job, plan, expected, sources);
  return {
    ...{ job, id: `${id}.1`, plan, wanted, restored: expected, primaryKey, seeded: !hit },
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

/** The entry that a run may have stored. */
export function entryOf(
  { id, plan, wanted, build, restored: before, primaryKey, seeded }: Run,
  kind: 'whole' | 'unwarmed',
  cold: ColdBuilds,
): Entry {
  const prefix = primaryKey.replace(/[^-]*$/, '');
  // Nothing is swept after a failure, and from a set that is exact.
  const keepsAll = plan.fails || before.outcome === 'exact';
  const kept = seeded ? cold.seedBytes : (before.entry?.bytes ?? 0);
  return {
    key: kind === 'whole' ? `${primaryKey}-${id}` : `${prefix}unwarmed-${id}`,
    ...{ ref: places[plan.on][0], group: wanted.group, broken: false, builds: plan.builds },
    content: kind === 'whole' ? wanted.content : null,
    bytes: cold.of(build).entryBytes + (keepsAll ? kept : 0),
  };
}

/** The names of the objects in a stored entry, as tar lists them. */
export function namesIn(scenario: Scenario, id: number): string[] {
  const directory = scenario.home;
  const tar = (...args: readonly string[]): string =>
    execFileSync('tar', ['--zstd', ...args], { cwd: directory, encoding: 'utf8', maxBuffer: 1e9 });
  tar('-xf', join('entries', 'blobs', String(id)));
  const pack = 'gobuild-test-pack';
  const manifest: { readonly parts: readonly { readonly name: string }[] } = JSON.parse(
    readFileSync(join(directory, pack, 'manifest.json'), 'utf8'),
  );
  const listed = manifest.parts.map(({ name }) => tar('-tf', join(pack, name)));
  return listed.flatMap((list) => list.split('\n').filter((name) => name !== '')).sort();
}
