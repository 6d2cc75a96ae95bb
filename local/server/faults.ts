import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Cut, Incoming, Pause } from './answers.ts';

/** What a fault looks at. `url` is path and query, so that `comp=block` can be matched. */
export interface FaultRequest {
  readonly method: string;
  readonly path: string;
  readonly url: string;
}

/** Bytes count a body alone, of the request for PUT and POST, of the answer for GET, unless `side` says. */
interface CutAction extends Omit<Cut, 'bytes'> {
  readonly afterBytes: number;
  /** `answer` on a POST or PUT: the work is done, and the client does not learn of it. */
  readonly side?: 'request' | 'answer';
}

export type FaultAction =
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  | CutAction
  | { readonly kind: 'delay'; readonly ms: number }
  | ({ readonly kind: 'pause' } & Pause)
  /** Each request waits until all `times` of them have come, or the fault is taken back. */
  | { readonly kind: 'gather' }
  /** Lists all entries, whatever key and ref are asked for. */
  | { readonly kind: 'unfiltered' };

export interface Fault {
  /** A function, or a method and a pattern of the URL's path and query; both absent match every request. */
  readonly match: ((request: FaultRequest) => boolean) | { readonly method?: string; readonly path?: RegExp };
  /** How many matching requests it meets; default 1. */
  readonly times?: number;
  readonly action: FaultAction;
}

/** What is to be done about one request. */
export type Interruption =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'cut-request'; readonly cut: Cut }
  | { readonly kind: 'cut-answer'; readonly cut: Cut }
  | { readonly kind: 'pause-answer'; readonly pause: Pause };

interface Waiting {
  readonly fault: Fault;
  left: number;
  /** Settled by `open`: all its requests have come, or it is taken back. */
  readonly gathered: Promise<void>;
  readonly open: () => void;
}

/** The faults that wait for a request. The first that matches is taken, one for each request. */
export class Faults {
  private readonly waiting: Waiting[] = [];

  /** Adds a fault; the function that it returns takes it back. */
  add(fault: Fault): () => void {
    const { promise: gathered, resolve: open } = Promise.withResolvers<void>();
    const item = { fault, left: fault.times ?? 1, gathered, open };
    this.waiting.push(item);
    return () => {
      item.left = 0;
      item.open();
    };
  }

  /** The interruption of this request, after the wait of a `delay`; undefined: serve it as ever. */
  async take(request: Incoming, url: string): Promise<Interruption | undefined> {
    const seen = { method: request.method, path: request.path, url };
    const item = this.waiting.find(({ fault, left }) => left > 0 && matches(fault.match, seen));
    if (item === undefined) return undefined;
    item.left -= 1;
    if (item.left === 0) item.open();
    return interruption(item, request);
  }
}

async function interruption(
  { fault: { action }, gathered }: Waiting,
  { method, query }: Incoming,
): Promise<Interruption | undefined> {
  switch (action.kind) {
    case 'unfiltered':
      for (const filter of ['key', 'ref']) query.delete(filter);
      return undefined;
    case 'gather':
      await gathered;
      return undefined;
    case 'delay':
      await sleep(action.ms);
      return undefined;
    case 'pause':
      return { kind: 'pause-answer', pause: action };
    case 'status': {
      const body = Buffer.from(
        action.body ?? JSON.stringify({ code: 'internal', msg: 'a fault of the test' }),
      );
      const headers = { 'content-type': 'application/json', ...action.headers };
      return {
        kind: 'answer',
        answer: { status: action.status, headers: { ...headers, 'content-length': `${body.length}` }, body },
      };
    }
    case 'reset':
    case 'stall': {
      const side = action.side ?? (method === 'PUT' || method === 'POST' ? 'request' : 'answer');
      return { kind: `cut-${side}`, cut: { kind: action.kind, bytes: action.afterBytes } };
    }
  }
}

function matches(match: Fault['match'], request: FaultRequest): boolean {
  if (typeof match === 'function') return match(request);
  if (match.method !== undefined && match.method !== request.method) return false;
  return match.path === undefined || request.url.search(match.path) >= 0;
}
