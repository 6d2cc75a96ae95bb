import { expect, test } from 'vitest';
import type { SetState } from '../../src/config/state.ts';
import { saveSet } from '../../src/flow/save.ts';
import { type Console, stepConsole } from '../../src/report/console.ts';
import { CacheStore } from '../../src/store/cache.ts';
import { setKeys } from '../../src/store/key.ts';
import type { TransferDirectory } from '../../src/store/transfer-directory.ts';
import { temporaryDirectory } from '../helpers/module.ts';

const parts = { os: 'linux', arch: 'x64', goVersion: 'go1.26.8', shape: '01', name: 'a' };
const console: Console = { ...stepConsole, progress: async (_, body) => await body(() => undefined) };

/** Where nothing is stored, and from the given time on nothing can be written. */
class FullDisk extends CacheStore {
  left: number;

  constructor(left: number) {
    super(temporaryDirectory(), {});
    this.left = left;
  }

  override async lookup(): Promise<undefined> {
    return undefined;
  }

  override prepare(): TransferDirectory {
    if (this.left === 0) throw new Error('ENOSPC: no space left on device, mkdtemp');
    this.left -= 1;
    return super.prepare();
  }
}

test.each([0, 1])(
  'a disk that is full once %i directories are made costs the save, and is told',
  async (left) => {
    const work = temporaryDirectory();
    const keys = setKeys({ ...parts, content: 'c', run: '2.1' });
    const state: SetState = {
      ...({ schema: 1, kind: 'set', report: '', work, gocache: work, mark: 1, keys, name: 'a' } as const),
      ...({ restore: 'miss', seenKey: null, warm: 'warmed', onMiss: 'notice', trace: false } as const),
      ...({ supersede: true, ref: 'refs/heads/main', commit: '', isShared: true, maxSize: null } as const),
      ...({ keepExecutables: false, summary: 'true', modules: null, helpers: null } as const),
      policy: { allowed: true },
    };
    const record = {
      commit: '',
      compiledPackages: 0,
      restoreSeconds: 0,
      warmSeconds: 0,
      coldWarmSeconds: null,
    };
    const set = {
      objects: [],
      dead: [],
      classes: new Map(),
      content: 'whole',
      isSettled: true,
      history: [],
      record,
    } as const;
    const saved = await saveSet({ ...set, room: async () => undefined }, state, {
      ...{ store: new FullDisk(left), console },
    });
    expect(saved.save).toMatchObject({ outcome: 'failed', reason: expect.stringContaining('ENOSPC') });
  },
);
