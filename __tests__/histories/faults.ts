import type { Fault } from '../../local/server/faults.ts';
import type { Trouble } from './model.ts';

interface Going {
  /** The step of the action in which the service has it. */
  readonly step: 'main' | 'post';
  readonly fault?: Fault;
  /** Absent where another try mends it. */
  readonly trouble?: Trouble;
}

const refused = (status: number) => ({ kind: 'status', status, body: '{"message":"no"}' }) as const;
const entries = /\/actions\/caches/;
const lookUp = /GetCacheEntryDownloadURL/;

const faults = {
  none: { step: 'main' },
  'look-ups are refused': {
    step: 'main',
    fault: { match: { path: lookUp }, times: Infinity, action: refused(403) },
    trouble: { restore: 'refused' },
  },
  'the first look-up fails': {
    step: 'main',
    fault: { match: { path: lookUp }, action: refused(500) },
  },
  'downloads are cut': {
    step: 'main',
    fault: {
      ...{ match: { method: 'GET' }, times: Infinity },
      action: { kind: 'reset', afterBytes: 200_000 },
    },
    trouble: { restore: 'cut' },
  },
  'the upload is refused': {
    step: 'post',
    fault: { match: { method: 'PUT' }, times: Infinity, action: refused(403) },
    trouble: { upload: 'refused' },
  },
  'the answer to the upload is lost': {
    step: 'post',
    fault: {
      match: { path: /FinalizeCacheEntryUpload/ },
      action: { kind: 'reset', afterBytes: 0, side: 'answer' },
    },
    trouble: { upload: 'lost' },
  },
  'the list is refused': {
    step: 'post',
    fault: { match: { method: 'GET', path: entries }, times: Infinity, action: refused(403) },
    trouble: { list: 'refused' },
  },
  // No trouble: what is listed is compared again.
  'lists are unfiltered': {
    step: 'post',
    fault: { match: { method: 'GET', path: entries }, times: Infinity, action: { kind: 'unfiltered' } },
  },
  'the first list fails': {
    step: 'post',
    fault: { match: { method: 'GET', path: entries }, action: refused(500) },
  },
  'the service limits requests': {
    step: 'post',
    fault: {
      ...{ match: { method: 'GET', path: entries }, times: Infinity },
      action: { ...refused(429), headers: { 'retry-after': '3600' } },
    },
    trouble: { list: 'refused' },
  },
  'deleting is refused': {
    step: 'post',
    fault: { match: { method: 'DELETE' }, times: Infinity, action: refused(403) },
    trouble: { list: 'refused' },
  },
} as const satisfies Record<string, Going>;

export type FaultName = keyof typeof faults;

export const faultNames = Object.keys(faults) as readonly FaultName[];

export function faultOf(name: FaultName): Going {
  return faults[name];
}
