import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import type { CacheServer } from '../../local/server/server.ts';
import { keysOf, storeEntry, temporaryServer } from '../helpers/entries.ts';

const page = readFileSync(resolve(import.meta.dirname, '../../docs/recipes.md'), 'utf8');
const recipes = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);

interface Workflow {
  readonly permissions: unknown;
  readonly jobs: { readonly delete: { readonly permissions: unknown; readonly steps: readonly Step[] } };
}

interface Step {
  readonly uses: string;
  readonly with: { readonly script: string };
}

describe.each(recipes.map((text) => [/^name: (.*)$/m.exec(text)?.[1] ?? text, text]))('%s', (_, text) => {
  describe.each([
    { tool: 'actionlint', args: [] },
    { tool: 'zizmor', args: ['--offline', '--no-progress'] },
  ])('$tool', ({ tool, args }) => {
    const missing = spawnSync(tool, ['--version']).error !== undefined;
    const skipped = `skipped: ${tool} is not on PATH (.ci/tools installs it)`;
    it.skipIf(missing)(missing ? skipped : 'finds nothing', () => {
      const directory = mkdtempSync(join(tmpdir(), 'gobuild-test-recipe-'));
      onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
      const file = join(directory, 'recipe.yml');
      writeFileSync(file, text);
      const { status, stdout, stderr } = spawnSync(tool, [...args, file], { encoding: 'utf8' });
      expect({ status, said: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, said: '' });
    });
  });

  it('names every action by its full commit, with the version as a comment', () => {
    for (const line of text.split('\n').filter((one) => /uses:/.test(one)))
      expect(line).toMatch(/uses: [\w-]+\/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });
});

describe("a closed pull request's entries", () => {
  const workflow: Workflow = parse(recipes[0] ?? '');
  const [step] = workflow.jobs.delete.steps;

  /** Runs the script as actions/github-script does: the body of an async function of these names. */
  async function run(server: CacheServer): Promise<string[]> {
    const baseUrl = server.environment()['GITHUB_API_URL'] ?? '';
    const github = new (Octokit.plugin(paginateRest))({ auth: server.apiToken('write'), baseUrl });
    const lines: string[] = [];
    const core = { info: (line: string) => lines.push(line) };
    const context = {
      repo: { owner: 'example', repo: 'project' },
      payload: { pull_request: { number: 7 } },
    };
    const script = new Function(
      ...['github', 'context', 'core'],
      `return (async () => {${step?.with.script}})();`,
    );
    await script(github, context, core);
    return lines;
  }

  it('may delete entries and nothing else', () => {
    expect(workflow.permissions).toEqual({});
    expect(workflow.jobs.delete.permissions).toEqual({ actions: 'write' });
  });

  it('go, on every page, and no others', async () => {
    const server = await temporaryServer();
    const ref = 'refs/pull/7/merge';
    for (let at = 0; at < 101; at += 1) await storeEntry(server, { key: `gobuild-test-1-${at}`, ref });
    await storeEntry(server, { key: 'npm', ref });
    await storeEntry(server, { key: 'gobuild-test-1-main' });
    await storeEntry(server, { key: 'gobuild-test-1-other', ref: 'refs/pull/77/merge' });
    expect(await run(server)).toHaveLength(101);
    expect(keysOf(server)).toEqual(['npm', 'gobuild-test-1-main', 'gobuild-test-1-other']);
  });
});
