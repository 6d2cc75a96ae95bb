import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { domOf, findBrowser, takePicture } from './browser.ts';
import { checkOut } from './checkout.ts';
import { logPrinter } from './log-printer.ts';
import { LocalRunner } from './runner.ts';
import { type CacheServer, startCacheServer } from './server/server.ts';
import { drawnPage, summaryPage } from './summary-page.ts';

/**
 * `npm run picture`: writes docs/summary.png, what a job's page shows after the last of several runs of a real project. It
 * takes minutes: each version is warmed, tested without running a test, and saved.
 */
const root = resolve(import.meta.dirname, '..');
const module = 'github.com/go-task/task/v3';
const versions = ['v3.47.0', 'v3.48.0', 'v3.49.0', 'v3.49.1', 'v3.51.0', 'v3.51.1'];

const browser = findBrowser();
if (browser === undefined) {
  console.error('no chromium on PATH: .ci/tools installs it');
  process.exit(1);
}
const home = mkdtempSync(join(tmpdir(), 'gobuild-test-picture-'));
const server = await startCacheServer({ directory: join(home, 'entries') });
try {
  const workspace = join(home, 'workspace');
  let markdown = '';
  for (const [at, version] of versions.entries()) {
    console.log(`\n=== ${module} ${version}`);
    checkOut(workspace, module, version);
    markdown = await oneRun(server, workspace, { runId: String(at + 1), sha: commit(workspace, version) });
  }
  const page = join(home, 'page.html');
  writeFileSync(page, summaryPage({ summary: markdown }, 'charts'));
  const size = drawnPage(domOf(browser, page));
  const to = join(root, 'docs', 'summary.png');
  takePicture(browser, page, { to, ...size, scale: 0.9 }); // Under 150 kB, and still readable.
  console.log(`\n${to}: ${readFileSync(to).length} bytes`);
} finally {
  await server.close();
  rmSync(home, { recursive: true, force: true });
}

/** A push to the default branch. @returns the job summary */
async function oneRun(
  cache: CacheServer,
  workspace: string,
  { runId, sha }: { readonly runId: string; readonly sha: string },
): Promise<string> {
  const temp = join(home, `temp-${runId}`);
  const runner = new LocalRunner({
    ...{ workspace, temp, action: root, cache, runId, sha, stream: logPrinter(process.stdout) },
    token: cache.apiToken('write'),
  });
  const main = await runner.main();
  const job = await runner.exec('go', ['test', '-cover', '-run=^$', './...']);
  if (main.exitCode !== 0 || job.exitCode !== 0) throw new Error('the run failed: see the log above');
  const { summary } = await runner.post();
  rmSync(temp, { recursive: true, force: true });
  return summary;
}

/** Versions stand for commits, so each is one, of a repository that is made here. @returns its hash */
function commit(workspace: string, version: string): string {
  const env = { ...process.env, GIT_DIR: join(home, 'repository'), GIT_WORK_TREE: workspace };
  const git = (...args: string[]) => execFileSync('git', args, { env, encoding: 'utf8' }).trim();
  mkdirSync(env.GIT_DIR, { recursive: true });
  git('init', '--quiet');
  git('add', '--all');
  const author = ['-c', 'user.name=version', '-c', 'user.email=version@example.com'];
  git(...author, 'commit', '--quiet', '--allow-empty', `--message=${version}`);
  return git('rev-parse', 'HEAD');
}
