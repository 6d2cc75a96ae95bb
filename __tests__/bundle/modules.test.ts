import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeWritable } from '../../local/checkout.ts';
import { Scenario, visible } from './scenario.ts';
import { type Files, smallModule } from './small-module.ts';

/** A module that needs two others: small ones, without dependencies of their own. */
function moduleWithDependency(): Files {
  return smallModule({
    'go.mod':
      'module example.com/small\n\ngo 1.24\n\n' +
      'require (\n\tgithub.com/google/uuid v1.6.0\n\tgithub.com/pkg/errors v0.9.1\n)\n',
    'go.sum':
      'github.com/google/uuid v1.6.0 h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=\n' +
      'github.com/google/uuid v1.6.0/go.mod h1:TIyPZe4MgqvfeYDBFedMoGGpEw/LqOeaOT+nhxU+yHo=\n' +
      'github.com/pkg/errors v0.9.1 h1:FEBLx1zS214owpjy7qsBeixbURkuhQAwrK5UwLGTwt4=\n' +
      'github.com/pkg/errors v0.9.1/go.mod h1:bwawxfHBFNV+L2hUp1rHADufV3IMtnDRdf1r5NINEl0=\n',
    'leaf/leaf.go': 'package leaf\n\nimport _ "github.com/pkg/errors"\n\nfunc One() int { return 1 }\n',
    'lone/lone.go': 'package lone\n\nimport _ "github.com/google/uuid"\n',
  });
}

/** A job of a machine whose GOMODCACHE is empty at first. */
function jobWith(
  scenario: Scenario,
  goModCache: string,
  env: Record<string, string> = {},
  inputs: Record<string, string> = {},
) {
  // Go makes the directories of unpacked modules read-only.
  onTestFinished(() => {
    if (existsSync(goModCache)) makeWritable(goModCache);
  });
  return scenario.job({ env: { GOMODCACHE: goModCache, ...env }, with: inputs });
}

test('modules are an entry of their own: saved once, and restored before anything is listed', async () => {
  const scenario = await Scenario.start({ files: moduleWithDependency() });
  const first = jobWith(scenario, join(scenario.home, 'mod-1'));
  expect(visible(await first.main()).join('\n')).toContain('No module cache to restore');
  await first.tests();
  const saved = await first.post();
  expect(visible(saved).join('\n')).toMatch(/^The module cache saved, /m);

  // No network: what is not restored cannot be had.
  const offline = { GOPROXY: 'off' };
  const second = jobWith(scenario, join(scenario.home, 'mod-2'), offline);
  const main = await second.main();
  expect(visible(main).join('\n')).toMatch(/^Restored the module cache, \d files/m);
  expect(main.exitCode).toBe(0);
  await second.tests();
  const post = await second.post();
  expect(visible(post)).toContain(
    'The module cache not saved: the job needed no more than what was restored',
  );
  expect(scenario.server.entries().filter((entry) => entry.key.includes('-modules-'))).toHaveLength(1);
});

test('a broken entry is stored again', async () => {
  const scenario = await Scenario.start({ files: moduleWithDependency() });
  const whole = async (name: string, env: Record<string, string> = {}) => {
    const job = jobWith(scenario, join(scenario.home, name), env);
    const main = visible(await job.main()).join('\n');
    await job.tests();
    return { main, post: visible(await job.post()).join('\n') };
  };
  await whole('mod-1');
  const [entry] = scenario.server.entries().filter(({ key }) => key.includes('-modules-'));
  await scenario.server.corrupt(entry?.key ?? '', (bytes) => bytes.subarray(0, bytes.length / 2));
  const broken = await whole('mod-2');
  expect(broken.main).toContain('The module cache was not restored');
  expect(broken.post).toMatch(/^The module cache saved, /m);
  expect((await whole('mod-3', { GOPROXY: 'off' })).main).toMatch(/^Restored the module cache, /m);
});

test('an entry that lacks what another job of the same go.sum needs heals', async () => {
  const scenario = await Scenario.start({ files: moduleWithDependency() });
  const lintInputs = { 'cover-packages': './lone', 'plain-packages': '', name: 'lint' };
  const lint = jobWith(scenario, join(scenario.home, 'mod-1'), {}, lintInputs);
  await lint.main();
  await lint.go('vet', './lone');
  await lint.post();
  const modules = () => scenario.server.entries().filter((entry) => entry.key.includes('-modules-'));
  expect(modules()).toHaveLength(1);

  const unit = jobWith(scenario, join(scenario.home, 'mod-2'));
  await unit.main();
  expect((await unit.go('test', '-cover', './...')).exitCode).toBe(0);
  expect(visible(await unit.post()).join('\n')).toMatch(/^The module cache saved/m);
  expect(modules()).toHaveLength(2);
  const third = jobWith(scenario, join(scenario.home, 'mod-3'), { GOPROXY: 'off' });
  expect((await third.main()).exitCode).toBe(0);
});

test('a zip in the module cache that go.sum does not know is refused by Go', async () => {
  const scenario = await Scenario.start({ files: moduleWithDependency() });
  const home = join(scenario.home, 'mod-1');
  const first = jobWith(scenario, home);
  await first.main();
  await first.tests();
  const zip = join(home, 'cache/download/github.com/pkg/errors/@v/v0.9.1.zip');
  expect(existsSync(zip)).toBe(true);
  chmodSync(zip, 0o644);
  // A comment at the end of the archive would not change what is unpacked; another byte in a file does.
  const bytes = readFileSync(zip);
  const at = bytes.indexOf('errors.go') + 40;
  bytes[at] = (bytes[at] ?? 0) ^ 0xff;
  writeFileSync(zip, bytes);
  await first.post();

  const second = jobWith(scenario, join(scenario.home, 'mod-2'), { GOPROXY: 'off' });
  const main = await second.main();
  expect(main.exitCode).toBe(1);
});

test('what this go.sum does not name is not left in the module cache: nothing would prove it', async () => {
  const scenario = await Scenario.start({ files: moduleWithDependency() });
  const first = jobWith(scenario, join(scenario.home, 'mod-1'));
  await first.main();
  await first.tests();
  await first.post();

  const files = moduleWithDependency();
  const without = (name: string) => files[name]?.replaceAll(/^.*pkg\/errors.*\n/gm, '') ?? '';
  const leaf = 'package leaf\n\nfunc One() int { return 1 }\n';
  scenario.write({ 'go.mod': without('go.mod'), 'go.sum': without('go.sum'), 'leaf/leaf.go': leaf });
  const second = jobWith(scenario, join(scenario.home, 'mod-2'), { GOPROXY: 'off' });
  const main = await second.main();
  expect(main.exitCode).toBe(0);
  expect(visible(main).join('\n')).toMatch(/^Restored the module cache/m);
  const downloads = join(scenario.home, 'mod-2', 'cache', 'download', 'github.com');
  const left = readdirSync(downloads, { recursive: true }).map((name) => String(name).replaceAll('\\', '/'));
  const version = 'google/uuid/@v/v1.6.0';
  expect(left.filter((name) => /\.(zip|mod|info)$/.test(name)).sort()).toEqual([
    ...[`${version}.info`, `${version}.mod`, `${version}.zip`],
  ]);
});

test('only the modules of listed packages are kept, and they do offline, by default and with -mod=mod', async () => {
  const scenario = await Scenario.start({ files: moduleWithDependency() });
  const given = { 'cover-packages': './leaf ./core', 'plain-packages': './tests/...' };
  const first = jobWith(scenario, join(scenario.home, 'mod-1'), {}, given);
  await first.main();
  // What go.sum names, and GOMODCACHE happens to hold.
  expect((await first.go('mod', 'download')).exitCode).toBe(0);
  const downloads = (home: string) =>
    readdirSync(join(scenario.home, home, 'cache', 'download', 'github.com'), { recursive: true })
      .map((name) => String(name).replaceAll('\\', '/'))
      .filter((name) => name.endsWith('.zip'))
      .sort();
  expect(downloads('mod-1')).toEqual(['google/uuid/@v/v1.6.0.zip', 'pkg/errors/@v/v0.9.1.zip']);
  await first.go('test', '-cover', './leaf', './core');
  expect(visible(await first.post()).join('\n')).toMatch(/^The module cache saved/m);

  for (const [at, goFlags] of ['', '-mod=mod'].entries()) {
    const home = `mod-offline-${at}`;
    const env = { GOPROXY: 'off', GOFLAGS: goFlags };
    const next = jobWith(scenario, join(scenario.home, home), env, given);
    expect((await next.main()).exitCode).toBe(0);
    expect(downloads(home)).toEqual(['pkg/errors/@v/v0.9.1.zip']);
    expect((await next.go('test', '-cover', './leaf', './core')).exitCode).toBe(0);
    expect((await next.go('test', './tests/...')).exitCode).toBe(0);
    expect(visible(await next.post())).toContain(
      'The module cache not saved: the job needed no more than what was restored',
    );
  }
});

test('of a vendored module nothing is kept, and nothing asked for', async () => {
  const scenario = await Scenario.start({ files: moduleWithDependency() });
  const goModCache = join(scenario.home, 'mod-1');
  const first = jobWith(scenario, goModCache);
  expect(
    (await first.runner.exec('go', ['mod', 'vendor'], { env: { GOMODCACHE: goModCache } })).exitCode,
  ).toBe(0);
  const main = await first.main();
  expect(main.exitCode).toBe(0);
  await first.tests();
  const said = [...visible(main), ...visible(await first.post())].join('\n');
  expect(said).not.toContain('odule cache');
  expect(scenario.server.entries().filter((entry) => entry.key.includes('-modules-'))).toEqual([]);
});

test('module-cache: false keeps none', async () => {
  const scenario = await Scenario.start({ files: moduleWithDependency() });
  const job = scenario.job({ with: { 'module-cache': 'false' } });
  await job.main();
  await job.tests();
  const post = await job.post();
  expect(visible(post).join('\n')).not.toContain('module cache');
  expect(scenario.server.entries().filter((entry) => entry.key.includes('-modules-'))).toEqual([]);
});
