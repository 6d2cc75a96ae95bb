import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { type Job, Scenario } from './scenario.ts';

/** What docs/threat-model.md says that no check can see: it must stay true, or the page change. */

/** The hash of the compiled package, as the job's plain `go test` uses it. */
async function outputOf(job: Job, name: string): Promise<string> {
  const { log } = await job.go('list', '-export', '-f', '{{.Export}}', name);
  return basename(log.trim()).slice(0, 64);
}

/** Has every record in GOCACHE that names an output name another instead. Gives how many did. */
function lie(gocache: string, honest: string, other: string): number {
  const records = readdirSync(gocache, { recursive: true }).map(String);
  const changed = records.filter((name) => {
    if (!name.endsWith('-a')) return false;
    const text = readFileSync(join(gocache, name), 'latin1');
    if (text.slice(68, 132) !== honest) return false;
    const bytes = readFileSync(join(gocache, other.slice(0, 2), `${other}-d`)).length;
    writeFileSync(
      join(gocache, name),
      `${text.slice(0, 68)}${other} ${String(bytes).padStart(20)}${text.slice(153)}`,
    );
    return true;
  });
  return changed.length;
}

test('a record that names the output of other sources is restored, and Go links what it names', async () => {
  const scenario = await Scenario.start();
  const honest = 'package plainlib\n\nfunc Two() int { return 2 }\n';
  const job = scenario.job();
  await job.main();
  await job.tests();
  scenario.write({ 'plainlib/plainlib.go': honest.replace('2 }', '40 }') });
  const other = await outputOf(job, './plainlib');
  scenario.write({ 'plainlib/plainlib.go': honest });
  expect(lie(job.gocache, await outputOf(job, './plainlib'), other)).toBe(1);
  await job.go('test', './tests/...'); // Uses both: what nobody uses is not saved.
  await job.post();

  const victim = scenario.job({ cold: true });
  await victim.main();
  expect(victim.report().restore.outcome).toBe('exact');
  const { exitCode, log } = await victim.go('test', './tests/...');
  expect(exitCode).toBe(1);
  expect(log).toContain('smoke_test.go:11: 41');
});

test('what a test prints with -v is in the set, for everyone who may restore it', async () => {
  // Put together when it runs, so that no compiled package holds it.
  const body = 'func TestOne(t *testing.T) { println(strings.Repeat("secret ", 3)) }\n';
  const print = `package leaf\n\nimport (\n\t"strings"\n\t"testing"\n)\n\n${body}`;
  const scenario = await Scenario.start();
  scenario.write({ 'leaf/leaf_test.go': print });
  const job = scenario.job();
  await job.main();
  await job.go('test', '-v', './leaf'); // Without -v, Go keeps its last line alone.
  await job.post();
  const reader = scenario.job({ cold: true, eventName: 'pull_request', ref: 'refs/pull/7/merge' });
  await reader.main();
  const files = readdirSync(reader.gocache, { recursive: true, withFileTypes: true });
  const outputs = files.filter((file) => file.isFile() && file.name.endsWith('-d'));
  const texts = outputs.map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'));
  expect(texts.some((text) => text.includes('secret '.repeat(3)))).toBe(true);
});
