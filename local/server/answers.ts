import { createReadStream } from 'node:fs';
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A request as the routes see it. */
export interface Incoming {
  readonly method: string;
  /** Path of the URL, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: AsyncIterable<Buffer>;
}

/** Bytes `start` to `end`, both included, of a file. */
export interface FileSlice {
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** An answer as data, so that a fault can cut it at any byte. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | FileSlice;
}

/** Where an answer ends early: after `bytes` of its body the socket is destroyed, or left open in silence. */
export interface Cut {
  readonly kind: 'reset' | 'stall';
  readonly bytes: number;
}

/** Where an answer is slow: it waits for `ms` milliseconds after each `bytes` of its body, `times` times. */
export interface Pause {
  readonly bytes: number;
  readonly ms: number;
  readonly times: number;
}

/** Large enough that 140 MB over loopback is not bound by the number of writes. */
const chunkBytes = 1024 * 1024;

/** An answer of JSON. */
export function json(status: number, value: unknown): Answer {
  return withBody(status, 'application/json', JSON.stringify(value));
}

/** An answer of text of any type, with its length in bytes. */
export function withBody(status: number, type: string, text: string): Answer {
  const body = Buffer.from(text);
  return { status, headers: { 'content-type': type, 'content-length': String(body.length) }, body };
}

/** Reads a body whole; for the small ones (JSON, a block list). */
export async function textOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

/**
 * Sends an answer, or as much of it as `cut` lets through; with pauses.
 * @param count told the number of body bytes of each chunk handed to the kernel
 * @throws when the client goes away first
 */
export async function send(
  response: ServerResponse,
  answer: Answer,
  options: {
    readonly cut?: Cut | undefined;
    readonly pause?: Pause | undefined;
    readonly count: (bytes: number) => void;
  },
): Promise<void> {
  const { cut, pause, count } = options;
  let left = cut?.bytes ?? Number.POSITIVE_INFINITY;
  // Before the head is out a reset is "no answer at all", which clients treat apart from a short body.
  if (left > 0) response.writeHead(answer.status, answer.headers);
  if (left > 0 && response.req.method !== 'HEAD') {
    const chunks = chunksOf(answer.body);
    for await (const chunk of pause === undefined ? chunks : paused(chunks, pause)) {
      const part = chunk.subarray(0, Math.min(left, chunk.length));
      await write(response, part);
      count(part.length);
      left -= part.length;
      if (left === 0) break;
    }
  }
  if (cut === undefined) response.end();
  else if (cut.kind === 'reset') response.destroy();
  // A stalled answer stays open: the client or the server's close() ends it.
}

async function* chunksOf(body: Answer['body']): AsyncGenerator<Buffer> {
  if (body === undefined) return;
  if (Buffer.isBuffer(body)) {
    yield body;
    return;
  }
  if (body.end < body.start) return;
  const stream = createReadStream(body.file, {
    start: body.start,
    end: body.end,
    highWaterMark: chunkBytes,
  });
  for await (const chunk of stream) yield chunk;
}

async function* paused(chunks: AsyncIterable<Buffer>, pause: Pause): AsyncGenerator<Buffer> {
  let [left, times] = [pause.bytes, pause.times];
  for await (const chunk of chunks) {
    let rest = chunk;
    while (times > 0 && rest.length >= left) {
      yield rest.subarray(0, left);
      await sleep(pause.ms);
      rest = rest.subarray(left);
      times -= 1;
      left = pause.bytes;
    }
    left -= rest.length;
    if (rest.length > 0) yield rest;
  }
}

/** Resolves when the kernel has the bytes, so that a cut behind them does not take them along. */
function write(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new Error('the client went away'));
    response.once('close', gone);
    response.write(chunk, (error) => {
      response.off('close', gone);
      if (error) reject(error);
      else resolve();
    });
  });
}
