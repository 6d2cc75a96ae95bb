import { availableParallelism } from 'node:os';
import { readContext } from './config/context.ts';
import { parseInputs } from './config/inputs.ts';
import { getInput } from './config/runner.ts';
import { handOver } from './flow/handover.ts';
import { prepare } from './flow/prepare.ts';
import { endMain, stepConsole } from './report/console.ts';

/** Main without a post step: what it remembers is for `save/`. */
const { env, platform, arch } = process;
try {
  const processors = availableParallelism();
  const inputs = parseInputs(getInput, processors);
  const context = readContext(env, platform, arch);
  // timeOrigin is the start of the process: the time that loading took is part of the step's.
  await prepare(inputs, {
    context,
    env,
    platform,
    processors,
    console: stepConsole,
    elapsed: () => performance.now(),
    remember: handOver,
  });
} catch (error) {
  endMain(error);
}
