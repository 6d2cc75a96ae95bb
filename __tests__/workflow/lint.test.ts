import { spawnSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join, resolve, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

/** The workflows that run here, and the recipes: what holds for the ones holds for the others. */
const root = resolve(import.meta.dirname, '../..');
const files = globSync(['.github/workflows/*.yml', 'docs/recipes/*.yml'], { cwd: root })
  .map((name) => name.split(sep).join('/'))
  .sort();
const isRecipe = (name: string): boolean => name.startsWith('docs/');

const paths = files.map((name) => join(root, name));

describe.each([
  { tool: 'actionlint', args: paths },
  {
    tool: 'zizmor',
    args: ['--offline', '--no-progress', ...paths, 'action.yml', 'restore/action.yml', 'save/action.yml'],
  },
])('$tool', ({ tool, args }) => {
  const missing = spawnSync(tool, ['--version']).error !== undefined;
  it.skipIf(missing)(
    missing ? `skipped: ${tool} is not on PATH (.ci/tools installs it)` : 'finds nothing',
    () => {
      const { status, stdout, stderr } = spawnSync(tool, args, { cwd: root, encoding: 'utf8' });
      expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
    },
  );
});

describe.each(files)('%s', (name) => {
  const text = readFileSync(join(root, name), 'utf8');
  const workflow: Workflow = parse(text);
  const jobs = Object.values(workflow.jobs);
  const called = jobs.filter((job) => job.uses !== undefined);
  const own = jobs.filter((job) => job.uses === undefined);
  const steps = own.flatMap((job) => job.steps ?? []);

  it('names every action of others by its full commit, with the version as a comment', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line) && !ours.test(line));
    const pinned = /uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    for (const line of uses) expect(line).toMatch(pinned);
    expect(uses).not.toEqual([]);
  });

  it('checks out, in each job but one that only asks GitHub, once and without credentials', () => {
    for (const job of own) {
      const checkouts = (job.steps ?? []).filter((step) => step.uses?.startsWith('actions/checkout@'));
      expect(checkouts).toHaveLength(onlyAsks(job) ? 0 : 1);
      for (const step of checkouts) expect(step.with?.['persist-credentials']).toBe(false);
    }
  });

  it('gives setup-go "cache: false", as the README says', () => {
    const setups = steps.filter((step) => step.uses?.startsWith('actions/setup-go@'));
    for (const step of setups) expect(step.with?.['cache']).toBe(false);
  });

  it('puts no expression into a script', () => {
    for (const step of steps) expect(`${step.run} ${step.with?.['script']}`).not.toContain('${{');
  });

  // What is called has these from its caller: seeder.test.ts.
  if ('workflow_call' in Object(workflow.on)) return;

  it('may read the contents and nothing else, but for the job of a recipe that deletes entries', () => {
    expect(workflow.permissions).toEqual(jobs.every(onlyAsks) ? {} : { contents: 'read' });
    for (const job of jobs) {
      const deleting = { ...Object(workflow.permissions), actions: 'write' };
      expect(isRecipe(name) && deletes(job) ? [undefined, deleting] : [undefined]).toContainEqual(
        job.permissions,
      );
    }
  });

  it('ends: every job has a time limit, and a newer run of a pull request replaces the older', () => {
    // What is called takes its limit as an input.
    for (const job of own) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
    for (const job of called) expect(job.uses).toMatch(ourWorkflow);
    expect(workflow.concurrency.group).toContain('github.ref');
  });

  it('runs on images of a fixed version', () => {
    for (const image of own.flatMap(imagesOf)) expect(image).toMatch(/^(ubuntu|macos|windows)-\d+(\.\d+)?$/);
    for (const { container } of own) expect(container?.image ?? 'a:1.2.3').toMatch(/:\d+\.\d+\.\d+(-\w+)?$/);
  });
});

it('one action is named by one commit everywhere', () => {
  const all = files.map((name) => readFileSync(join(root, name), 'utf8')).join('\n');
  const uses = new Set([...all.matchAll(/uses: (\S+@[0-9a-f]{40})/g)].map(([, one = '']) => one));
  const actions = [...uses].map((one) => one.split('@')[0]);
  expect(actions).toEqual([...new Set(actions)]);
  expect(actions).toContain('actions/checkout');
});

/** This project's own: by a path, or as the README names it. */
const ours =
  /uses: (\.\/|\$\/|OWNER\/gobuild-test(\/restore|\/save|\/\.github\/workflows\/gobuild-test\.yml)?@v1$)/;
const ourWorkflow = /^OWNER\/gobuild-test\/\.github\/workflows\/gobuild-test\.yml@v1$/;

/** Whether a job is there to speak with GitHub's API alone. */
function onlyAsks({ steps = [] }: Job): boolean {
  return steps.length > 0 && steps.every((step) => step.uses?.startsWith('actions/github-script@'));
}

/** Whether a job saves, and so may delete what the save replaces, or is there to delete. */
function deletes(job: Job): boolean {
  const saving = (job.steps ?? []).filter(({ uses = '' }) => /^OWNER\/gobuild-test(\/save)?@/.test(uses));
  return (
    saving.some((step) => step.with?.['save'] !== 'never') ||
    ourWorkflow.test(job.uses ?? '') ||
    onlyAsks(job)
  );
}

/** The images of GitHub's that a job runs on; none for a runner of one's own. */
function imagesOf(job: Job): readonly string[] {
  const { 'runs-on': on = '' } = job;
  if (typeof on !== 'string') return on[0] === 'self-hosted' ? [] : on;
  if (!on.includes('matrix.os')) return [on];
  const { os, include } = job.strategy?.matrix ?? {};
  return os ?? include?.map((one) => one.os) ?? [''];
}

interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: unknown;
  readonly uses?: string;
  readonly 'runs-on'?: string | readonly string[];
  readonly container?: { readonly image: string };
  readonly 'timeout-minutes'?: number;
  readonly strategy?: {
    readonly matrix: { readonly os?: string[]; readonly include?: { readonly os: string }[] };
  };
  readonly steps?: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
