import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '../..');
const directory = join(root, '.github', 'workflows');
const files = readdirSync(directory).filter((name) => name.endsWith('.yml'));

describe.each([
  { tool: 'actionlint', args: files.map((name) => join(directory, name)) },
  {
    tool: 'zizmor',
    args: [
      ...['--offline', '--no-progress', ...files.map((name) => join(directory, name))],
      ...['action.yml', 'restore/action.yml', 'save/action.yml'],
    ],
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
  const text = readFileSync(join(directory, name), 'utf8');
  const workflow: Workflow = parse(text);
  const jobs = Object.entries(workflow.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps);

  it('names every action of others by its full commit, with the version as a comment', () => {
    const uses = text.split('\n').filter((line) => /^\s*(- )?uses:/.test(line) && !/uses: [.$]\//.test(line));
    expect(uses).not.toEqual([]);
    for (const line of uses) expect(line).toMatch(/uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('names one action by one commit everywhere', () => {
    const uses = new Set(steps.flatMap((step) => (step.uses?.includes('@') ? [step.uses] : [])));
    const actions = [...uses].map((one) => one.split('@')[0]);
    expect(actions).toEqual([...new Set(actions)]);
  });

  it('checks out without credentials', () => {
    const checkouts = steps.filter((step) => step.uses?.startsWith('actions/checkout@'));
    expect(checkouts).toHaveLength(jobs.length);
    for (const step of checkouts) expect(step.with?.['persist-credentials']).toBe(false);
  });

  it('gives setup-go "cache: false", as the README says', () => {
    const setups = steps.filter((step) => step.uses?.startsWith('actions/setup-go@'));
    for (const step of setups) expect(step.with?.['cache']).toBe(false);
  });

  it('puts no expression into a script', () => {
    for (const step of steps) expect(step.run ?? '').not.toContain('${{');
  });

  // What is called has these from its caller: seeder.test.ts.
  if ('workflow_call' in Object(workflow.on)) return;

  it('may read the contents and nothing else', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    for (const [, job] of jobs) expect(job.permissions).toBeUndefined();
  });

  it('ends: every job has a time limit, and a newer run of a pull request replaces the older', () => {
    for (const [, job] of jobs) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
    expect(workflow.concurrency.group).toContain('github.ref');
  });

  it('runs on images of a fixed version', () => {
    const images = jobs.flatMap(([, job]) =>
      job['runs-on'].includes('matrix.os')
        ? (job.strategy?.matrix.os ?? job.strategy?.matrix.include?.map((one) => one.os) ?? [])
        : [job['runs-on']],
    );
    expect(images).not.toEqual([]);
    for (const image of images) expect(image).toMatch(/^(ubuntu|macos|windows)-\d+(\.\d+)?$/);
  });
});

interface Workflow {
  readonly on: unknown;
  readonly permissions: unknown;
  readonly concurrency: { readonly group: string };
  readonly jobs: Readonly<Record<string, Job>>;
}

interface Job {
  readonly permissions?: unknown;
  readonly 'runs-on': string;
  readonly 'timeout-minutes': number;
  readonly strategy?: {
    readonly matrix: { readonly os?: string[]; readonly include?: { readonly os: string }[] };
  };
  readonly steps: readonly Step[];
}

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
