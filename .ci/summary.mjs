import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

/**
 * The last line of .ci/run, and its exit code. Runs on Node 20.
 *
 * --report: vitest's JSON report, which is missing where vitest did not start or has crashed.
 * --checks, --tests: exit codes of `npm run check` and of `npm test`.
 */
const { values } = parseArgs({
  options: { report: { type: 'string' }, checks: { type: 'string' }, tests: { type: 'string' } },
});
const checksFailed = values.checks !== '0';
const testsFailed = values.tests !== '0';
const counts = readCounts(values.report ?? '');

// The runner can fail without a failed test: a file that does not load, an error outside a test, no test at all.
const unseen = counts.failed === 0 && (testsFailed || counts.passed === 0) ? 1 : 0;
const passed = counts.passed + (checksFailed ? 0 : 1);
const failed = counts.failed + unseen + (checksFailed ? 1 : 0);

if (checksFailed) console.log('npm run check failed');
if (unseen > 0) console.log('npm test failed beside its tests');
console.log(`${passed} passed, ${failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exitCode = failed > 0 ? 1 : 0;

function readCounts(path) {
  try {
    const report = JSON.parse(readFileSync(path, 'utf8'));
    // A file that does not load has no test that could fail: it counts as one.
    const broken = report.testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    );
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + broken.length,
      skipped: report.numPendingTests + report.numTodoTests,
    };
  } catch (error) {
    console.log(`no report of the tests: ${error.message}`);
    return { passed: 0, failed: 0, skipped: 0 };
  }
}
