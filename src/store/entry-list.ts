import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/core';
import { type PaginateInterface, paginateRest } from '@octokit/plugin-paginate-rest';
import { messageOf } from '../errors.ts';
import { type EndKind, nextStep, type Refusal } from './answer.ts';
import { proxiedFetch } from './fetch.ts';
import type { ListedEntry } from './superseded.ts';

/** The REST API did not do what was asked; the message says why, in one line. */
export class ListError extends Error {
  override readonly name = 'ListError';
  readonly kind: EndKind;

  constructor(kind: EndKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** Milliseconds for all that is asked of one list: post does not wait longer for what the job can do without. */
const deadline = 60_000;

/**
 * A repository's cache entries by GitHub's REST API ("REST API endpoints for GitHub Actions cache"). The one adapter of
 * `@octokit`. Limits and faults of the service are waited for as `nextStep` says, for a minute in all; after that every
 * method rejects at once.
 */
export class EntryList {
  readonly #client: Octokit & { paginate: PaginateInterface };
  readonly #repository: { readonly owner: string; readonly repo: string };
  /** Milliseconds that are left. */
  #left: number;
  /** Of the request that is under way: one at a time. */
  #signal: AbortSignal | undefined;
  #over: ListError | undefined;

  /**
   * @param env the environment with the API's address (GITHUB_API_URL) and the repository (GITHUB_REPOSITORY)
   * @param limit milliseconds that all requests and waits may take together
   */
  constructor(env: NodeJS.ProcessEnv, token: string, limit = deadline) {
    const [owner = '', repo = ''] = (env['GITHUB_REPOSITORY'] ?? '').split('/');
    this.#repository = { owner, repo };
    this.#left = limit;
    // What it would print about deprecated routes is nothing that the user of this action could mend.
    const quiet = () => undefined;
    this.#client = new (Octokit.plugin(paginateRest))({
      auth: token,
      baseUrl: env['GITHUB_API_URL'] || 'https://api.github.com',
      userAgent: 'gobuild-test',
      log: { debug: quiet, info: quiet, warn: quiet, error: quiet },
      request: { fetch: this.#fetchInTime() },
    });
    this.#client.hook.wrap('request', (send, options) => this.#insist(async () => send(options)));
  }

  /** All entries, to the last page; or those of one ref whose keys begin with a prefix. @throws ListError */
  async list(of: { readonly prefix?: string; readonly ref?: string } = {}): Promise<ListedEntry[]> {
    const { prefix, ref } = of;
    const listed = await this.#client.paginate('GET /repos/{owner}/{repo}/actions/caches', {
      ...{ ...this.#repository, per_page: 100, sort: 'created_at', direction: 'desc' },
      ...(prefix === undefined ? {} : { key: prefix }),
      ...(ref === undefined ? {} : { ref }),
    });
    return listed.flatMap(({ id, key, ref, version, created_at, size_in_bytes: bytes = 0 }) => {
      // The API's description promises none of them; what cannot be judged is not to be deleted.
      if (id === undefined || key === undefined || ref === undefined || version === undefined) return [];
      return [{ id, key, ref, version, createdAt: Date.parse(created_at ?? ''), bytes }];
    });
  }

  /** Deletes one entry; false where it is not there, or hidden from this token. @throws ListError */
  async remove({ id }: ListedEntry): Promise<boolean> {
    try {
      const route = 'DELETE /repos/{owner}/{repo}/actions/caches/{cache_id}';
      await this.#client.request(route, { ...this.#repository, cache_id: id });
      return true;
    } catch (error) {
      if (error instanceof ListError && error.kind === 'hidden') return false;
      throw error;
    }
  }

  /** The bytes that the repository may store; undefined where the token may not read that. @throws ListError */
  async limit(): Promise<number | undefined> {
    try {
      const route = 'GET /repos/{owner}/{repo}/actions/cache/storage-limit';
      const { data } = await this.#client.request(route, this.#repository);
      const { max_cache_size_gb: gigabytes } = data;
      return gigabytes !== undefined && gigabytes > 0 ? gigabytes * 1e9 : undefined;
    } catch (error) {
      if (error instanceof ListError && (error.kind === 'denied' || error.kind === 'hidden'))
        return undefined;
      throw error;
    }
  }

  /** A fetch that is given up when the time of all requests is over. */
  #fetchInTime(): ReturnType<typeof proxiedFetch> {
    const fetch = proxiedFetch();
    return (input, init) => {
      this.#signal = AbortSignal.timeout(Math.max(0, Math.ceil(this.#left)));
      return fetch(input, { ...init, signal: this.#signal });
    };
  }

  /** Sends a request until it is answered as asked, or there is no sense in it any more. */
  async #insist<T>(send: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      if (this.#over !== undefined) throw this.#over;
      const started = performance.now();
      try {
        return await send();
      } catch (error) {
        const left = this.#signal?.aborted ? 0 : this.#left - (performance.now() - started);
        const step = nextStep(refusal(error), { tries, now: Date.now(), left });
        if (step.kind === 'wait') await sleep(step.ms);
        else throw this.#ended(step.end, left > 0 ? step.reason : 'the time for it is over');
      } finally {
        this.#left -= performance.now() - started;
      }
    }
  }

  #ended(kind: EndKind, reason: string): ListError {
    const error = new ListError(kind, reason);
    if (kind === 'over') this.#over = error;
    return error;
  }
}

/** Octokit's RequestError has a status and the answer; whatever else is thrown had none. */
function refusal(error: unknown): Refusal {
  const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
  const response = error instanceof Error && 'response' in error ? error.response : undefined;
  return { status, headers: headersOf(response), message: messageOf(error).slice(0, 300) };
}

function headersOf(response: unknown): Refusal['headers'] {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return {};
  const { headers } = response;
  return typeof headers === 'object' && headers !== null ? { ...headers } : {};
}
