import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../errors.ts';
import { Control, type ControlMemory } from './control.ts';
import type { Job, Reply } from './jobs.ts';
import { PackError } from './pack-error.ts';
import { readPart } from './read-part.ts';
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
    if (job.kind === 'write') return { ok: true, done: await writePart(job, control) };
    return { ok: true, done: { bytes: await readPart(job, control), broken: [] } };
  } catch (error) {
    return { ok: false, reason: new PackError(`${job.part}: ${messageOf(error)}`).message };
  }
}
