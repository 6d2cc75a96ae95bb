import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { scan } from '../../src/gocache/scan.ts';
import { Scenario, visible, wholeJob } from './scenario.ts';

const download = { method: 'GET' };

test('a download that is cut leaves nothing half restored, and the job compiles what it needs', async () => {
  const scenario = await Scenario.start();
  const first = await wholeJob(scenario);
  scenario.server.fault({ match: download, times: Infinity, action: { kind: 'reset', afterBytes: 200_000 } });
  const job = scenario.job({ cold: true, with: { warm: 'never' } });
  const main = await job.main();
  expect(main.exitCode).toBe(0);
  expect(job.report().restore).toMatchObject({ outcome: 'failed', matchedKey: null, objects: 0, bytes: 0 });
  expect(main.annotations).toMatchObject([
    { level: 'warning', message: expect.stringMatching(/^The set was not restored/) },
  ]);
  const kept = scan(job.gocache).length;
  expect(kept).toBeLessThan(first.report.sweep.keptObjects / 2);
});

test('a main that is killed in its warm leaves nothing to save, and the next run is as if it had not been', async () => {
  const scenario = await Scenario.start({
    files: {
      'go.mod': 'module example.com/slow\n\ngo 1.24\n',
      'a/a_test.go':
        'package a\n\nimport (\n\t"os"\n\t"testing"\n\t"time"\n)\n\nfunc TestMain(m *testing.M) {\n' +
        '\tos.WriteFile(os.Getenv("STARTED"), nil, 0o666)\n\ttime.Sleep(10 * time.Second)\n}\n',
      'b/b.go': 'package b\n',
    },
  });
  const started = join(scenario.home, 'started');
  const killed = new AbortController();
  const job = scenario.job({ env: { STARTED: started }, with: { link: 'true' } });
  const main = job.main({ signal: killed.signal });
  for (let tries = 0; !existsSync(started) && tries < 600; tries += 1) await sleep(100);
  killed.abort();
  expect((await main).exitCode).toBe(null);
  const post = await job.runner.post();
  expect(post.exitCode).toBe(0);
  expect(scenario.setKeys()).toEqual([]);
  expect(visible(post)).toEqual(['The set not saved: the warm did not succeed']);
  expect((await scenario.job({ env: { STARTED: started } }).main()).exitCode).toBe(0);
});

test('transfers leave nothing behind in RUNNER_TEMP', async () => {
  const scenario = await Scenario.start();
  const { job } = await wholeJob(scenario);
  const work = join(job.gocache, '..', 'temp-1', 'gobuild-test', 'default');
  expect(readdirSync(work).sort()).toEqual([
    'past.json',
    'report.json',
    'snapshot.json',
    'toolexec.sh',
    'toolexec.sh.compiled',
    'toolexec.sh.ran',
    'warmed.json',
  ]);
});

test('what only an action may see does not reach the code that the warm starts', async () => {
  const scenario = await Scenario.start({
    files: {
      'go.mod': 'module example.com/spy\n\ngo 1.24\n',
      'a/a_test.go':
        'package a\n\nimport (\n\t"os"\n\t"strings"\n\t"testing"\n)\n\nfunc TestMain(m *testing.M) {\n' +
        '\tos.WriteFile(os.Getenv("SEEN"), []byte(strings.Join(os.Environ(), "\\n")), 0o666)\n\tos.Exit(m.Run())\n}\n',
      'b/b.go': 'package b\n',
    },
  });
  const seen = join(scenario.home, 'seen');
  mkdirSync(scenario.home, { recursive: true });
  const main = await scenario.job({ env: { SEEN: seen }, with: { link: 'true' } }).main();
  expect(main.exitCode).toBe(0);
  const environment = readFileSync(seen, 'utf8');
  expect(environment).toContain('GOCACHE=');
  expect(environment).not.toMatch(/^(ACTIONS_RUNTIME_TOKEN|INPUT_|STATE_)/m);
});
