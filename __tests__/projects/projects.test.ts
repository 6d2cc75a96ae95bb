import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkOut } from '../../local/checkout.ts';
import { scan } from '../../src/gocache/scan.ts';
import { type Job, Scenario } from '../bundle/scenario.ts';

/** Real projects from the Go module proxy; a version after the other stands for a commit. */
interface Project {
  readonly module: string;
  readonly versions: readonly [string, string];
  readonly inputs: Readonly<Record<string, string>>;
  /** What the job runs: the measured packages, then the plain ones. */
  readonly commands: readonly (readonly string[])[];
  /** At least so many modules are compiled in. */
  readonly modules: number;
}

const projects: readonly Project[] = [
  {
    module: 'github.com/spf13/cobra',
    versions: ['v1.10.1', 'v1.10.2'],
    inputs: { 'plain-packages': './doc/...' },
    commands: [
      ['test', '-cover', '-run=^TestRoot', `-coverprofile=${devNull}`, 'github.com/spf13/cobra'],
      ['test', './doc/...'],
    ],
    modules: 2,
  },
  {
    module: 'github.com/go-task/task/v3',
    versions: ['v3.51.0', 'v3.51.1'],
    inputs: {},
    // Its tests need what is not here; the packages are compiled and linked all the same.
    commands: [['test', '-cover', '-run=^$', './...']],
    modules: 100,
  },
];

const bytes = (gocache: string) => scan(gocache).reduce((sum, object) => sum + object.bytes, 0);

async function run(job: Job, { commands }: Project): Promise<readonly string[]> {
  const compiled: string[] = [];
  for (const command of commands) {
    const result = await job.go(...command);
    if (result.exitCode !== 0) throw new Error(result.log);
    compiled.push(...result.compiled);
  }
  return compiled;
}

test.each(projects)(
  "$module: nothing is compiled again after a restore, and after the next version the set is a cold build's",
  { timeout: 900_000 },
  async (project) => {
    const { module, versions, inputs } = project;
    const scenario = await Scenario.start({ files: {} });
    checkOut(scenario.workspace, module, versions[0]);
    const listed = execFileSync(
      'go',
      ['list', '-deps', '-test', '-f', '{{with .Module}}{{.Path}}{{end}}', './...'],
      {
        cwd: scenario.workspace,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    expect(new Set(listed.split('\n')).size).toBeGreaterThan(project.modules);

    const first = scenario.job({ cold: true, with: inputs });
    expect((await first.main()).exitCode).toBe(0);
    expect(await run(first, project)).toEqual([]);
    expect((await first.post()).report.save.outcome).toBe('saved');

    const again = scenario.job({ cold: true, with: inputs });
    await again.main();
    expect(again.report().restore.outcome).toBe('exact');
    expect(await run(again, project)).toEqual([]);
    await again.post();

    checkOut(scenario.workspace, module, versions[1]);
    const next = scenario.job({ cold: true, with: inputs });
    await next.main();
    expect(next.report().restore.outcome).toBe('partial');
    expect(await run(next, project)).toEqual([]);
    const { report } = await next.post();
    expect(report.sweep.droppedBytes).toBeGreaterThan(0);
    expect(report.save.outcome).toBe('saved');

    const cold = join(scenario.home, 'cold');
    mkdirSync(cold);
    for (const command of project.commands) {
      execFileSync('go', command, {
        cwd: scenario.workspace,
        env: { ...process.env, GOCACHE: cold },
        stdio: 'ignore',
      });
    }
    expect(Math.abs(report.sweep.keptBytes / bytes(cold) - 1)).toBeLessThan(0.02);
  },
);
