import { describe, it } from 'vitest';
import { type Entry, outputName } from './builders.ts';
import { good, id, packWith, refused } from './refused.ts';

describe('an entry that is not what it should be', () => {
  const other = 'cd'.repeat(32);
  it.each<[string, Entry, RegExp]>([
    ['an absolute name', { name: '/free/a', content: 'a' }, /\/free\/a: the name is not a plain/],
    ['a name that climbs', { name: 'free/../../outside', content: 'a' }, /the name is not a plain/],
    ['a name with a dot', { name: 'free/./a', content: 'a' }, /the name is not a plain/],
    ['a name with a backslash', { name: 'free/..\\a', content: 'a' }, /the name is not a plain/],
    ['a name with a drive', { name: 'free/C:a', content: 'a' }, /the name is not a plain/],
    ['a name with a line break', { name: 'free/a\n::error::b', content: 'a' }, /the name is not a plain/],
    ['a name outside the rules', { name: 'trim.txt', content: '1' }, /trim\.txt: no rule allows/],
    [
      'a name that a rule matches in part',
      { name: `x/${outputName(good)}`, content: good },
      /no rule allows/,
    ],
    [
      'a path in a pax header',
      { name: 'free/a', content: 'a', pax: { path: '../outside' } },
      /\.\.\/outside: the name/,
    ],
    [
      'a link',
      { name: 'free/link', type: 'symlink', linkname: '/etc/passwd' },
      /free\/link: a symlink is no regular/,
    ],
    [
      'a hard link',
      { name: 'free/link', type: 'link', linkname: 'free/mine' },
      /free\/link: a link is no regular/,
    ],
    ['a directory', { name: 'free/directory', type: 'directory' }, /a directory is no regular file/],
    [
      'a device',
      { name: 'free/device', type: 'character-device', devmajor: 1, devminor: 3 },
      /character-device/,
    ],
    ['a fifo', { name: 'free/fifo', type: 'fifo' }, /a fifo is no regular/],
    [
      'an output that hashes to another name',
      { name: outputName('other'), content: good },
      /does not hash to the name/,
    ],
    [
      'an executable that hashes to another name',
      { name: `${outputName('other')}/x`, content: good },
      /does not hash/,
    ],
    ['a record of another action', { name: `${id}-a`, content: `v1 ${other}\n` }, /belongs to another name/],
    ['a record of no form', { name: `${id}-a`, content: 'v2' }, /has not the form/],
    [
      'a file where a directory is',
      { name: 'free/mine/below', content: 'a' },
      /free\/mine in the target is not a directory/,
    ],
  ])('%s', async (_, entry, message) => {
    await refused(await packWith({ entries: [entry] }), message);
  });
});
