import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/**
 * Whether this job's workflow file uses `actions/setup-go` with its cache on, which would store our GOCACHE a
 * second time: its post step asks `go env GOCACHE` again (cache-save.ts of setup-go v6).
 *
 * setup-go leaves no trace that another step could see, so the workflow file is asked: what GITHUB_WORKFLOW_REF
 * names (`owner/name/.github/workflows/ci.yml@ref`), where it is in the checkout. A reusable workflow of another
 * repository, or a setup-go inside a composite action, is not seen.
 */
export function setupGoCaches(workspace: string, env: NodeJS.ProcessEnv): boolean {
  const [, file] = /^[^/]+\/[^/]+\/(.+?\.ya?ml)@/.exec(env['GITHUB_WORKFLOW_REF'] ?? '') ?? [];
  if (file === undefined || !existsSync(join(workspace, file))) return false;
  return jobCachesWithSetupGo(readFileSync(join(workspace, file), 'utf8'), env['GITHUB_JOB'] ?? '');
}

/** The pure half: `workflow` is the text of a workflow file. A text that is no workflow has no such step. */
export function jobCachesWithSetupGo(workflow: string, job: string): boolean {
  let steps: unknown;
  try {
    steps = at(parse(workflow), 'jobs', job, 'steps');
  } catch {
    return false; // Not YAML: the runner read this file, so what lies in the checkout is another version of it.
  }
  return (
    Array.isArray(steps) && steps.some((step) => usesSetupGo(step) && cacheIsOn(at(step, 'with', 'cache')))
  );
}

function usesSetupGo(step: unknown): boolean {
  const uses = at(step, 'uses');
  return typeof uses === 'string' && uses.toLowerCase().startsWith('actions/setup-go@');
}

/** setup-go's default is on; an expression may be either, so it is not warned about. */
function cacheIsOn(cache: unknown): boolean {
  const text = String(cache ?? 'true').toLowerCase();
  return text === 'true';
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path)
    here = typeof here === 'object' && here !== null ? Reflect.get(here, key) : undefined;
  return here;
}
