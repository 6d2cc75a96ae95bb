import { expect, test } from 'vitest';
import type { RestoredBase } from '../../src/flow/base.ts';
import type { Choice } from '../../src/flow/fit.ts';
import { fitLayers } from '../../src/flow/fit-layers.ts';
import type { Layering } from '../../src/flow/pack-layers.ts';
import { baseKey, baseKeyOf, setKeys } from '../../src/store/key.ts';

const parts = { os: 'linux', arch: 'x64', goVersion: 'go1.26.8', shape: '01', name: 'a' };
const keys = setKeys({ ...parts, content: 'c', run: '2.1' });
const base: RestoredBase = {
  key: baseKey({ prefix: keys.prefix, identity: 'b'.repeat(64) }),
  storedBytes: 100,
  files: [{ name: 'old', bytes: 1000 }],
  aside: [],
};
const layering: Layering = {
  ...{ base, lostKey: undefined, dead: [], isShared: true, isSettled: true },
  keys: { prefix: keys.prefix, set: keys.save },
};
const choice = (rawBytes: number): Choice => ({ objects: [], rawBytes, leftOut: [] });
const choices = [choice(1000), choice(900)] as const;

interface Given extends Partial<Omit<Layering, 'base'>> {
  readonly base?: Layering['base'];
  /** What a set may take with its base. */
  readonly room: number;
  /** What others take where the base stays, since another ref's top lies on it. */
  readonly shared?: number;
  /** Of the files of the base those that are in the set, too. */
  readonly live?: readonly string[];
  /** What a top takes of each choice. */
  readonly top?: (rawBytes: number) => number;
}

/** What was tried in turn, and the last of it where it fits. A base takes a tenth of its raw bytes. */
async function tried({ room, shared = 0, live = ['old'], top = () => 5, ...of }: Given): Promise<string> {
  const packed: string[] = [];
  const { fit, room: told } = await fitLayers({ ...layering, ...of }, choices, {
    room: async (key) => {
      const takenBytes = baseKeyOf(key) === base.key ? 0 : shared;
      return { limitBytes: room, takenBytes, bytes: room - takenBytes };
    },
    ratio: 0.2,
    filesOf: () => live.map((name) => ({ name, path: name, bytes: 1000 })),
    pack: async ({ rawBytes }, plan) => {
      packed.push(`${plan.write} of ${rawBytes}`);
      const bytes = plan.write === 'top' ? top(rawBytes) : rawBytes / 10;
      const key = plan.write === 'top' ? base.key : 'another';
      const isNew = plan.write === 'base' ? { key, bytes, reason: plan.reason } : null;
      return { key, bytes, takes: bytes + (plan.write === 'top' ? 100 : 0), base: isNew, broken: [] };
    },
  });
  const end = fit.fits ? 'fits' : `takes ${fit.bytes} of ${told?.bytes}`;
  return [...packed, end].join(', ');
}

test.each<[string, Given, string]>([
  ['a top, where it fits beside its base', { room: 105 }, 'top of 1000, fits'],
  ['else a new base', { room: 104 }, 'top of 1000, base of 1000, fits'],
  [
    'else a top of less; nothing is packed that is too large by the base before',
    { room: 99.9, top: (raw) => (raw === 900 ? -1 : 5) },
    'top of 1000, top of 900, fits',
  ],
  ['else a base of less', { room: 95 }, 'top of 1000, top of 900, base of 900, fits'],
  ['else nothing', { room: 50 }, 'top of 1000, top of 900, base of 900, takes 90 of 50'],
  [
    'a top that is not worth while is packed as a base, which its base does not stay beside',
    { room: 120, top: () => 11 },
    'top of 1000, base of 1000, fits',
  ],
  [
    'a base that stays for another ref counts beside a new one, and the top is tried first',
    { room: 199, shared: 100 },
    'top of 1000, fits',
  ],
  [
    'so a top that is not worth while is packed again, where there is no room for a new base',
    { room: 199, shared: 100, top: () => 11 },
    'top of 1000, base of 1000, top of 1000, fits',
  ],
  [
    'where it leaves a new one no room, less is tried',
    { room: 104, shared: 100, top: (raw) => (raw === 900 ? 4 : 5) },
    'top of 1000, top of 900, fits',
  ],
  ['no base is known', { base: 'none', room: 200 }, 'base of 1000, fits'],
  ['no base is known, and the estimate is too large', { base: 'none', room: 199 }, 'base of 900, fits'],
  [
    'a pull request writes no base',
    { isShared: false, room: 104 },
    'top of 1000, top of 900, takes 105 of 104',
  ],
  ['nor where it has none', { isShared: false, base: 'gone', room: 500 }, 'alone of 1000, fits'],
  ['half of the base is dead', { live: ['new'], room: 500 }, 'base of 1000, fits'],
])('%s', async (_, given, expected) => {
  expect(await tried(given)).toBe(expected);
});
