import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { Control, type ControlMemory } from './control.ts';
import type { Job, Reply, Results } from './jobs.ts';
import { PackError } from './pack-error.ts';
import { readDeltas } from './read-deltas.ts';
import { readPart } from './read-part.ts';
import { sketchFiles } from './sketch-files.ts';
import { writeDeltas } from './write-deltas.ts';
import { writePart } from './write-part.ts';

// The file that each worker thread of pool.ts runs: one job at a time, one reply for each.
const port = parentPort;
if (port === null) throw new Error('pack-worker runs as a worker thread only');
const control = new Control(workerData as ControlMemory);

port.on('message', (job: Job) => {
  void answer(job).then((reply) => port.postMessage(reply));
});

async function answer(job: Job): Promise<Reply> {
  try {
    return { ok: true, result: await perform(job) };
  } catch (error) {
    return { ok: false, reason: new PackError(`${job.part}: ${messageOf(error)}`).message };
  }
}

async function perform(job: Job): Promise<Results[Job['kind']]> {
  switch (job.kind) {
    case 'read':
      return await readPart(job, control);
    case 'read-deltas':
      return await readDeltas(job, control);
    case 'write':
      return await writePart(job, control);
    case 'write-deltas':
      return await writeDeltas(job, control);
    case 'sketch':
      return sketchFiles(job, control);
  }
}
