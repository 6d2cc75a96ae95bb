import childProcess from 'node:child_process';
import { syncBuiltinESMExports } from 'node:module';
import { packPath } from './request.ts';

/**
 * The arguments of a `tar -xf ARCHIVE -P -C DIRECTORY …`, as the toolkit gives them (`@actions/cache` 6.3.0, tar.ts),
 * without the -P that has tar write wherever an archive says; any others as they are.
 *
 * Without it GNU tar and bsdtar drop the `/` of a name and of a hard link's target, refuse a name with `..`, and write
 * nothing through a link that the archive holds. Of the rest only the pack is unpacked, as files of our own user (what
 * root would keep of an owner fails in a container without it) and without setuid.
 */
export function confined(args: readonly string[]): readonly string[] {
  if (args[0] !== '-xf') return args;
  const others = args.filter((arg) => arg !== '-P');
  return [...others, '--no-same-owner', '--no-same-permissions', packPath];
}

/**
 * From now on every tar that this process starts to unpack is confined. The toolkit starts its programs by `spawn`
 * (`@actions/exec`, toolrunner.ts); nothing that stands before a -P takes it back, not even TAR_OPTIONS.
 */
export function confineTar(): void {
  const { spawn } = childProcess;
  const spawnConfined = (command: string, args: readonly string[], options: childProcess.SpawnOptions) =>
    spawn(command, confined(args), options);
  Object.assign(childProcess, { spawn: spawnConfined });
  syncBuiltinESMExports();
}
