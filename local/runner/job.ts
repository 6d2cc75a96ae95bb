import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, delimiter, join } from 'node:path';

export type Environment = Record<string, string>;

/** The job that the runner plays; all but the two directories have defaults. */
export interface Job {
  /** GITHUB_WORKSPACE, absolute. */
  readonly workspace: string;
  /** RUNNER_TEMP, absolute; made when missing. */
  readonly temp: string;
  /** Default `refs/heads/main`. */
  readonly ref?: string;
  /** Default `push`. */
  readonly eventName?: string;
  /** Default `main`; the default payload and the cache's scopes name it. */
  readonly defaultBranch?: string;
  /** Payload of GITHUB_EVENT_PATH; default: a repository with its default branch. */
  readonly event?: object;
  /** GITHUB_API_URL; default the cache server's for the action's steps, else GitHub's own. */
  readonly apiUrl?: string;
  /** Default `1`. */
  readonly runId?: string;
  /** Default 1. */
  readonly runAttempt?: number;
  /** GITHUB_JOB; default `test`. */
  readonly job?: string;
  /** The workflow's file, in GITHUB_WORKFLOW_REF; default `.github/workflows/test.yml`. */
  readonly workflowFile?: string;
  /** `owner/name`; default `example/project`. */
  readonly repository?: string;
  /** Branches of a pull request, as `main`. */
  readonly baseRef?: string;
  readonly headRef?: string;
  /** Default forty zeros. */
  readonly sha?: string;
}

/** One step's files, by the variable that names each. */
export type CommandFiles = Readonly<
  Record<'GITHUB_OUTPUT' | 'GITHUB_ENV' | 'GITHUB_PATH' | 'GITHUB_STATE' | 'GITHUB_STEP_SUMMARY', string>
>;

const systems: Readonly<Record<string, string>> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };
const machines: Readonly<Record<string, string>> = { x64: 'X64', arm64: 'ARM64', ia32: 'X86', arm: 'ARM' };

/** Variables of an outer run or of the test's own Node, which would speak of another job than this one. */
const foreign = /^(GITHUB_|RUNNER_|INPUT_|STATE_|ACTIONS_|VITEST|NODE_OPTIONS$|NODE_V8_COVERAGE$)/i;

/** What a step inherits of the machine: PATH, HOME, Go's variables and the like, nothing of an outer run. */
export function baseEnvironment(outer: NodeJS.ProcessEnv): Environment {
  const inherited: Environment = {};
  for (const [name, value] of Object.entries(outer)) {
    if (value !== undefined && !foreign.test(name)) inherited[name] = value;
  }
  return inherited;
}

/** Writes the event's payload, and answers the GITHUB_* and RUNNER_* variables that all steps of the job share. */
export function jobEnvironment(job: Job): Environment {
  const ref = job.ref ?? 'refs/heads/main';
  const repository = job.repository ?? 'example/project';
  const [owner = '', name = ''] = repository.split('/');
  const eventDirectory = join(job.temp, '_github_workflow');
  mkdirSync(eventDirectory, { recursive: true });
  const eventFile = join(eventDirectory, 'event.json');
  const event = job.event ?? {
    ref,
    repository: { default_branch: job.defaultBranch ?? 'main', full_name: repository, name },
  };
  writeFileSync(eventFile, JSON.stringify(event));
  const runNumber = job.runId ?? '1';
  return {
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_ACTION: '__self',
    GITHUB_ACTOR: owner,
    GITHUB_API_URL: job.apiUrl ?? 'https://api.github.com',
    GITHUB_BASE_REF: job.baseRef ?? '',
    GITHUB_EVENT_NAME: job.eventName ?? 'push',
    GITHUB_EVENT_PATH: eventFile,
    GITHUB_GRAPHQL_URL: 'https://api.github.com/graphql',
    GITHUB_HEAD_REF: job.headRef ?? '',
    GITHUB_JOB: job.job ?? 'test',
    GITHUB_REF: ref,
    GITHUB_REF_NAME: ref.replace(/^refs\/(heads|tags|pull)\//, ''),
    GITHUB_REF_TYPE: ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    GITHUB_REPOSITORY: repository,
    GITHUB_REPOSITORY_OWNER: owner,
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_RUN_ATTEMPT: String(job.runAttempt ?? 1),
    GITHUB_RUN_ID: runNumber,
    GITHUB_RUN_NUMBER: runNumber,
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_SHA: job.sha ?? '0'.repeat(40),
    GITHUB_TRIGGERING_ACTOR: owner,
    GITHUB_WORKFLOW: 'local',
    GITHUB_WORKFLOW_REF: `${repository}/${job.workflowFile ?? '.github/workflows/test.yml'}@${ref}`,
    GITHUB_WORKSPACE: job.workspace,
    RUNNER_ARCH: machines[process.arch] ?? process.arch,
    RUNNER_ENVIRONMENT: 'self-hosted',
    RUNNER_NAME: 'local',
    RUNNER_OS: systems[process.platform] ?? process.platform,
    RUNNER_TEMP: job.temp,
    RUNNER_TOOL_CACHE: join(job.temp, '..', `${basename(job.temp)}-tools`),
  };
}

/** Makes one step's empty command files where the runner has them, under RUNNER_TEMP. */
export function makeCommandFiles(temp: string): CommandFiles {
  const directory = join(temp, '_runner_file_commands');
  mkdirSync(directory, { recursive: true });
  const make = (name: string) => {
    const file = join(directory, `${name}_${randomUUID()}`);
    writeFileSync(file, '');
    return file;
  };
  return {
    GITHUB_OUTPUT: make('set_output'),
    GITHUB_ENV: make('set_env'),
    GITHUB_PATH: make('add_path'),
    GITHUB_STATE: make('save_state'),
    GITHUB_STEP_SUMMARY: make('step_summary'),
  };
}

/** Puts directories before PATH, whatever its spelling (Windows has `Path`). */
export function prependPath(environment: Environment, directories: readonly string[]): void {
  if (directories.length === 0) return;
  const name = Object.keys(environment).find((key) => key.toUpperCase() === 'PATH') ?? 'PATH';
  environment[name] = [...directories, environment[name]]
    .filter((part) => part !== undefined)
    .join(delimiter);
}
