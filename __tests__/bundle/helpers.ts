import { expect } from 'vitest';
import type { Job, JobOptions, Scenario } from './scenario.ts';
import { type Files, smallModule } from './small-module.ts';

/** Jobs with helpers, for all files of tests that have some. */

export const program = (text: string): string =>
  `package main\n\nimport "example.com/small/leaf"\n\nfunc main() { println("${text}", leaf.One()) }\n`;

/** The small module with two helpers and a library that only one of them needs. */
export function moduleWithHelpers(changed: Files = {}): Files {
  return smallModule({
    'go.mod': 'module example.com/small\n\ngo 1.24\n\ntool example.com/small/scripts/typings\n',
    'scripts/typings/main.go': program('typings'),
    'internal/cmd/generate/main.go':
      'package main\n\nimport "example.com/small/deep"\n\nfunc main() { println("generate", deep.Value()) }\n',
    'deep/deep.go': 'package deep\n\nfunc Value() int { return 7 }\n',
    ...changed,
  });
}

const lines = './scripts/typings\ngen=./internal/cmd/generate';
// So that helpers' packages are not the warm's as well.
export const given = { helpers: lines, 'cover-packages': './core ./leaf', 'plain-packages': '' };

export const helperKeys = (scenario: Scenario): string[] =>
  scenario.server.entries().flatMap(({ key }) => (key.includes('-helpers-') ? [key] : []));

export async function run(scenario: Scenario, { with: more = {}, ...options }: JobOptions = {}) {
  const job = scenario.job({ ...options, with: { ...given, ...more } });
  const main = await job.main();
  if (main.exitCode !== 0) return { job, main };
  await job.go('test', '-cover', './core', './leaf');
  const post = await job.post();
  return { job, main, post, report: post.report };
}

export const said = async (job: Job, name: string): Promise<string> => {
  const { exitCode, log } = await job.runner.exec(name, []);
  expect(exitCode).toBe(0);
  return log.trim();
};

/** What a build of the helpers into a directory does with the job's GOCACHE. */
