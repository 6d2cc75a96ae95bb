import type { Control } from './control.ts';
import type { ReadJob, Unpacked } from './jobs.ts';
import { PartReader } from './part-reader.ts';
import { readTar } from './tar-reader.ts';

/**
 * Unpacks one part, each object whole, checked and then written.
 * Throws what goes wrong; what was made by then is in the job's journals.
 */
export async function readPart(job: ReadJob, control: Control): Promise<Unpacked> {
  const reader = new PartReader(job);
  await readTar(job, reader, control);
  return reader.finish();
}
