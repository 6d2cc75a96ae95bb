import type { Control } from './control.ts';
import type { WriteJob, Written } from './jobs.ts';
import { type Listed, listed } from './listing.ts';
import { contentOf } from './pack-file.ts';
import { keepsRules } from './rules.ts';
import { type TarEntry, writeTar } from './tar-writer.ts';

/**
 * Packs the job's files into one part, which must not be there yet, but for those that do not keep its rules: whoever
 * reads the part would refuse it. Throws what goes wrong.
 */
export async function writePart(job: WriteJob, control: Control): Promise<Written> {
  const told: Told = { broken: [], listed: [] };
  const packedBytes = await writeTar(job, entries(job, told, control), control);
  return { packedBytes, ...told };
}

interface Told {
  readonly broken: string[];
  readonly listed: Listed[];
}

function* entries({ files, rules }: WriteJob, told: Told, control: Control): Generator<TarEntry> {
  for (const file of files) {
    control.count();
    const { name } = file;
    const content = contentOf(file);
    if (rules !== null && !keepsRules(name, content, rules)) {
      told.broken.push(name);
      continue;
    }
    told.listed.push(listed(name, content, rules ?? []));
    yield { name, content };
  }
}
