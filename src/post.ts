import { getInput, getSecret, loadState } from './config/runner.ts';
import { finish } from './flow/finish.ts';
import { endPost, stepConsole } from './report/console.ts';

const { env } = process;
try {
  const state = loadState();
  const jobStatus = getInput('job-status') || 'success';
  const token = getSecret('token');
  // Without a state main has ended before it changed anything, and has said why.
  if (state !== undefined)
    await finish(state, { jobStatus, token, env, uid: process.getuid?.(), console: stepConsole });
} catch (error) {
  endPost(error);
}
