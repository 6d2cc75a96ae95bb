import { availableParallelism } from 'node:os';
import { readContext } from './config/context.ts';
import { parseInputs } from './config/inputs.ts';
import { getInput } from './config/runner.ts';
import { isDiskFault } from './errors.ts';
import { prepare } from './flow/prepare.ts';
import { endFailed, endWithWarning, stepConsole } from './report/console.ts';

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
  });
} catch (error) {
  if (isDiskFault(error)) endWithWarning(error);
  else endFailed(error);
}
