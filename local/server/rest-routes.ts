import { type Answer, type Incoming, json } from './answers.ts';
import type { CacheEntry, EntryStore } from './entries.ts';
import { sameText, signature } from './tokens.ts';

/**
 * What a token may do with the repository's actions; `admin` may read the limit, too, which needs a permission on
 * administration that no workflow can give its own token.
 */
export type ApiAccess = 'none' | 'read' | 'write' | 'admin';

const levels: readonly ApiAccess[] = ['none', 'read', 'write', 'admin'];

interface Call extends Incoming {
  /** Of this server, for the links between pages. */
  readonly origin: string;
  /** What the pattern of the path took out of it. */
  readonly found: string;
}

interface Route {
  readonly method: string;
  /** Of the path below that of the repository. */
  readonly path: RegExp;
  readonly needs: ApiAccess;
  readonly answer: (call: Call) => Answer | Promise<Answer>;
}

/**
 * The cache's half of GitHub's REST API, for one repository, field by field as "REST API endpoints for GitHub Actions
 * cache" (API version 2022-11-28) says. The two ways of GitHub to refuse: 401 for a bad token, 403 for one that lacks the
 * permission; 404 for whatever is not there, other repositories included.
 */
export class RestRoutes {
  private readonly entries: EntryStore;
  private readonly repository: string;
  private readonly secret: string;
  private readonly limitBytes: number;
  private readonly routes: readonly Route[];

  constructor(options: {
    readonly entries: EntryStore;
    /** `owner/name` */
    readonly repository: string;
    readonly secret: string;
    readonly limitBytes: number;
  }) {
    this.entries = options.entries;
    this.repository = options.repository;
    this.secret = options.secret;
    this.limitBytes = options.limitBytes;
    this.routes = [
      { method: 'GET', path: /^caches()$/, needs: 'read', answer: (call) => this.list(call) },
      { method: 'DELETE', path: /^caches()$/, needs: 'write', answer: (call) => this.removeKey(call) },
      { method: 'DELETE', path: /^caches\/(\d+)$/, needs: 'write', answer: (call) => this.removeId(call) },
      { method: 'GET', path: /^cache\/usage()$/, needs: 'read', answer: () => this.usage() },
      { method: 'GET', path: /^cache\/storage-limit()$/, needs: 'admin', answer: () => this.limit() },
    ];
  }

  /** A token of this server for its REST API. It has no form that a client could read. */
  token(access: ApiAccess): string {
    return `local_${access}_${signature(`api\n${access}`, this.secret)}`;
  }

  isApi(path: string): boolean {
    return path.startsWith('/repos/');
  }

  async answer(request: Incoming, origin: string): Promise<Answer> {
    const access = this.access(request.headers.authorization);
    if (access === undefined) return refused(401, 'Bad credentials');
    const base = `/repos/${this.repository}/actions/`;
    // GitHub takes the names of owners and repositories in any case.
    if (!request.path.toLowerCase().startsWith(base.toLowerCase())) return refused(404, 'Not Found');
    const below = request.path.slice(base.length);
    for (const route of this.routes) {
      const found = route.method === request.method ? route.path.exec(below)?.[1] : undefined;
      if (found === undefined) continue;
      if (levels.indexOf(access) < levels.indexOf(route.needs)) {
        return refused(403, 'Resource not accessible by integration');
      }
      return route.answer({ ...request, origin, found });
    }
    return refused(404, 'Not Found');
  }

  /** The access of an `Authorization` header, `token …` or `Bearer …`; undefined for one that is not of this server. */
  private access(authorization: string | undefined): ApiAccess | undefined {
    const token = /^(?:token|bearer) (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
    return levels.find((access) => sameText(token, this.token(access)));
  }

  private list({ query, path, origin }: Call): Answer {
    const found = this.matching(query);
    const sort = query.get('sort') ?? 'last_accessed_at';
    const by: Readonly<Record<string, (entry: CacheEntry) => number>> = {
      created_at: ({ createdAt }) => createdAt,
      last_accessed_at: ({ lastAccessedAt }) => lastAccessedAt,
      size_in_bytes: ({ bytes }) => bytes,
    };
    const value = by[sort];
    if (value === undefined) return refused(422, `sort is ${sort}`);
    found.sort((a, b) => value(a) - value(b) || a.id - b.id);
    if (query.get('direction') !== 'asc') found.reverse();
    const size = Math.min(whole(query.get('per_page'), 30), 100);
    const page = whole(query.get('page'), 1);
    const last = Math.max(1, Math.ceil(found.length / size));
    const answer = json(200, {
      total_count: found.length,
      actions_caches: found.slice((page - 1) * size, page * size).map(listed),
    });
    const links = linksOf({ page, last }, (to) => pageUrl(new URL(path, origin), query, to));
    return links === '' ? answer : { ...answer, headers: { ...answer.headers, link: links } };
  }

  private async removeKey({ query }: Call): Promise<Answer> {
    const key = query.get('key') ?? '';
    if (key === '') return refused(422, 'key is missing');
    const found = this.matching(query).filter((entry) => entry.key === key);
    if (found.length === 0) return refused(404, 'Not Found');
    for (const { id } of found) await this.entries.delete(id);
    return json(200, { total_count: found.length, actions_caches: found.map(listed) });
  }

  private async removeId({ found }: Call): Promise<Answer> {
    const deleted = await this.entries.delete(Number(found));
    return deleted ? { status: 204, headers: {} } : refused(404, 'Not Found');
  }

  private usage(): Answer {
    const entries = this.entries.list();
    return json(200, {
      full_name: this.repository,
      active_caches_size_in_bytes: entries.reduce((sum, { bytes }) => sum + bytes, 0),
      active_caches_count: entries.length,
    });
  }

  private limit(): Answer {
    return json(200, { max_cache_size_gb: Math.floor(this.limitBytes / 1e9) });
  }

  /** `key`: the beginning of the key, or all of it. `ref`: a full ref. */
  private matching(query: URLSearchParams): CacheEntry[] {
    const [key, ref] = [query.get('key') ?? '', query.get('ref')];
    return this.entries
      .list()
      .filter((entry) => entry.key.startsWith(key) && (ref === null || entry.scope === ref));
  }
}

/** One entry as the API shows it; times in ISO 8601. */
function listed({ id, key, version, scope, bytes, createdAt, lastAccessedAt }: CacheEntry): object {
  return {
    ...{ id, ref: scope, key, version, size_in_bytes: bytes },
    last_accessed_at: new Date(lastAccessedAt).toISOString(),
    created_at: new Date(createdAt).toISOString(),
  };
}

/** A `Link` header (RFC 8288) as GitHub's "Using pagination in the REST API" describes it; '' for a single page. */
function linksOf(
  at: { readonly page: number; readonly last: number },
  url: (page: number) => string,
): string {
  const { page, last } = at;
  const next =
    page < last
      ? ([
          ['next', page + 1],
          ['last', last],
        ] as const)
      : [];
  const previous =
    page > 1
      ? ([
          ['prev', page - 1],
          ['first', 1],
        ] as const)
      : [];
  return [...previous, ...next].map(([rel, to]) => `<${url(to)}>; rel="${rel}"`).join(', ');
}

function pageUrl(url: URL, query: URLSearchParams, page: number): string {
  const to = new URL(url);
  to.search = String(query);
  to.searchParams.set('page', String(page));
  return to.href;
}

function refused(status: number, message: string): Answer {
  return json(status, { message, documentation_url: 'https://docs.github.com/rest', status: String(status) });
}

function whole(text: string | null, fallback: number): number {
  const value = Number(text ?? '');
  return Number.isInteger(value) && value > 0 ? value : fallback;
}
