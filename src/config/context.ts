import { existsSync, readFileSync } from 'node:fs';
import { UserError } from '../errors.ts';

/** What the runner says about this job, from its environment. */
export interface RunContext {
  /** Absolute path of the checked-out repository. */
  readonly workspace: string;
  /** RUNNER_TEMP: emptied by the runner before and after each job. */
  readonly temp: string;
  /** Tells this run's entries from every other's: `<run id>.<attempt>`. */
  readonly run: string;
  readonly event: string;
  /** The full ref that the cache service scopes by, as refs/heads/main. */
  readonly ref: string;
  /** The hash of the commit that the run is for; '' where the runner does not say. */
  readonly commit: string;
  /** Empty where the event does not say. */
  readonly defaultBranch: string;
  /** `linux-x64` apart: the names that the key uses. */
  readonly os: string;
  readonly arch: string;
}

/**
 * @param env the environment of the action's process
 * @throws UserError where the runner's own variables are missing: the action was not started by a runner
 */
export function readContext(env: NodeJS.ProcessEnv, platform: NodeJS.Platform, arch: string): RunContext {
  return {
    workspace: required(env, 'GITHUB_WORKSPACE'),
    temp: required(env, 'RUNNER_TEMP'),
    run: `${env['GITHUB_RUN_ID'] ?? '0'}.${env['GITHUB_RUN_ATTEMPT'] ?? '1'}`,
    event: env['GITHUB_EVENT_NAME'] ?? '',
    ref: env['GITHUB_REF'] ?? '',
    commit: env['GITHUB_SHA'] ?? '',
    defaultBranch: readDefaultBranch(env['GITHUB_EVENT_PATH']),
    os: platform === 'win32' ? 'windows' : platform === 'darwin' ? 'macos' : platform,
    arch,
  };
}

function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (!value) throw new UserError(`${name} is not set: this is a GitHub action, to be started by a runner`);
  return value;
}

/** `repository.default_branch` of the event's payload; '' where there is none to be read. */
function readDefaultBranch(path: string | undefined): string {
  if (!path || !existsSync(path)) return '';
  try {
    const event: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const repository = property(event, 'repository');
    const branch = property(repository, 'default_branch');
    return typeof branch === 'string' ? branch : '';
  } catch (error) {
    if (error instanceof SyntaxError) return '';
    throw error;
  }
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
