import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { StepResult } from '../../local/runner.ts';
import { Scenario, visible, wholeJob } from './scenario.ts';

/** The lines that tell how far a phase has come. */
function told(step: StepResult, phase = '(Downloading|Unpacking|Packing|Uploading|Warm,) .*'): string[] {
  const form = new RegExp(`^${phase}: .*\\d s$`);
  return visible(step).filter((line) => form.test(line));
}

/** Milliseconds: well over the five seconds of silence. */
const slow = 7000;

const isWindows = process.platform === 'win32'; // It takes no such script for -toolexec.

test.skipIf(isWindows)(
  'a slow pass, upload and download say how far they are, a fast run says nothing',
  async () => {
    const scenario = await Scenario.start();
    // cmd/tool stands before core in the pass, and does not need it.
    const tool = join(scenario.home, 'slow.sh');
    const sleeping = `case " $* " in *" -p example.com/small/core "*) sleep ${slow / 1000} ;; esac`;
    writeFileSync(tool, `#!/bin/sh\n${sleeping}\nexec "$@"\n`, { mode: 0o755 });
    const options = { env: { GOFLAGS: `-toolexec=${tool}` } };
    const job = scenario.job(options);
    const main = await job.main();
    const passes = job.report().warm.passes.map(({ kind, seconds }) => ({ kind, seconds }));
    expect(passes.map(({ kind }) => kind)).toEqual(['cover', 'plain']);
    const count = { cover: 'package 1 of 4', plain: 'package 0 of 1', command: '' };
    for (const { kind, seconds } of passes) {
      const lines = told(main, `Warm, ${kind} pass`);
      expect(lines[0]).toMatch(new RegExp(`: ${count[kind]}, \\d+\\.\\d s$`));
      expect(lines.length).toBeLessThanOrEqual(seconds / 5);
    }

    await job.tests();
    const undo = scenario.server.fault({ match: { method: 'PUT' }, action: { kind: 'delay', ms: slow } });
    const post = await job.post();
    undo();
    expect(post.report.save.outcome).toBe('saved');
    expect(told(post, 'Uploading the base of the set')[0]).toMatch(
      /^Uploading the base of the set: [\d.]+ [kM]?B of [\d.]+ [kM]B, \d+\.\d s$/,
    );

    // The toolkit gives a download up that stands still for five seconds. Either layer may come first; the top is too small to pause.
    const pause = { kind: 'pause', bytes: 3_000_000, ms: slow / 4, times: 4 } as const;
    scenario.server.fault({ match: { method: 'GET', path: /actions-cache/ }, times: 2, action: pause });
    const second = scenario.job(options);
    const restoring = await second.main();
    expect(second.report().restore.outcome).toBe('exact');
    // Beside it the top may be on its way.
    expect(told(restoring, 'Downloading the .*')[0]).toMatch(
      /Downloading the base of the set: (6|9|12)\.0 MB, \d+\.\d s$/,
    );

    const fast = await wholeJob(scenario, options);
    expect(fast.report.restore.outcome).toBe('exact');
    expect(told(fast.post)).toEqual([]);
    // On a machine where even this takes over five seconds, it may say so.
    expect(fast.report.restore.seconds < 5 ? told(fast.main) : []).toEqual([]);
  },
);
