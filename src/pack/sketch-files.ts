import type { Control } from './control.ts';
import type { SketchJob } from './jobs.ts';
import { PackError } from './pack-error.ts';
import { endsOf, type PackFile } from './pack-file.ts';
import { SKETCHED_BYTES, type Sketch, sketchOf } from './sketch.ts';

/** The sketch of each of the job's files. One that cannot be read shares nothing: whoever packs it says what is wrong. */
export function sketchFiles({ files }: SketchJob, control: Control): Sketch[] {
  return files.map((file) => {
    if (control.stopped) throw new PackError('stopped');
    return sketchOf(endsOr(file));
  });
}

function endsOr(file: PackFile): Buffer {
  try {
    return endsOf(file, SKETCHED_BYTES);
  } catch (error) {
    if (error instanceof PackError) return Buffer.alloc(0);
    throw error;
  }
}
