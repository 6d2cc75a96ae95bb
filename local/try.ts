import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { readContext } from '../src/config/context.ts';
import { moduleDirectories } from '../src/config/directories.ts';
import { parseInputs } from '../src/config/inputs.ts';
import { openDirectory } from '../src/flow/directory.ts';
import { survey } from '../src/flow/survey.ts';
import { openUnits } from '../src/flow/units.ts';
import { commandRunner, goEnvironment } from '../src/go/command.ts';
import { readGoEnv } from '../src/go/environment.ts';
import { mapLimited } from '../src/go/limited.ts';
import { commandLimit } from '../src/go/split.ts';
import type { Report } from '../src/report/report.ts';
import { verdict, worthLine, worthOf } from '../src/report/verdict.ts';
import { compiledPackages } from './graph.ts';
import { logPrinter } from './log-printer.ts';
import { readActionFile } from './runner/action-file.ts';
import { LocalRunner } from './runner.ts';
import { startCacheServer } from './server/server.ts';
import { type TriedRun, table } from './try-table.ts';

/**
 * `npm run try [-- DIR] [--with NAME=VALUE]...`: the built action's main and post, twice, as a push to the default
 * branch would run them on the Go project in DIR, with a cache server on loopback. Between the two, the job: the
 * same go commands, which compile and link but run no test, since a test may need what is not here.
 */
const root = resolve(import.meta.dirname, '..');
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { with: { type: 'string', multiple: true, default: [] } },
});
const project = resolve(process.env['INIT_CWD'] ?? '.', positionals[0] ?? join(root, 'local', 'example'));
const inputs: Record<string, string> = Object.fromEntries(
  values.with.map((pair) => /^([^=]+)=(.*)$/s.exec(pair)?.slice(1, 3) ?? [pair, '']),
);

if (!existsSync(project)) {
  console.error(`${project} does not exist: npm run try -- DIR takes the directory of a Go project`);
  process.exit(1);
}
const home = mkdtempSync(join(tmpdir(), 'gobuild-test-try-'));
const server = await startCacheServer({ directory: join(home, 'entries') });
try {
  const runs: TriedRun[] = [];
  for (const id of ['1', '2']) runs.push(await oneRun(id));
  console.log(`\n${table(runs)}\n`);
} catch (error) {
  console.error(`\n${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
} finally {
  await server.close();
  rmSync(home, { recursive: true, force: true });
}

async function oneRun(runId: string): Promise<TriedRun> {
  const temp = join(home, 'temp', runId);
  const runner = new LocalRunner({
    ...{ workspace: project, temp, action: root, cache: server, runId, stream: logPrinter(process.stdout) },
    token: server.apiToken('write'),
  });
  heading(`Run ${runId}: main`);
  const main = await runner.main({ with: inputs });
  const reportPath = main.outputs['report'];
  if (main.exitCode !== 0 || reportPath === undefined) throw new Error('main failed: see the log above');

  heading(`Run ${runId}: the job's own go test, without running a test`);
  const compiled = await runJob(runner, temp);

  heading(`Run ${runId}: post`);
  await runner.post();
  const report: Report = JSON.parse(readFileSync(reportPath, 'utf8'));
  const worth = worthOf(report);
  console.log(`\n${styleText('bold', verdict(report))}`);
  if (worth !== undefined) console.log(worthLine(worth));
  return { report, compiled };
}

function heading(text: string): void {
  console.log(`\n${styleText('bold', `=== ${text}`)}`);
}

/** @returns the packages that the job's commands compiled */
async function runJob(runner: LocalRunner, temp: string): Promise<readonly string[]> {
  const { defaults } = readActionFile(root);
  const wanted = parseInputs((name) => inputs[name] ?? defaults[name] ?? '', 1);
  // Apart from the action's GOCACHE: what this listing uses is not what the job uses.
  const run = commandRunner(goEnvironment(process.env, join(temp, 'listing')));
  const context = readContext(
    { GITHUB_WORKSPACE: project, RUNNER_TEMP: temp },
    process.platform,
    process.arch,
  );
  const paths = await moduleDirectories(wanted.workingDirectories, project);
  const directories = await mapLimited(paths, 1, async (path) =>
    openDirectory(run, path, await readGoEnv(run, path)),
  );
  const surroundings = { context, env: process.env, processors: 1 };
  const { units } = await openUnits({ run, directories, inputs: wanted, ...surroundings });
  const { steps } = await survey(units, {
    ...{ workspace: project, processors: 1, recipe: { wrapper: undefined, platform: process.platform } },
    limit: commandLimit(process.platform),
  });
  const compiled: string[] = [];
  for (const [at, { args, env, directory: cwd }] of steps.entries()) {
    const graph = join(temp, `graph-${at}.json`);
    const [verb = '', ...words] = args;
    const ran = await runner.exec('go', [verb, `-debug-actiongraph=${graph}`, ...words], { env, cwd });
    if (ran.exitCode !== 0) throw new Error("the job's go command failed: see the log above");
    compiled.push(...compiledPackages(graph));
  }
  return compiled;
}
