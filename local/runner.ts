import { mkdirSync, readFileSync } from 'node:fs';
import { type ActionFile, evaluate, holds, inputVariables, readActionFile } from './runner/action-file.ts';
import { type Annotation, parseAnnotations } from './runner/annotations.ts';
import { parseCommandFile, parsePathFile } from './runner/command-files.ts';
import {
  baseEnvironment,
  type Environment,
  type Job,
  jobEnvironment,
  makeCommandFiles,
  prependPath,
} from './runner/job.ts';
import { type Finished, run } from './runner/process.ts';
import { CacheServer } from './server/server.ts';
import { scopesOf } from './server/tokens.ts';

export interface RunnerOptions extends Job {
  /** Directory of the built action, with its `action.yml`. */
  readonly action: string;
  /**
   * The server that the action's steps reach with the scopes of the job's ref, base and default branch; or the variables
   * themselves (`server.environment({ scopes })`); absent: a job without a cache service.
   */
  readonly cache?: CacheServer | Readonly<Environment>;
  /** Variables of the workflow, for all steps; they go before the machine's and after the runner's own. */
  readonly env?: Readonly<Environment>;
  /** What the steps inherit from; default `process.env`, without what an outer run put there. */
  readonly outer?: NodeJS.ProcessEnv;
  /** Value of `${{ github.token }}`; default: one of the server that may not touch its entries, else empty. */
  readonly token?: string;
  /** Gets the output of all steps as it comes. */
  readonly stream?: (text: string) => void;
}

export type JobStatus = 'success' | 'failure' | 'cancelled';

/** What a step did. */
export interface StepResult extends Finished {
  readonly outputs: Readonly<Record<string, string>>;
  /** What the step put into GITHUB_STATE. */
  readonly state: Readonly<Record<string, string>>;
  /** What the step put into GITHUB_ENV. */
  readonly env: Readonly<Record<string, string>>;
  /** What the step put into GITHUB_PATH, in PATH's order. */
  readonly path: readonly string[];
  /** Markdown of GITHUB_STEP_SUMMARY. */
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** True for a post step that there is none of, or whose `post-if` did not hold: nothing ran. */
  readonly skipped: boolean;
}

const nothing: StepResult = {
  exitCode: 0,
  log: '',
  stdout: '',
  outputs: {},
  state: {},
  env: {},
  path: [],
  summary: '',
  annotations: [],
  skipped: true,
};

/**
 * One job on a runner, played as actions/runner does for a JavaScript action: `main`, then any number of `exec`,
 * then `post`, each a process of its own that knows the others by command files alone.
 */
export class LocalRunner {
  private readonly options: RunnerOptions;
  private readonly file: ActionFile;
  private readonly job: Environment;
  /** What steps have exported, over the machine's and the workflow's variables; one for all uses in the job. */
  private readonly shared: Environment;
  private state: Readonly<Record<string, string>> = {};
  private with: Readonly<Record<string, string>> = {};

  /**
   * @param beside another use in the same job
   * @throws Error when the directory holds no JavaScript action
   */
  constructor(options: RunnerOptions, beside?: LocalRunner) {
    this.options = options;
    this.file = readActionFile(options.action);
    mkdirSync(options.temp, { recursive: true });
    this.job = jobEnvironment(options);
    this.shared = beside?.shared ?? { ...baseEnvironment(options.outer ?? process.env), ...options.env };
  }

  /**
   * A second use of the action in this job, or of another one: it sees what steps have exported, and has a state of its own.
   */
  another(action: string = this.options.action): LocalRunner {
    return new LocalRunner({ ...this.options, action }, this);
  }

  /** Runs the action's main step with these inputs over its defaults; `signal` kills it. */
  async main(
    step: { readonly with?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
  ): Promise<StepResult> {
    this.with = step.with ?? {};
    const result = await this.node(this.file.main, inputVariables(this.inputs('success')), step.signal);
    this.state = result.state;
    return result;
  }

  /** Runs a step of the job: a program with what was exported, without the cache's address and token. */
  async exec(
    command: string,
    args: readonly string[],
    options: { readonly cwd?: string; readonly env?: Readonly<Environment> } = {},
  ): Promise<StepResult> {
    const cwd = options.cwd ?? this.options.workspace;
    return this.step([command, ...args], { ...this.shared, ...this.job, ...options.env }, cwd);
  }

  /**
   * Runs the action's post step, if it has one and `post-if` holds for the job's status (default: success).
   * `withInputs: false` plays an action within nested composites, which gets none of its inputs; then only a
   * status that is given here shows, through the input whose default is `${{ job.status }}`. `signal` kills it.
   */
  async post(
    step: {
      readonly jobStatus?: JobStatus;
      readonly withInputs?: boolean;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<StepResult> {
    const status = step.jobStatus ?? 'success';
    if (this.file.post === undefined || !holds(this.file.postIf, status)) return nothing;
    const inputs = step.withInputs === false ? this.statusInput(step.jobStatus) : this.inputs(status);
    const state = Object.entries(this.state).map(([name, value]) => [`STATE_${name}`, value]);
    const own = { ...inputVariables(inputs), ...Object.fromEntries(state) };
    return this.node(this.file.post, own, step.signal);
  }

  private node(file: string, own: Environment, signal?: AbortSignal): Promise<StepResult> {
    const environment = { ...this.shared, ...this.job, ...this.cache(), ...own };
    return this.step([process.execPath, file], environment, this.options.workspace, signal);
  }

  private async step(
    [command, ...args]: readonly [string, ...string[]],
    environment: Environment,
    cwd: string,
    signal?: AbortSignal,
  ): Promise<StepResult> {
    const files = makeCommandFiles(this.options.temp);
    const { stream } = this.options;
    const finished = await run(command, args, { cwd, env: { ...environment, ...files }, stream, signal });
    const env = parseCommandFile(readFileSync(files.GITHUB_ENV, 'utf8'));
    const path = parsePathFile(readFileSync(files.GITHUB_PATH, 'utf8'));
    Object.assign(this.shared, env);
    prependPath(this.shared, path);
    return {
      ...finished,
      outputs: parseCommandFile(readFileSync(files.GITHUB_OUTPUT, 'utf8')),
      state: parseCommandFile(readFileSync(files.GITHUB_STATE, 'utf8')),
      env,
      path,
      summary: readFileSync(files.GITHUB_STEP_SUMMARY, 'utf8'),
      annotations: parseAnnotations(finished.log),
      skipped: false,
    };
  }

  private inputs(jobStatus: JobStatus): Environment {
    const { cache, token = cache instanceof CacheServer ? cache.apiToken('none') : '' } = this.options;
    const context = { 'job.status': jobStatus, 'github.token': token };
    const defaults = Object.entries(this.file.defaults).map(([name, text]) => [
      name,
      evaluate(text, context),
    ]);
    return { ...Object.fromEntries(defaults), ...this.with };
  }

  private statusInput(jobStatus: JobStatus | undefined): Environment {
    if (jobStatus === undefined) return {};
    const named = Object.entries(this.file.defaults).filter(([, text]) => text.includes('job.status'));
    return Object.fromEntries(named.map(([name]) => [name, jobStatus]));
  }

  private cache(): Readonly<Environment> {
    const { cache, ref = 'refs/heads/main', baseRef, defaultBranch = 'main', apiUrl } = this.options;
    if (cache === undefined) return {};
    if (!(cache instanceof CacheServer)) return cache;
    const base = baseRef === undefined ? {} : { baseRef: `refs/heads/${baseRef}` };
    const scopes = scopesOf({ ref, defaultRef: `refs/heads/${defaultBranch}`, ...base });
    return { ...cache.environment({ scopes }), ...(apiUrl === undefined ? {} : { GITHUB_API_URL: apiUrl }) };
  }
}
