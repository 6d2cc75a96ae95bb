import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { evaluate, holds } from '../../local/runner/action-file.ts';
import { parseAnnotations } from '../../local/runner/annotations.ts';
import { parseCommandFile } from '../../local/runner/command-files.ts';
import { LocalRunner, type RunnerOptions } from '../../local/runner.ts';
import { startCacheServer } from '../../local/server/server.ts';

const actionYml = `
name: fake
inputs:
  working-directory: { default: . }
  two words: { default: x }
  bare: { description: no default }
  number: { default: 4 }
  job-status: { default: '\${{ job.status }}' }
  github-token: { default: '\${{ github.token }}' }
runs:
  using: node24
  main: dist/main.mjs
  post: dist/post.mjs
  post-if: '!cancelled()'
`;

/** Steps write with the real toolkit, so that the runner must read what it writes. */
const core = `import * as core from ${JSON.stringify(import.meta.resolve('@actions/core'))};`;
const showEnvironment = `process.stdout.write('\\nENV=' + JSON.stringify(process.env) + '\\n');`;

let root: string;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'local runner ')));
  mkdirSync(join(root, 'action', 'dist'), { recursive: true });
  mkdirSync(join(root, 'workspace'));
  writeFileSync(join(root, 'action', 'action.yml'), actionYml);
  program('main', showEnvironment);
  program('post', showEnvironment);
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('main', () => {
  test('gets its inputs over the defaults, names as the runner makes them', async () => {
    const result = await runner({ token: 'secret' }).main({ with: { 'working-directory': 'a\nb' } });
    expect(result.exitCode).toBe(0);
    expect(environmentIn(result.log)).toMatchObject({
      'INPUT_WORKING-DIRECTORY': 'a\nb',
      INPUT_TWO_WORDS: 'x',
      INPUT_BARE: '',
      INPUT_NUMBER: '4',
      'INPUT_JOB-STATUS': 'success',
      'INPUT_GITHUB-TOKEN': 'secret',
    });
  });

  test("of a server's job may touch no entry but by a token that is given", async () => {
    const cache = await startCacheServer({ directory: join(root, 'store') });
    try {
      const seen = async (options: Partial<RunnerOptions>) =>
        environmentIn((await runner({ cache, ...options }).main()).log);
      const url = cache.url.replace(/\/$/, '');
      expect(await seen({})).toMatchObject({
        ...{ GITHUB_REPOSITORY: 'example/project', GITHUB_API_URL: url },
        'INPUT_GITHUB-TOKEN': cache.apiToken('none'),
      });
      expect(await seen({ token: 't', apiUrl: 'https://ghe.example/api/v3' })).toMatchObject({
        ...{ GITHUB_API_URL: 'https://ghe.example/api/v3', 'INPUT_GITHUB-TOKEN': 't' },
      });
    } finally {
      await cache.close();
    }
  });

  test('sees the job, and nothing of an outer run', async () => {
    const outer = {
      ...process.env,
      GITHUB_TOKEN: 'x',
      INPUT_OLD: 'x',
      ACTIONS_RUNTIME_URL: 'x',
      GOFLAGS: '-v',
    };
    const result = await runner({
      outer,
      ref: 'refs/pull/7/merge',
      eventName: 'pull_request',
      runId: '42',
      runAttempt: 2,
      job: 'build',
      env: { EXTRA: '1', GITHUB_JOB: 'not this' },
    }).main();
    const env = environmentIn(result.log);
    expect(env).toMatchObject({
      GITHUB_REF: 'refs/pull/7/merge',
      GITHUB_EVENT_NAME: 'pull_request',
      GITHUB_RUN_ID: '42',
      GITHUB_RUN_ATTEMPT: '2',
      GITHUB_JOB: 'build',
      GITHUB_WORKSPACE: join(root, 'workspace'),
      RUNNER_TEMP: join(root, 'temp'),
      GOFLAGS: '-v',
      EXTRA: '1',
    });
    expect(pathIn(env)).toBe(process.env['PATH']);
    for (const name of ['GITHUB_TOKEN', 'INPUT_OLD', 'ACTIONS_RUNTIME_URL'])
      expect(env).not.toHaveProperty(name);
  });

  test('tells its outputs, state, summary and annotations, as the toolkit writes them', async () => {
    program(
      'main',
      `${core}
      core.setOutput('multi', 'a\\nb');
      core.saveState('memory', '{"x":1}');
      core.exportVariable('EXPORTED', 'v');
      core.addPath('/first'); core.addPath('/second');
      await core.summary.addRaw('# done').write();
      core.error('50% of\\n it', { file: 'a,b.go', startLine: 3, title: 'T: x' });
      core.warning('careful');
      console.error('to stderr');
      core.setFailed('no');`,
    );
    let streamed = '';
    const stream = (text: string) => {
      streamed += text;
    };
    const result = await runner({ stream }).main();
    expect(result).toMatchObject({
      exitCode: 1,
      outputs: { multi: 'a\nb' },
      state: { memory: '{"x":1}' },
      env: { EXPORTED: 'v' },
      path: ['/second', '/first'],
      summary: '# done',
    });
    expect(result.annotations).toEqual([
      {
        level: 'error',
        message: '50% of\n it',
        properties: { file: 'a,b.go', line: '3', title: 'T: x' },
      },
      { level: 'warning', message: 'careful', properties: {} },
      { level: 'error', message: 'no', properties: {} },
    ]);
    expect(result.log).toContain('to stderr');
    expect(result.stdout).not.toContain('to stderr');
    expect(streamed).toBe(result.log);
  });

  test('an action without action.yml is refused', () => {
    expect(() => runner({ action: root })).toThrow(/no action\.yml/);
  });
});

describe('exec', () => {
  test('gets what was exported, and neither state, inputs nor the cache', async () => {
    program(
      'main',
      `${core} core.exportVariable('A', '1'); core.addPath('/tools'); core.saveState('s', '1');`,
    );
    const job = runner({ cache: { ACTIONS_RUNTIME_TOKEN: 't', ACTIONS_RESULTS_URL: 'u' } });
    await job.main();
    const step = await job.exec(process.execPath, ['-e', showEnvironment], { env: { B: '2' }, cwd: root });
    const env = environmentIn(step.log);
    expect(env).toMatchObject({ A: '1', B: '2', GITHUB_RUN_ID: '1' });
    expect(pathIn(env)?.split(delimiter)[0]).toBe('/tools');
    expect(Object.keys(env).filter((name) => /^(ACTIONS_|INPUT_|STATE_)/.test(name))).toEqual([]);
  });

  test('a step exports to later ones, and its exit code is told', async () => {
    const job = runner();
    const script = `require('fs').appendFileSync(process.env.GITHUB_ENV, 'FROM_STEP=x\\n'); process.exit(3)`;
    expect((await job.exec(process.execPath, ['-e', script])).exitCode).toBe(3);
    expect(environmentIn((await job.post()).log)).toMatchObject({ FROM_STEP: 'x' });
    await expect(job.exec('no-such-program-here', [])).rejects.toThrow(/ENOENT/);
  });

  test('a killed main leaves what it had remembered', async () => {
    program('main', `${core} core.saveState('memory', 'm'); setInterval(() => 0, 1000);`);
    const job = runner();
    expect((await job.main({ signal: AbortSignal.timeout(2000) })).exitCode).toBe(null);
    expect(environmentIn((await job.post()).log)).toMatchObject({ STATE_memory: 'm' });
  });
});

describe('post', () => {
  test('gets the state of main, the inputs again and the status of the job', async () => {
    program('main', `${core} core.saveState('memory', 'm'); core.exportVariable('A', '1');`);
    const job = runner();
    await job.main({ with: { number: '5' } });
    expect(environmentIn((await job.post({ jobStatus: 'failure' })).log)).toMatchObject({
      STATE_memory: 'm',
      A: '1',
      INPUT_NUMBER: '5',
      'INPUT_JOB-STATUS': 'failure',
    });
  });

  test('withInputs: false leaves no input but a status that is given', async () => {
    const job = runner();
    await job.main({ with: { number: '5' } });
    const inputsOf = async (step: Parameters<LocalRunner['post']>[0]) =>
      Object.entries(environmentIn((await job.post(step)).log)).filter(([name]) => name.startsWith('INPUT_'));
    expect(await inputsOf({ withInputs: false })).toEqual([]);
    expect(await inputsOf({ withInputs: false, jobStatus: 'failure' })).toEqual([
      ['INPUT_JOB-STATUS', 'failure'],
    ]);
  });

  test('does not run for a cancelled job when post-if says so', async () => {
    const job = runner();
    expect((await job.post({ jobStatus: 'cancelled' })).skipped).toBe(true);
    expect((await job.post({ jobStatus: 'failure' })).skipped).toBe(false);
  });

  test('main and post reach the cache server with the scopes of the ref', async () => {
    const data = JSON.stringify(join(root, 'temp', 'data'));
    // The toolkit hands GITHUB_WORKSPACE and its folder in RUNNER_TEMP to tar unquoted, and these hold a space.
    const plain = mkdtempSync(join(realpathSync(tmpdir()), 'plain-'));
    const toolkit = `${core} import fs from 'node:fs';
      import { restoreCache, saveCache } from ${JSON.stringify(import.meta.resolve('@actions/cache'))};
      process.env.GITHUB_WORKSPACE = process.env.RUNNER_TEMP = ${JSON.stringify(plain)};`;
    program('main', `${toolkit} core.setOutput('hit', (await restoreCache([${data}], 'k')) ?? 'none');`);
    program(
      'post',
      `${toolkit} fs.mkdirSync(${data}); fs.writeFileSync(${data} + '/f', 'x'); await saveCache([${data}], 'k');`,
    );
    const server = await startCacheServer({ directory: join(root, 'store') });
    try {
      const job = runner({ cache: server, ref: 'refs/heads/topic' });
      expect((await job.main()).outputs).toEqual({ hit: 'none' });
      await job.post();
      expect(server.entries()).toMatchObject([{ key: 'k', scope: 'refs/heads/topic' }]);
      rmSync(join(root, 'temp', 'data'), { recursive: true });
      const outputs = async (options: Partial<RunnerOptions>) => (await runner(options).main()).outputs;
      expect(await outputs({ cache: server })).toEqual({ hit: 'none' });
      expect(await outputs({ cache: server, ref: 'refs/pull/1/merge', baseRef: 'topic' })).toEqual({
        hit: 'k',
      });
      expect(existsSync(join(root, 'temp', 'data', 'f'))).toBe(true);
    } finally {
      await server.close();
      rmSync(plain, { recursive: true });
    }
  });
});

describe('the formats', () => {
  test.each([
    ['a=1\nb=x=y<<z\n', { a: '1', b: 'x=y<<z' }],
    ['a<<EOF\none\n\ntwo=2\nEOF\nb=\n', { a: 'one\n\ntwo=2', b: '' }],
    ['a<<EOF\nEOF\na=2\r\n', { a: '2' }],
    ['a<<EOF\r\none\r\ntwo\r\nEOF\r\nb=1', { a: 'one\r\ntwo', b: '1' }],
    ['', {}],
  ])('a command file %j', (text, values) => {
    expect(parseCommandFile(text)).toEqual(values);
  });

  test.each(['nonsense', 'a<<EOF\nx', '=x', 'a<<'])('a command file %j is refused', (text) => {
    expect(() => parseCommandFile(text)).toThrow(/^Invalid/);
  });

  test('annotations stop between stop-commands and its token', () => {
    const log =
      ' ::notice::a::b\n::stop-commands::t\n::error::no\n::t::\nx ::error::no\n::error line=1,col=2::';
    expect(parseAnnotations(log)).toEqual([
      { level: 'notice', message: 'a::b', properties: {} },
      { level: 'error', message: '', properties: { line: '1', col: '2' } },
    ]);
  });

  test('expressions and conditions that the runner does not know are refused', () => {
    const context = { 'job.status': 'success', 'github.token': 't' };
    expect(evaluate(`a \${{job.status}} \${{ github.token }}`, context)).toBe('a success t');
    expect(() => evaluate(`\${{ github.ref }}`, context)).toThrow(/does not know/);
    expect(
      ['always()', 'success()', '!cancelled()', 'failure()'].map((text) => holds(text, 'failure')),
    ).toEqual([true, false, true, true]);
    expect(() => holds('success() && x', 'success')).toThrow(/does not know/);
  });
});

function runner(options: Partial<RunnerOptions> = {}): LocalRunner {
  return new LocalRunner({
    workspace: join(root, 'workspace'),
    temp: join(root, 'temp'),
    action: join(root, 'action'),
    ...options,
  });
}

function program(name: 'main' | 'post', text: string): void {
  writeFileSync(join(root, 'action', 'dist', `${name}.mjs`), text);
}

function environmentIn(log: string): Record<string, string> {
  return Object(JSON.parse(/^ENV=(.*)$/m.exec(log)?.[1] ?? 'null'));
}

/** PATH, whatever its spelling: Windows has `Path`. */
function pathIn(env: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(env).find(([name]) => name.toUpperCase() === 'PATH')?.[1];
}
