import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { prepareRecipe } from '../../src/go/recipe.ts';
import { temporaryDirectory } from '../helpers/module.ts';

/** What the wrapper does, the tests of bundle/shapes show. */
describe('prepareRecipe', () => {
  test.skipIf(process.platform === 'win32').each(['linux', 'darwin'] as const)(
    'on %s: a wrapper that can be started',
    (platform) => {
      const directory = temporaryDirectory();
      const wrapper = join(directory, 'toolexec.sh');
      expect(prepareRecipe({ link: false, platform, directory })).toEqual({ wrapper, platform });
      expect(statSync(wrapper).mode & 0o111).toBe(0o111);
    },
  );

  test.each([
    ['on Windows, which starts no shell script', { link: false, platform: 'win32' }, 'work'],
    ['with link', { link: true, platform: 'linux' }, 'work'],
    ['in a path that -toolexec cannot say', { link: false, platform: 'linux' }, `a'b"c`],
  ] as const)('no wrapper %s', (_, options, name) => {
    // Windows has no name with a quote: nothing is written where there is no wrapper, so it need not be there.
    const directory = join(temporaryDirectory(), name);
    expect(prepareRecipe({ ...options, directory })).toEqual({
      wrapper: undefined,
      platform: options.platform,
    });
    expect(existsSync(join(directory, 'toolexec.sh'))).toBe(false);
  });
});
