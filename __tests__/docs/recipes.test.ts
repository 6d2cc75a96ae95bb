import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Octokit } from '@octokit/core';
import { paginateRest } from '@octokit/plugin-paginate-rest';
import { describe, expect, it } from 'vitest';
import type { CacheServer } from '../../local/server/server.ts';
import { keysOf, storeEntry, temporaryServer } from '../helpers/entries.ts';
import { complaints, inputsOf, recipe, recipeNames, usesOf } from './recipe-files.ts';

/** What each recipe says, and that the page has it. Linters and rules: workflow/lint.test.ts; runs: workflow/recipes.test.ts. */
const page = readFileSync(resolve(import.meta.dirname, '../../docs/recipes.md'), 'utf8');

describe('docs/recipes.md', () => {
  it('has every recipe, each under a heading of its own, and in the list', () => {
    const [list = '', ...chapters] = page.split(/^## .*$/m);
    const named = chapters.map((text) => [...text.matchAll(/^\[.+\]\(recipes\/([\w-]+)\.yml\)$/gm)]);
    expect(named.map((links) => links.length)).toEqual(named.map(() => 1));
    expect(named.map(([link]) => link?.[1]).sort()).toEqual(recipeNames);
    expect(list.match(/^\| \[/gm)).toHaveLength(recipeNames.length);
  });
});

describe.each(recipeNames)('%s', (name) => {
  const uses = usesOf(recipe(name));

  it('hands over what the action takes', () => {
    expect(uses.flatMap(complaints)).toEqual([]);
  });

  it('names the same set wherever it uses the action', () => {
    const sets = uses.map((use) => {
      const { compile, workingDirectories, name } = inputsOf(use);
      return use.path === 'save' ? { name } : { name, compile, workingDirectories };
    });
    for (const set of sets) expect(sets[0]).toMatchObject(set);
  });
});

describe('a recipe that was wrong', () => {
  const workflow = '.github/workflows/gobuild-test.yml';
  it.each([
    ['', { nmae: 'x' }, 'the action has no input nmae'],
    ['restore', { save: 'never' }, 'restore has no input save'],
    ['', { save: 'on' }, 'input save: "on": must be one of auto, always, never'],
    ['', { 'test-commands': 'make test' }, expect.stringContaining('input test-commands: ')],
    [workflow, { 'timeout-minutes': '20' }, `${workflow} wants a number as timeout-minutes`],
  ])('would be told: %s %o', (path, given, told) => {
    expect(complaints({ path, given })).toEqual([told]);
  });

  it('an expression is not known here', () => {
    expect(complaints({ path: '', given: { save: `\${{ inputs.save }}` } })).toEqual([]);
  });
});

describe.each([
  {
    name: 'closed-pull-request',
    gone: ['gobuild-test-2-pull'],
    kept: ['npm-pull', 'gobuild-test-2-main', 'npm-main', 'gobuild-test-2-other'],
  },
  {
    name: 'starting-afresh',
    gone: ['gobuild-test-2-pull', 'gobuild-test-2-main', 'gobuild-test-2-other'],
    kept: ['npm-pull', 'npm-main'],
  },
])('the script of $name', ({ name, gone, kept }) => {
  const { permissions, jobs } = recipe(name);
  const { delete: job } = jobs;

  /** Runs it as actions/github-script does: the body of an async function of these names. */
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
      `return (async () => {${job?.steps?.[0]?.with?.['script']}})();`,
    );
    await script(github, context, core);
    return lines;
  }

  it('may delete entries and nothing else', () => {
    expect(permissions).toEqual({});
    expect(job?.permissions).toEqual({ actions: 'write' });
  });

  it('deletes what it should, on every page, and no other', async () => {
    const server = await temporaryServer();
    const ref = 'refs/pull/7/merge';
    for (let at = 0; at < 100; at += 1) await storeEntry(server, { key: `gobuild-test-2-${at}`, ref });
    await storeEntry(server, { key: 'gobuild-test-2-pull', ref });
    await storeEntry(server, { key: 'npm-pull', ref });
    await storeEntry(server, { key: 'gobuild-test-2-main' });
    await storeEntry(server, { key: 'npm-main' });
    await storeEntry(server, { key: 'gobuild-test-2-other', ref: 'refs/pull/77/merge' });
    const lines = await run(server);
    expect(lines).toHaveLength(100 + gone.length);
    expect(lines).toContain(`${ref}: gobuild-test-2-pull`);
    expect(keysOf(server).sort()).toEqual([...kept].sort());
  });
});
