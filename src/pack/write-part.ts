import type { Control } from './control.ts';
import type { WriteJob, Written } from './jobs.ts';
import { contentOf } from './pack-file.ts';
import { keepsRules } from './rules.ts';
import { type TarEntry, writeTar } from './tar-writer.ts';

/**
 * Packs the job's files into one part, which must not be there yet, but for those that do not keep its rules: whoever
 * reads the part would refuse it. Throws what goes wrong.
 */
export async function writePart(job: WriteJob, control: Control): Promise<Written> {
  const broken: string[] = [];
  const packedBytes = await writeTar(job, entries(job, broken, control), control);
  return { packedBytes, broken };
}

function* entries({ files, rules }: WriteJob, broken: string[], control: Control): Generator<TarEntry> {
  for (const file of files) {
    control.count();
    const content = contentOf(file);
    if (rules === null || keepsRules(file.name, content, rules)) yield { name: file.name, content };
    else broken.push(file.name);
  }
}
