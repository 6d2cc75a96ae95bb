import { closeSync, openSync, readSync } from 'node:fs';

/**
 * What stands before a binary's module information, wherever the linker puts it and whatever the file's format:
 * `infoStart` in `cmd/go/internal/modload/build.go`. The import path of the main package is its first line.
 */
const infoStart = Buffer.concat([
  Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex'),
  Buffer.from('path\t'),
]);

const blockBytes = 1 << 20;
const longestPath = 1024;

/**
 * The import path of the main package that a Go executable was linked from, as `go version -m` says it; undefined
 * where it says none (not linked by the go command). It reads until it is found, so at most the whole file.
 *
 * @param path the executable's file
 * @throws what the file system says
 */
export function mainPackageOf(path: string): string | undefined {
  // What is read last overlaps the next read: a path is never cut in two.
  const overlap = infoStart.length + longestPath;
  const buffer = Buffer.allocUnsafe(blockBytes + overlap);
  const descriptor = openSync(path, 'r');
  try {
    let held = 0;
    for (;;) {
      const read = readSync(descriptor, buffer, held, blockBytes, null);
      const filled = held + read;
      const found = pathIn(buffer.subarray(0, filled));
      if (found !== undefined || read === 0) return found;
      held = Math.min(overlap, filled);
      buffer.copyWithin(0, filled - held, filled);
    }
  } finally {
    closeSync(descriptor);
  }
}

function pathIn(bytes: Buffer): string | undefined {
  const at = bytes.indexOf(infoStart);
  if (at < 0) return undefined;
  const start = at + infoStart.length;
  const end = bytes.indexOf('\n', start);
  return end < 0 || end - start > longestPath ? undefined : bytes.toString('utf8', start, end);
}
