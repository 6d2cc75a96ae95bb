import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { type Answer, type Cut, type Incoming, send } from './answers.ts';
import { BlobRoutes } from './blob-routes.ts';
import { BlobStore } from './blobs.ts';
import { type CacheEntry, EntryStore } from './entries.ts';
import { type Fault, Faults } from './faults.ts';
import { type ApiAccess, RestRoutes } from './rest-routes.ts';
import { SignedUrls } from './signed-urls.ts';
import { runtimeToken, type Scope, scopesOf } from './tokens.ts';
import { TwirpRoutes } from './twirp-routes.ts';

export interface CacheServerOptions {
  /** Where the entries are kept; made when missing. A later server over the same directory has them again. */
  readonly directory: string;
  /** Default 10 GiB, a repository's own. */
  readonly quotaBytes?: number;
  /** `owner/name`, as the REST API knows it; default `example/project`. */
  readonly repository?: string;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly now?: () => number;
}

/** One request that the server met. */
export interface LoggedRequest {
  readonly method: string;
  /** Path of the URL, without the query (which holds a signature). */
  readonly path: string;
  /** `block` or `blocklist` of a block upload. */
  readonly comp: string | null;
  /** Null while there is no answer, and for good when the socket was destroyed before one. */
  status: number | null;
  /** Bytes of the request's body that arrived. */
  bytesUp: number;
  /** Bytes of the answer's body that left. */
  bytesDown: number;
}

/** Starts a server on 127.0.0.1, at a free port. @throws Error when the directory's index cannot be read */
export async function startCacheServer(options: CacheServerOptions): Promise<CacheServer> {
  mkdirSync(options.directory, { recursive: true });
  const server = new CacheServer(options);
  await server.listen();
  return server;
}

/** The cache service of one repository, on loopback. Made by `startCacheServer`. */
export class CacheServer {
  readonly directory: string;
  /** Every request so far, in order of arrival. */
  readonly requests: LoggedRequest[] = [];
  /** Signs tokens and URLs; another server's are refused. */
  readonly secret = randomBytes(32).toString('hex');
  private readonly http: Server;
  private readonly faults = new Faults();
  private readonly now: () => number;
  private readonly store: EntryStore;
  private readonly blobs: BlobStore;
  private readonly urls: SignedUrls;
  private readonly blobRoutes: BlobRoutes;
  private readonly twirpRoutes: TwirpRoutes;
  private readonly restRoutes: RestRoutes;

  constructor(options: CacheServerOptions) {
    const {
      directory,
      quotaBytes = 10 * 1024 ** 3,
      repository = 'example/project',
      now = Date.now,
    } = options;
    this.directory = directory;
    this.now = now;
    this.blobs = new BlobStore(join(directory, 'blobs'));
    this.store = new EntryStore({ directory, blobs: this.blobs, quotaBytes, now });
    this.urls = new SignedUrls(this.secret, now);
    this.blobRoutes = new BlobRoutes(this.blobs, this.urls, (id) => this.store.isOpen(id));
    const { store: entries, blobs, urls, secret } = this;
    this.twirpRoutes = new TwirpRoutes({ entries, blobs, urls, secret, now });
    this.restRoutes = new RestRoutes({ entries, repository, secret, limitBytes: quotaBytes });
    this.http = createServer((request, response) => {
      // A client that goes away in the middle is an everyday event here; anything else is a bug worth a line.
      this.serve(request, response).catch((error: unknown) => {
        if (!request.socket.destroyed) console.error('cache server:', error);
        response.destroy();
      });
    });
  }

  /** Opens the port; `startCacheServer` does so. */
  async listen(): Promise<void> {
    this.http.listen(0, '127.0.0.1');
    await once(this.http, 'listening');
  }

  /** `http://127.0.0.1:<port>/`. */
  get url(): string {
    const address = this.http.address();
    if (address === null || typeof address === 'string') throw new Error('the cache server is not listening');
    return `http://127.0.0.1:${address.port}/`;
  }

  /** A value of `${{ github.token }}` that may do so much with the repository's actions. */
  apiToken(access: ApiAccess): string {
    return this.restRoutes.token(access);
  }

  /** The variables that lead the toolkit and the REST client here, for a run of these scopes (default: main, read and write). */
  environment(run: { readonly scopes?: readonly Scope[] } = {}): Record<string, string> {
    const scopes = run.scopes ?? scopesOf({ ref: 'refs/heads/main' });
    return {
      ACTIONS_CACHE_SERVICE_V2: 'true',
      ACTIONS_RESULTS_URL: this.url,
      ACTIONS_RUNTIME_TOKEN: runtimeToken({ scopes, secret: this.secret, now: this.now() }),
      GITHUB_API_URL: this.url.replace(/\/$/, ''),
      GITHUB_SERVER_URL: 'https://github.com',
    };
  }

  /** The entries that can be restored, oldest first. */
  entries(): CacheEntry[] {
    return this.store.list();
  }

  /** Deletes every entry and reservation. */
  async clear(): Promise<void> {
    await this.store.clear();
  }

  /** Deletes one entry, as the service does for want of space. @throws Error for an unknown id */
  async evict(id: number): Promise<void> {
    if (!(await this.store.delete(id))) throw new Error(`no entry ${id}`);
  }

  /** Changes the stored bytes of a key's entries behind the service's back. @throws Error for an unknown key */
  async corrupt(key: string, change: (bytes: Buffer) => Uint8Array): Promise<void> {
    const ids = this.store.idsOf(key);
    if (ids.length === 0) throw new Error(`no entry of key ${key}`);
    for (const id of ids) await this.blobs.rewrite(id, change);
  }

  /** Lets something go wrong with requests to come; the function that it returns takes the fault back. */
  fault(fault: Fault): () => void {
    return this.faults.add(fault);
  }

  /** Ends every connection, stalled ones too. */
  async close(): Promise<void> {
    const closed = once(this.http, 'close');
    this.http.close();
    this.http.closeAllConnections();
    await closed;
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const { method = 'GET' } = request;
    const logged: LoggedRequest = {
      method,
      path: url.pathname,
      comp: url.searchParams.get('comp'),
      status: null,
      bytesUp: 0,
      bytesDown: 0,
    };
    this.requests.push(logged);
    const incoming = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers: request.headers,
      body: counted(request, logged),
    };
    const interruption = await this.faults.take(incoming, `${url.pathname}${url.search}`);
    if (interruption?.kind === 'cut-request') {
      await cutRequest(request, interruption.cut, logged);
      return;
    }
    const answer = interruption?.kind === 'answer' ? interruption.answer : await this.answer(incoming);
    const cut = interruption?.kind === 'cut-answer' ? interruption.cut : undefined;
    const pause = interruption?.kind === 'pause-answer' ? interruption.pause : undefined;
    if (cut?.bytes !== 0) logged.status = answer.status;
    const count = (bytes: number) => {
      logged.bytesDown += bytes;
    };
    await send(response, answer, { cut, pause, count });
  }

  private answer(incoming: Incoming): Promise<Answer> {
    if (this.urls.isBlob(incoming.path)) return this.blobRoutes.answer(incoming);
    if (this.restRoutes.isApi(incoming.path)) return this.restRoutes.answer(incoming, this.url);
    return this.twirpRoutes.answer(incoming, this.url);
  }
}

async function* counted(request: IncomingMessage, logged: LoggedRequest): AsyncGenerator<Buffer> {
  for await (const chunk of request) {
    logged.bytesUp += chunk.length;
    yield chunk;
  }
}

/** Takes a request's body up to the cut; then the socket goes, or nothing is read or said any more. */
async function cutRequest(request: IncomingMessage, cut: Cut, logged: LoggedRequest): Promise<void> {
  if (cut.bytes > 0) {
    const iterator = request.iterator({ destroyOnReturn: false });
    for await (const chunk of iterator) {
      logged.bytesUp += chunk.length;
      if (logged.bytesUp >= cut.bytes) break;
    }
  }
  if (cut.kind === 'reset') request.destroy();
}
