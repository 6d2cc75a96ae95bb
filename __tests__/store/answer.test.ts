import { expect, test } from 'vitest';
import { type NextStep, nextStep, type Refusal } from '../../src/store/answer.ts';

const now = 1_800_000_000_000;
const ends = (end: 'denied' | 'hidden' | 'over' | 'failed', reason: string): NextStep => ({
  ...{ kind: 'end', end, reason },
});
const waits = (ms: number): NextStep => ({ kind: 'wait', ms });
const asks = (seconds: number, said: string): NextStep =>
  ends('over', `the service asks to wait ${seconds} s (${said})`);

const table: readonly (readonly [string, Partial<Refusal> & { readonly tries?: number }, NextStep])[] = [
  ['no permission', { status: 403 }, ends('denied', 'HTTP 403: m')],
  ['not there, or hidden', { status: 404 }, ends('hidden', 'HTTP 404: m')],
  ['a bad token', { status: 401 }, ends('failed', 'HTTP 401: m')],
  ['nonsense', { status: 422 }, ends('failed', 'HTTP 422: m')],
  ['429 with retry-after', { status: 429, headers: { 'retry-after': '7' } }, waits(7000)],
  ['403 with retry-after', { status: 403, headers: { 'retry-after': 0 } }, waits(0)],
  ['a longer one than is left', { status: 403, headers: { 'retry-after': '50' } }, asks(50, 'HTTP 403: m')],
  [
    'retry-after for the third time',
    { status: 429, headers: { 'retry-after': '1' }, tries: 3 },
    asks(1, 'HTTP 429: m'),
  ],
  [
    'nothing left until soon',
    { status: 403, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(now / 1000 + 5) } },
    waits(5000),
  ],
  [
    'nothing left for long',
    { status: 429, headers: { 'x-ratelimit-remaining': 0, 'x-ratelimit-reset': now / 1000 + 1800 } },
    asks(1800, 'HTTP 429: m'),
  ],
  ['429 that says nothing', { status: 429 }, asks(60, 'HTTP 429: m')],
  [
    'a limit in words',
    { status: 403, message: 'You have exceeded a secondary rate limit.' },
    asks(60, 'HTTP 403: You have exceeded a secondary rate limit.'),
  ],
  ['a fault', { status: 502 }, waits(1000)],
  ['a second one', { status: 500, tries: 2 }, waits(3000)],
  ['a third one', { status: 500, tries: 3 }, ends('over', 'HTTP 500: m')],
];
test.each(table)('%s', (_, { tries = 1, ...refusal }, expected) => {
  const given = { status: 500, headers: {}, message: 'm', ...refusal };
  expect(nextStep(given, { tries, now, left: 40_000 })).toEqual(expected);
});

test('a fault when no time is left', () => {
  const given = { status: 500, headers: {}, message: 'm' };
  expect(nextStep(given, { tries: 1, now, left: 1000 })).toEqual(ends('over', 'HTTP 500: m'));
});
