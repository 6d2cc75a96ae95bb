import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import type { Worker } from 'node:worker_threads';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SketchJob, WriteJob } from '../../src/pack/jobs.ts';
import { type Threads, withThreads } from '../../src/pack/pool.ts';
import { sketchOf } from '../../src/pack/sketch.ts';
import { scratchDirectory, sources } from './builders.ts';
import { type Contents, edited, outputs, read, writeBase, writeTopOn } from './layers.ts';
import { expectPackError } from './refused.ts';

/** The worker threads that this process starts until the test ends. */
function started(): readonly Worker[] {
  const workers: Worker[] = [];
  const note = (worker: Worker): void => void workers.push(worker);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  return workers;
}

/** Node gives a thread that has ended this number. */
const ENDED = -1;
const alive = (workers: readonly Worker[]) => workers.filter(({ threadId }) => threadId !== ENDED).length;

describe('worker threads', () => {
  it('pack a top, and unpack layers, from the first job to the last, and have ended then', async () => {
    const old = [1, 2, 3, 4, 5].map((more) => randomBytes(5_000_000 + more));
    const set: Contents = {
      ...outputs(old.map((content, at) => (at === 0 ? content : edited(content, 'now')))),
      ...outputs([1, 2, 3].map((more) => randomBytes(6_000_000 + more))),
    };
    const base = await writeBase(outputs(old));
    const writers = started();
    const top = await writeTopOn(base, set, { threads: 2 });
    // Sketches, deltas and plain parts, each of more than one job.
    expect(top.written.deltas.files).toBe(4);
    expect(top.written.parts).toBeGreaterThan(4);
    expect([writers.length, alive(writers)]).toEqual([2, 0]);
    const readers = started();
    await read(top.directory, base, { threads: 2 });
    expect([readers.length, alive(readers)]).toEqual([2, 0]);
  });

  it('are made as they are needed, and no more than are allowed', async () => {
    const workers = started();
    await withThreads(0, { threads: 3 }, async (threads) => {
      expect(await threads.run([])).toEqual([]);
      expect(workers.length).toBe(0);
      const contents = ['a', 'b', 'c', 'd', 'e'].map((letter) => letter.repeat(10_000));
      const jobs = contents.map(sketchJob);
      const sketches = contents.map((content) => [sketchOf(Buffer.from(content))]);
      for (const [most, expected] of [
        [1, 1],
        [2, 2],
        [9, 3],
        [undefined, 3],
      ] as const) {
        expect(await threads.run(jobs, most)).toEqual(sketches);
        expect([workers.length, alive(workers)]).toEqual([expected, expected]);
      }
    });
    expect(alive(workers)).toBe(0);
  });

  it('have ended when a run has failed, and with them all work', async () => {
    const workers = started();
    await withThreads(0, { threads: 2 }, async (threads) => {
      await threads.run([sketchJob('a'), sketchJob('b')]);
      expect(alive(workers)).toBe(2);
      await expectPackError(threads.run([withoutFile(writeJob('bad', 'bad'))]), /^bad: bad: ENOENT/);
      // The one that had nothing to do with it waits for its end.
      expect([workers.length, alive(workers)]).toEqual([2, 1]);
      await expectPackError(threads.run([writeJob('good', 'good')]), /^good: stopped/);
    });
    expect(alive(workers)).toBe(0);
  });

  it('have ended when the work fails between two runs', async () => {
    const workers = started();
    const work = async (threads: Threads) => {
      await threads.run([sketchJob('a')]);
      throw new Error('of the work itself');
    };
    await expect(withThreads(0, { threads: 2 }, work)).rejects.toThrow('of the work itself');
    expect([workers.length, alive(workers)]).toEqual([1, 0]);
  });

  it('that end by themselves fail the run that would use them again', async () => {
    const workers = started();
    await withThreads(0, { threads: 1 }, async (threads) => {
      await threads.run([sketchJob('a')]);
      await workers[0]?.terminate();
      await expectPackError(threads.run([sketchJob('b')]), /a worker thread failed: it ended with code 1/);
    });
    expect(workers.length).toBe(1);
  });

  it('begin with the largest job, and start none after one has failed', async () => {
    const [small, large] = [writeJob('small', 'x'), writeJob('large', 'x'.repeat(3000))];
    const middling = withoutFile(writeJob('middling', 'x'.repeat(2000)));
    const running = withThreads(0, { threads: 1 }, (threads) => threads.run([small, middling, large]));
    await expectPackError(running, /^middling: middling: ENOENT/);
    expect([small, large].map(({ path }) => existsSync(path))).toEqual([false, true]);
  });
});

function sketchJob(content: string): SketchJob {
  return { kind: 'sketch', part: 'sketches', files: sources({ [`free/${content.slice(0, 9)}`]: content }) };
}

function writeJob(part: string, content: string): WriteJob {
  const files = sources({ [part]: content });
  return { kind: 'write', part, path: scratchDirectory(part), files, level: 3, rules: null };
}

function withoutFile(job: WriteJob): WriteJob {
  return { ...job, files: job.files.map((file) => ({ ...file, path: `${file.path}-gone` })) };
}
