import { readContext } from './config/context.ts';
import { parseInputs } from './config/inputs.ts';
import { getInput, getSecret } from './config/runner.ts';
import { saveNow } from './flow/save-now.ts';
import { endPost, stepConsole } from './report/console.ts';

const { env, platform, arch } = process;
try {
  // Those that restore/ has read are not there: empty is their default.
  const inputs = parseInputs(getInput, 1);
  const context = readContext(env, platform, arch);
  const jobStatus = getInput('job-status') || 'success';
  const token = getSecret('token');
  await saveNow(inputs, { context, jobStatus, token, env, uid: process.getuid?.(), console: stepConsole });
} catch (error) {
  endPost(error);
}
