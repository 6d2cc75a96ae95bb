import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PackError } from '../../src/pack/pack-error.ts';
import { readPack } from '../../src/pack/read.ts';
import { writePack } from '../../src/pack/write.ts';
import { put, rules, scratchDirectory, sources, tree } from './builders.ts';
import { goodEntry, noise, packWith, refused } from './refused.ts';

describe('a target that is not what it should be', () => {
  const [prefix = ''] = goodEntry.name.split('/');

  it('with a link in the place of a directory', async () => {
    const target = scratchDirectory('target');
    mkdirSync(join(dirname(target), 'elsewhere'), { recursive: true });
    mkdirSync(target);
    symlinkSync(join(dirname(target), 'elsewhere'), join(target, prefix), 'junction');
    await refused(await packWith({}), /in the target is not a directory/, target);
  });

  it('with a file in the place of a directory', async () => {
    const target = scratchDirectory('target');
    put(join(target, prefix), 'a file');
    await refused(await packWith({}), /in the target is not a directory/, target);
  });

  it('with a link in the place of a file: it counts as being there', async () => {
    const target = scratchDirectory('target');
    mkdirSync(join(target, prefix), { recursive: true });
    symlinkSync(join(dirname(target), 'nowhere'), join(target, goodEntry.name), 'file');
    const result = await readPack({ directory: await packWith({}), target, rules });
    expect(result.written).not.toContain(goodEntry.name);
    expect(existsSync(join(dirname(target), 'nowhere'))).toBe(false);
  });

  it('a file', async () => {
    const target = scratchDirectory('target');
    put(target, 'a file');
    await expect(readPack({ directory: await packWith({}), target, rules })).rejects.toThrow(PackError);
    expect(readFileSync(target, 'utf8')).toBe('a file');
  });

  it('missing, with its parents: they are gone again', async () => {
    const target = scratchDirectory('a/b/target');
    const root = dirname(dirname(dirname(target)));
    const directory = await packWith({ entries: [{ name: 'outside', content: '' }] });
    await expect(readPack({ directory, target, rules })).rejects.toThrow(/outside: no rule/);
    expect(tree(root)).toEqual({ '': 'directory' });
  });

  const root = process.getuid?.() === 0;
  const readOnlySkipped = root || process.platform === 'win32';
  it.skipIf(readOnlySkipped)(
    'read-only (skipped for root and on Windows, where modes do not refuse)',
    async () => {
      const target = scratchDirectory('target');
      mkdirSync(join(target, prefix), { recursive: true });
      chmodSync(join(target, prefix), 0o500);
      onTestFinished(() => chmodSync(join(target, prefix), 0o700));
      await refused(await packWith({}), /EACCES/, target);
    },
  );

  it.skipIf(!root || process.platform !== 'linux')(
    'on a full disk (skipped where no tmpfs can be mounted)',
    async ({ skip }) => {
      const disk = scratchDirectory('disk');
      mkdirSync(disk, { recursive: true });
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { stdio: 'pipe' });
      } catch (error) {
        skip(`no tmpfs: ${String(error)}`);
      }
      onTestFinished(() => void execFileSync('umount', [disk]));
      await refused(
        await packWith({ entries: [noise] }),
        /part-\d\.tar\.zst: free\/\S+: ENOSPC/, // Whichever thread finds it full first.
        join(disk, 'target'),
      );
      const files = sources({ 'free/noise': randomBytes(300_000) });
      await expect(writePack({ directory: join(disk, 'pack'), files })).rejects.toThrow(/ENOSPC/);
      expect(tree(join(disk, 'pack'))).toEqual({ '': 'directory' });
    },
  );

  it('of a worker thread that cannot be told what to do', async () => {
    // A rule with a function in it does not survive the structured clone.
    const odd = [{ name: /^.*$/, executable: false, note: () => undefined }];
    const target = scratchDirectory('target');
    const failure = readPack({ directory: await packWith({}), target, rules: odd });
    await expect(failure).rejects.toThrow(/a worker thread failed: .*could not be cloned/);
    expect(existsSync(target)).toBe(false);
  });
});
