import { expect, test } from 'vitest';
import { type LayerFacts, type LayerPlan, planLayers } from '../../src/flow/layers.ts';

const base = { storedBytes: 100, bytes: 1000, deadBytes: 0 };
const facts: LayerFacts = { base, topBytes: null, isShared: true, isSettled: true };

test.each<[string, Partial<LayerFacts>, LayerPlan]>([
  ['the first set', { base: 'none' }, { write: 'base', reason: 'there was none' }],
  ['a base that was evicted', { base: 'gone' }, { write: 'base', reason: 'the last one cannot be used' }],
  ['the first set of a pull request', { base: 'none', isShared: false }, { write: 'alone' }],
  ['a pull request whose base was evicted', { base: 'gone', isShared: false }, { write: 'alone' }],
  ['a base, before anything is packed', {}, { write: 'top' }],
  ['a top of a tenth', { topBytes: 10 }, { write: 'top' }],
  ['a larger top', { topBytes: 11 }, { write: 'base', reason: 'the top would take 11 % of the last one' }],
  ['a base of which half is dead', { base: { ...base, deadBytes: 500 } }, { write: 'top' }],
  [
    'a base of which more is dead',
    { base: { ...base, deadBytes: 510 } },
    { write: 'base', reason: '51 % of the last one are no longer used' },
  ],
  [
    'a pull request that has changed everything',
    { base: { ...base, deadBytes: 1000 }, topBytes: 200, isShared: false },
    { write: 'top' },
  ],
  [
    'a job that has failed',
    { base: { ...base, deadBytes: 1000 }, topBytes: 200, isSettled: false },
    { write: 'top' },
  ],
  [
    'a job that has failed, and no base',
    { base: 'none', isSettled: false },
    { write: 'base', reason: 'there was none' },
  ],
  ['a base of nothing', { base: { storedBytes: 0, bytes: 0, deadBytes: 0 }, topBytes: 0 }, { write: 'top' }],
])('%s', (_, some, expected) => {
  expect(planLayers({ ...facts, ...some })).toEqual(expected);
});
