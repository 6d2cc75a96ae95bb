import { messageOf } from '../errors.ts';
import { endTree } from './process-tree.ts';
import type { Asked } from './request.ts';
import { perform } from './toolkit.ts';
import { confineTar } from './unpacking.ts';

/**
 * The process that talks to the cache service, started by `toolkit-process.ts`: it gets one request after the other by
 * IPC, and answers each by the last of the lines that it prints, which are the toolkit's own.
 */
const home = process.cwd();
let isBusy = false;

// The parent holds the deadline: when it is gone, nobody else would end this process and its tar.
process.once('disconnect', () => {
  if (isBusy) endTree(process.pid, process.platform);
  else process.exit();
});

confineTar();
process.on('message', (asked: Asked) => {
  isBusy = true;
  void answer(asked).then((result) => {
    isBusy = false;
    // Encoded, since a key may hold what ends a line: to readline U+2028 does, too.
    process.stdout.write(`${asked.end}${encodeURIComponent(JSON.stringify(result))}\n`);
  });
});

async function answer({ request, root }: Asked) {
  try {
    process.chdir(root);
    Object.assign(process.env, { GITHUB_WORKSPACE: root, RUNNER_TEMP: root });
    return await perform(request);
  } catch (error) {
    return { error: messageOf(error) };
  } finally {
    process.chdir(home); // Windows removes no directory that a process works in.
  }
}
