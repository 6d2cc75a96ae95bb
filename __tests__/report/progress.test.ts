import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { dueLine, type Running } from '../../src/report/progress.ts';
import { ProgressLog } from '../../src/report/progress-log.ts';

const never = Number.NEGATIVE_INFINITY;
const download = { name: 'Downloading the set', unit: 'bytes' };
const pass = { name: 'Warm, cover pass', unit: 'package' };
const running = (over: Partial<Running> = {}): Running => ({
  ...{ ...download, started: 1000 },
  gauge: () => ({ done: 31_200_000, total: 60_100_000 }),
  ...over,
});

describe('the line that is due', () => {
  test.each<[string, Running, number, string]>([
    ['bytes', running(), 6000, 'Downloading the set: 31.2 MB of 60.1 MB, 5.0 s'],
    [
      'bytes of nobody knows how many',
      running({ gauge: () => ({ done: 31_200_000 }) }),
      11_000,
      'Downloading the set: 31.2 MB, 10.0 s',
    ],
    ['nothing to tell yet', running({ gauge: () => undefined }), 6000, 'Downloading the set: 5.0 s'],
    ['nobody to ask', running({ gauge: undefined }), 6000, 'Downloading the set: 5.0 s'],
    [
      'things, with a note',
      running({ ...pass, gauge: () => ({ done: 3, total: 32, note: '310 compiled' }) }),
      16_000,
      'Warm, cover pass: package 3 of 32, 310 compiled, 15.0 s',
    ],
  ])('%s', (_, phase, now, line) => {
    expect(dueLine([phase], { said: never, now })).toBe(line);
  });

  test('none before five seconds, and none within five seconds of another', () => {
    expect(dueLine([running()], { said: never, now: 5999 })).toBeUndefined();
    expect(dueLine([running()], { said: 6000, now: 10_999 })).toBeUndefined();
    expect(dueLine([running()], { said: 6000, now: 11_000 })).toMatch(/, 10\.0 s$/);
    expect(dueLine([], { said: never, now: 11_000 })).toBeUndefined();
  });

  test('one for all that go on at once, without those that have just begun', () => {
    const other = running({ name: 'Downloading the module cache', started: 3000 });
    const phases = [running({ gauge: undefined }), running({ ...other, gauge: undefined })];
    expect(dueLine(phases, { said: never, now: 7000 })).toBe('Downloading the set: 6.0 s');
    expect(dueLine(phases, { said: never, now: 8000 })).toBe(
      'Downloading the set: 7.0 s; Downloading the module cache: 5.0 s',
    );
  });
});

describe('the log', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('has a line every five seconds while something goes on, and no timer after it', async () => {
    const lines: string[] = [];
    const log = new ProgressLog((line) => lines.push(line));
    const { promise, resolve } = Promise.withResolvers<string>();
    let done = 0;
    const followed = log.follow(pass, (watch) => {
      watch(() => ({ done, total: 3 }));
      return promise;
    });
    await vi.advanceTimersByTimeAsync(4900);
    expect(lines).toEqual([]);
    done = 1;
    await vi.advanceTimersByTimeAsync(5000);
    done = 2;
    await vi.advanceTimersByTimeAsync(2000);
    expect(lines).toEqual([
      'Warm, cover pass: package 1 of 3, 5.0 s',
      'Warm, cover pass: package 2 of 3, 10.0 s',
    ]);
    resolve('its result');
    expect(await followed).toBe('its result');
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(lines).toHaveLength(2);
  });

  test('says nothing of many short ones after one another, and ends as its body fails', async () => {
    const lines: string[] = [];
    const log = new ProgressLog((line) => lines.push(line));
    for (let at = 0; at < 5; at += 1) {
      const { promise, reject } = Promise.withResolvers<void>();
      const followed = expect(log.follow(download, () => promise)).rejects.toThrow('it broke');
      await vi.advanceTimersByTimeAsync(4000);
      reject(new Error('it broke'));
      await followed;
    }
    expect(lines).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('two at once share a line, and the timer ends with the second', async () => {
    const lines: string[] = [];
    const log = new ProgressLog((line) => lines.push(line));
    const [one, two] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const followed = [log.follow(download, () => one.promise), log.follow(pass, () => two.promise)];
    await vi.advanceTimersByTimeAsync(5000);
    expect(lines).toEqual(['Downloading the set: 5.0 s; Warm, cover pass: 5.0 s']);
    one.resolve();
    await followed[0];
    expect(vi.getTimerCount()).toBe(1);
    two.resolve();
    await followed[1];
    expect(vi.getTimerCount()).toBe(0);
  });
});
