/** An answer of the REST API that is not the one that was asked for. */
export interface Refusal {
  /** 500 also where there was no answer at all (`@octokit/request` 10, fetch-wrapper). */
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly message: string;
}

/**
 * `denied`: the token lacks a permission. `hidden`: it does, or there is no such thing; the service does not say which.
 * `over`: nothing more is to be asked of the service.
 */
export type EndKind = 'denied' | 'hidden' | 'over' | 'failed';

export type NextStep =
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'end'; readonly end: EndKind; readonly reason: string };

/**
 * What follows a refusal, by GitHub's "Best practices for using the REST API": a limit says how long to wait by
 * `retry-after` (seconds), or by `x-ratelimit-reset` (a Unix second) where nothing is left, else it is a minute; a 403
 * without any of these is a missing permission. A fault of the service is asked again after one second and after three.
 *
 * @param tries how often the request was sent already, from 1
 * @param now milliseconds since the epoch
 * @param left milliseconds that may still be waited
 */
export function nextStep(
  { status, headers, message }: Refusal,
  { tries, now, left }: { readonly tries: number; readonly now: number; readonly left: number },
): NextStep {
  const said = `HTTP ${status}: ${message}`;
  const limit = status === 403 || status === 429 ? askedWait(status, { headers, message, now }) : undefined;
  if (limit !== undefined) {
    if (tries < 3 && limit < left) return { kind: 'wait', ms: limit };
    return end('over', `the service asks to wait ${Math.ceil(limit / 1000)} s (${said})`);
  }
  if (status === 403) return end('denied', said);
  if (status === 404) return end('hidden', said);
  const wait = faultWaits[tries - 1];
  if (status < 500) return end('failed', said);
  return wait !== undefined && wait < left ? { kind: 'wait', ms: wait } : end('over', said);
}

/** Milliseconds, after the first try and the second. */
const faultWaits: readonly number[] = [1000, 3000];

/** Milliseconds; undefined where it is no limit that refuses. */
function askedWait(
  status: number,
  { headers, message, now }: Omit<Refusal, 'status'> & { readonly now: number },
): number | undefined {
  const after = headers['retry-after'];
  if (after !== undefined && Number(after) >= 0) return Number(after) * 1000;
  if (String(headers['x-ratelimit-remaining']) === '0') {
    return Math.max(0, Number(headers['x-ratelimit-reset'] ?? 0) * 1000 - now);
  }
  return status === 429 || /rate limit/i.test(message) ? 60_000 : undefined;
}

function end(kind: EndKind, reason: string): NextStep {
  return { kind: 'end', end: kind, reason };
}
