import { type Answer, type Incoming, json, textOf } from './answers.ts';
import type { BlobStore } from './blobs.ts';
import type { EntryStore } from './entries.ts';
import type { SignedUrls } from './signed-urls.ts';
import { isRecord, type Scope, scopesOfHeader, TokenError } from './tokens.ts';

/** HTTP statuses of the Twirp error codes in use (twirp spec v7, "Error Codes"). */
const statusOf = {
  already_exists: 409,
  bad_route: 404,
  invalid_argument: 400,
  malformed: 400,
  not_found: 404,
  permission_denied: 403,
  unauthenticated: 401,
} as const;

const servicePath = /^\/twirp\/github\.actions\.results\.api\.v1\.CacheService\/(\w+)$/;

/** A failure of a call, as Twirp puts it: `{"code":…,"msg":…}`. */
class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: keyof typeof statusOf;

  constructor(code: keyof typeof statusOf, message: string) {
    super(message);
    this.code = code;
  }
}

type Fields = Record<string, unknown>;

/**
 * `github.actions.results.api.v1.CacheService` in Twirp's JSON with the names of the .proto file (snake_case,
 * int64 as strings), field by field as `lib/generated/results/api/v1/cache.js` of `@actions/cache` 6.3.0.
 */
export class TwirpRoutes {
  private readonly entries: EntryStore;
  private readonly blobs: BlobStore;
  private readonly urls: SignedUrls;
  private readonly secret: string;
  private readonly now: () => number;

  constructor(options: {
    readonly entries: EntryStore;
    readonly blobs: BlobStore;
    readonly urls: SignedUrls;
    readonly secret: string;
    readonly now: () => number;
  }) {
    this.entries = options.entries;
    this.blobs = options.blobs;
    this.urls = options.urls;
    this.secret = options.secret;
    this.now = options.now;
  }

  async answer(request: Incoming, origin: string): Promise<Answer> {
    try {
      const call = request.method === 'POST' ? servicePath.exec(request.path)?.[1] : undefined;
      if (call === undefined)
        throw new CallError('bad_route', `no handler for ${request.method} ${request.path}`);
      const scopes = this.scopes(request.headers.authorization);
      const fields = await fieldsOf(request);
      switch (call) {
        case 'CreateCacheEntry':
          return json(200, await this.create(fields, scopes, origin));
        case 'FinalizeCacheEntryUpload':
          return json(200, await this.finalize(fields, scopes));
        case 'GetCacheEntryDownloadURL':
          return json(200, this.look(fields, scopes, origin));
        default:
          throw new CallError('bad_route', `no method ${call}`);
      }
    } catch (error) {
      if (!(error instanceof CallError)) throw error;
      return json(statusOf[error.code], { code: error.code, msg: error.message });
    }
  }

  private async create(fields: Fields, scopes: readonly Scope[], origin: string): Promise<object> {
    const name = nameOf(fields);
    const scope = writable(scopes);
    // A refusal by policy is no Twirp error: the toolkit knows it by the start of `message` in an `ok: false`.
    if (scope === undefined)
      return { ok: false, message: 'cache write denied: the token has no writable scope' };
    const id = await this.entries.reserve({ ...name, scope });
    if (id === undefined) {
      // The service's own words, as actions/cache issue 1665 quotes them.
      throw new CallError(
        'already_exists',
        'cache entry with the same key, version, and scope already exists',
      );
    }
    return { ok: true, signed_upload_url: this.urls.make(origin, id, 'w') };
  }

  private async finalize(fields: Fields, scopes: readonly Scope[]): Promise<object> {
    const name = nameOf(fields);
    const scope = writable(scopes);
    const id = scope === undefined ? undefined : this.entries.reserved({ ...name, scope });
    if (id === undefined) throw new CallError('not_found', 'no reserved cache entry of this key and version');
    const stored = (await this.blobs.info(id))?.bytes;
    const said = Number(fields['size_bytes'] ?? 0);
    if (stored !== said) {
      return { ok: false, message: `cache entry has ${stored ?? 'no'} bytes, not ${said}` };
    }
    await this.entries.finalize(id, stored);
    return { ok: true, entry_id: String(id) };
  }

  private look(fields: Fields, scopes: readonly Scope[], origin: string): object {
    const { key, version } = nameOf(fields);
    const restoreKeys = fields['restore_keys'] ?? [];
    if (!Array.isArray(restoreKeys) || !restoreKeys.every((item) => typeof item === 'string')) {
      throw new CallError('invalid_argument', 'restore_keys is not a list of strings');
    }
    const readable = scopes.filter((scope) => (scope.permission & 1) !== 0).map((scope) => scope.ref);
    if (readable.length === 0) {
      throw new CallError('permission_denied', 'cache read denied: the token has no readable scope');
    }
    const found = this.entries.find({ keys: [key, ...restoreKeys], version, scopes: readable });
    if (found === undefined) return { ok: false };
    return { ok: true, signed_download_url: this.urls.make(origin, found.id, 'r'), matched_key: found.key };
  }

  private scopes(authorization: string | undefined): Scope[] {
    try {
      return scopesOfHeader(authorization, { secret: this.secret, now: this.now() });
    } catch (error) {
      if (!(error instanceof TokenError)) throw error;
      throw new CallError('unauthenticated', error.message);
    }
  }
}

function writable(scopes: readonly Scope[]): string | undefined {
  return scopes.find((scope) => (scope.permission & 2) !== 0)?.ref;
}

async function fieldsOf(request: Incoming): Promise<Fields> {
  const text = await textOf(request.body);
  try {
    const value: unknown = JSON.parse(text);
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CallError('malformed', 'the body is not a JSON object');
}

function nameOf(fields: Fields): { readonly key: string; readonly version: string } {
  const { key, version } = fields;
  if (typeof key !== 'string' || key === '' || key.length > 512 || key.includes(',')) {
    throw new CallError('invalid_argument', 'key is empty, longer than 512 characters, or holds a comma');
  }
  if (typeof version !== 'string' || version === '')
    throw new CallError('invalid_argument', 'version is empty');
  return { key, version };
}
