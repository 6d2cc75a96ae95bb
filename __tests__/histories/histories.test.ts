import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, test } from 'vitest';
import { Scenario } from '../bundle/scenario.ts';
import { ColdBuilds } from './cold.ts';
import { Repository } from './repository.ts';
import { history } from './steps.ts';

/**
 * Random histories of a repository, each a list of steps, run against the local server and a model beside it. After each
 * run of the action: the live objects are a cold build's (`cold.ts` says which); the entries are those that the model
 * (`model.ts`) says, and take no more bytes than its bound; no entry went that is not the action's own.
 *
 * A failure prints the history and its seed. `HISTORY_SEED=<seed>` runs that one alone and looks for a smaller one that
 * fails; `HISTORIES=<number>` runs so many others.
 */

const { HISTORIES, HISTORY_SEED } = process.env;
const replayed = HISTORY_SEED !== undefined;
/** Between them they restore in every way, and have what a wrong choice of what to delete would show by. */
const usual = [23, 26, 47];
const counted = Array.from({ length: Number(HISTORIES ?? 0) }, (_, at) => at + 1);
const seeds = replayed ? [Number(HISTORY_SEED)] : HISTORIES === undefined ? usual : counted;

const home = realpathSync(mkdtempSync(join(tmpdir(), 'gobuild-test-histories-')));
const workspace = join(home, 'work');
let cold: ColdBuilds;
beforeAll(() => {
  cold = new ColdBuilds(workspace, join(home, 'gocache'));
});
afterAll(() => rmSync(home, { recursive: true, force: true }));

describe('whatever has happened', () => {
  // A guard against hanging alone, as ever; the search for a smaller history takes many.
  test.each(seeds)('history %i', { timeout: 3_600_000 }, async (seed) => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const repository = new Repository({ scenario: await Scenario.start(), workspace, cold });
        for (const step of steps) await repository.take(step);
      }),
      // Smaller ones are searched for on request: each takes as long as a history.
      { seed, numRuns: 1, endOnFailure: !replayed },
    );
  });
});
