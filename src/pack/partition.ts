import type { PackFile } from './pack-file.ts';

// A file costs as much time as so many bytes: making it, closing it, its place in the tar.
const BYTES_PER_FILE = 32 * 1024;
// Below this a part's thread costs more (20 to 40 ms to start) than it saves.
const SMALLEST_PART = 8 * 1024 * 1024;

/**
 * The files in the order in which they are packed, in at most `most` runs of about the same cost; none for no files.
 * They are ordered by size, then name: variants of one object (plain and instrumented, before and after an edit) differ
 * little in size, so that they stand close together, where the compressor finds the one in the other (figures: zstd.ts).
 */
export function partition(files: readonly PackFile[], most: number): PackFile[][] {
  const sorted = [...files].sort((a, b) => a.bytes - b.bytes || (a.name < b.name ? -1 : 1));
  const total = sorted.reduce((sum, file) => sum + cost(file), 0);
  const count = Math.max(1, Math.min(Math.floor(most), Math.floor(total / SMALLEST_PART)));
  const runs: PackFile[][] = Array.from({ length: count }, () => []);
  let before = 0;
  for (const file of sorted) {
    // A file belongs where its middle lies.
    runs[Math.floor(((before + cost(file) / 2) / total) * count)]?.push(file);
    before += cost(file);
  }
  return runs.filter((run) => run.length > 0);
}

function cost(file: PackFile): number {
  return file.bytes + BYTES_PER_FILE;
}
