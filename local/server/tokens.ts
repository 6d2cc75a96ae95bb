import { createHmac, timingSafeEqual } from 'node:crypto';

/** What a run may do in one scope: bits as in the claim, 1 = read, 2 = write. */
export type Permission = 1 | 2 | 3;

/** A scope of the cache: a git ref, as `refs/heads/main` or `refs/pull/7/merge`. */
export interface Scope {
  readonly ref: string;
  readonly permission: Permission;
}

export interface TokenOptions {
  readonly scopes: readonly Scope[];
  /** Key of the HS256 signature. */
  readonly secret: string;
  /** Milliseconds since the epoch; default `Date.now()`. */
  readonly now?: number;
  /** Seconds until the token is refused; default six hours, the longest job of a hosted runner. */
  readonly lifetimeSeconds?: number;
}

/** A token that the server refuses: missing, malformed, of another key, or expired. */
export class TokenError extends Error {
  override readonly name = 'TokenError';
}

const header = encode({ alg: 'HS256', typ: 'JWT' });

/**
 * A token like the runner's ACTIONS_RUNTIME_TOKEN: a JWT (RFC 7519) whose claim `ac` is a JSON *string* of
 * `[{"Scope":"refs/heads/main","Permission":3}]`.
 */
export function runtimeToken(options: TokenOptions): string {
  const issued = Math.floor((options.now ?? Date.now()) / 1000);
  const access = options.scopes.map((scope) => ({ Scope: scope.ref, Permission: scope.permission }));
  const claims = encode({
    ac: JSON.stringify(access),
    scp: 'Actions.Results',
    iat: issued,
    exp: issued + (options.lifetimeSeconds ?? 6 * 3600),
  });
  return `${header}.${claims}.${signature(`${header}.${claims}`, options.secret)}`;
}

/**
 * The scopes that a run gets: its own ref with write, the base of a pull request and the default branch to read.
 * A ref that comes twice is named once, with its first permission. `readOnly` is what an untrusted trigger gets.
 */
export function scopesOf(run: {
  readonly ref: string;
  readonly baseRef?: string;
  readonly defaultRef?: string;
  readonly readOnly?: boolean;
}): Scope[] {
  const refs = [...new Set([run.ref, run.baseRef ?? run.ref, run.defaultRef ?? 'refs/heads/main'])];
  return refs.map((ref, index) => ({ ref, permission: index === 0 && run.readOnly !== true ? 3 : 1 }));
}

/**
 * The scopes of an `Authorization` header, in their order.
 * @param now milliseconds since the epoch
 * @throws TokenError
 */
export function scopesOfHeader(
  authorization: string | undefined,
  { secret, now }: { readonly secret: string; readonly now: number },
): Scope[] {
  const token = /^Bearer (.+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined) throw new TokenError('no bearer token');
  const [head, claims, signed, ...rest] = token.split('.');
  if (head !== header || claims === undefined || signed === undefined || rest.length > 0) {
    throw new TokenError('not a HS256 JWT');
  }
  if (!sameText(signed, signature(`${head}.${claims}`, secret))) throw new TokenError('bad signature');
  const payload: unknown = JSON.parse(Buffer.from(claims, 'base64url').toString());
  if (!isRecord(payload)) throw new TokenError('no claims');
  if (typeof payload['exp'] !== 'number' || payload['exp'] * 1000 <= now)
    throw new TokenError('token expired');
  if (typeof payload['ac'] !== 'string') throw new TokenError('no claim "ac"');
  const access: unknown = JSON.parse(payload['ac']);
  if (!Array.isArray(access)) throw new TokenError('claim "ac" is not a list');
  return access.map(toScope);
}

/** HMAC-SHA256 in base64url, the form that both tokens and signed URLs use. */
export function signature(text: string, secret: string): string {
  return createHmac('sha256', secret).update(text).digest('base64url');
}

/** Compares two signatures in a time that does not depend on where they differ. */
export function sameText(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Whether a parsed JSON value is an object (and so may be read by name). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toScope(value: unknown): Scope {
  if (isRecord(value) && typeof value['Scope'] === 'string') {
    const permission = value['Permission'];
    if (permission === 1 || permission === 2 || permission === 3) return { ref: value['Scope'], permission };
  }
  throw new TokenError('claim "ac" holds something that is not a scope');
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
