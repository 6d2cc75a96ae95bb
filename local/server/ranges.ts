import type { IncomingHttpHeaders } from 'node:http';

/** Offsets of the first and the last byte, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * The range that a request asks for (RFC 9110, 14.1; one range, as Azure). `x-ms-range` goes before `Range`,
 * as in Azure's "Get Blob". Undefined: the whole; null: nothing of a blob of `bytes` lies in it (416).
 */
export function rangeOf(headers: IncomingHttpHeaders, bytes: number): ByteRange | null | undefined {
  const text = [headers['x-ms-range'], headers.range].flat().find((value) => value !== undefined);
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(text ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  const start = first === '' ? Math.max(0, bytes - Number(last)) : Number(first);
  const end = first === '' || last === '' ? bytes - 1 : Math.min(Number(last), bytes - 1);
  return start < bytes && start <= end ? { start, end } : null;
}
