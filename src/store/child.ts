import { messageOf } from '../errors.ts';
import { endTree } from './process-tree.ts';
import type { TransferRequest } from './request.ts';
import { perform } from './toolkit.ts';
import { confineTar } from './unpacking.ts';

/**
 * The process that talks to the cache service, started by `transfer.ts`: one request as its argument, one result
 * by IPC, and the toolkit's own lines on its standard output.
 */
const request: TransferRequest = JSON.parse(process.argv[2] ?? '');

// The parent holds the deadline: when it is gone, nobody else would end this process and its tar.
process.once('disconnect', () => {
  endTree(process.pid, process.platform);
});

confineTar();
perform(request)
  .catch((error: unknown) => ({ error: messageOf(error) }))
  .then((result) => {
    // The toolkit's kept connections would hold the process open. What it printed must be out first.
    process.send?.(result, () => process.stdout.write('', () => process.exit(0)));
  });
