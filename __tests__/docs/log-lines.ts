import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { messageOf } from '../../src/errors.ts';
import { planFinish } from '../../src/flow/plan.ts';
import { failureLine } from '../../src/go/diagnostics.ts';
import { planHelpers } from '../../src/go/helpers.ts';
import {
  brokenLine,
  helpersLine,
  leftOutLine,
  missedLine,
  notStoredLine,
  overLimitLine,
  overLine,
  quotaLine,
  restoreLine,
  saveLine,
  supersedeLine,
  uncountedLine,
  warmLine,
  wasteLine,
} from '../../src/report/lines.ts';
import { notSuperseded, type Report, type RestoreReport } from '../../src/report/report.ts';
import { nextStep } from '../../src/store/answer.ts';
import { readSave } from '../../src/store/outcomes.ts';
import { savePolicy } from '../../src/store/policy.ts';

const none = { objects: 0, bytes: 0 };

/** A report with every field there is; nothing in it is optional. */
export const report: Report = {
  schema: 1,
  restore: {
    ...{
      outcome: 'miss',
      reason: null,
      primaryKey: 'primary',
      matchedKey: null,
      baseKey: null,
      seconds: 0.3,
      waitedSeconds: 0,
      objects: 0,
      bytes: 0,
    },
  },
  ingredients: [{ name: 'go', value: 'go1.26.8' }],
  totalSeconds: 4,
  warm: {
    ...{ outcome: 'failed', reason: 'the cover pass failed: greet/greet.go:7: undefined: x', seconds: 3.1 },
    passes: [{ kind: 'cover', packages: 4, seconds: 3.1, command: ['go'] }],
  },
  reuse: {
    ...{
      restoredUsed: none,
      restoredWarmed: none,
      restoredUnused: none,
      warmedUsed: none,
      warmedUnused: none,
    },
    ...{ made: none, compiled: { objects: 2, bytes: 1_400_000 }, wasted: { objects: 3, bytes: 2_000_000 } },
    missed: ['greet', 'greet.test'].map((name) => ({ package: `example.com/greeter/${name}`, seconds: 0.5 })),
    links: [{ package: 'example.com/greeter/greet.test', seconds: 0.5 }],
    ...{ traced: true, reasons: ['The job compiles with -race and the warm without.'] },
  },
  set: {
    ...none,
    classes: { archive: none },
    executables: [{ name: 'covdata', bytes: 1, package: 'cmd/covdata', tool: true }],
    before: { ...none, classes: { archive: none }, executables: none },
    notStored: none,
  },
  sweep: { droppedObjects: 0, droppedBytes: 0, keptObjects: 0, keptBytes: 0 },
  save: {
    ...{ outcome: 'skipped', reason: null, key: null, bytes: null, seconds: 0 },
    base: { key: 'b', bytes: 1, reason: 'there was none' },
  },
  budget: {
    ...{ limitBytes: 1, takenBytes: 0, estimatedBytes: 1, fits: true },
    leftOut: { ...none, classes: ['executable'] },
  },
  history: [
    {
      ...{ time: '2026-01-02T03:04:05.678Z', commit: 'c0ffee', rawBytes: 1, storedBytes: 1 },
      ...{ compiledPackages: 1, restoreSeconds: 1, warmSeconds: 1, coldWarmSeconds: 1, saveSeconds: 1 },
    },
  ],
  supersede: { outcome: 'done', reason: null, deleted: [{ key: 'k-1', bytes: 1 }], bytes: 1 },
  quota: {
    ...{ outcome: 'read', reason: null, entries: 1, bytes: 1, own: { entries: 1, bytes: 1 } },
    onRef: { entries: 1, bytes: 1 },
    ...{ limitBytes: 1, limitRead: false, largest: [{ prefix: 'k', entries: 1, bytes: 1 }] },
  },
  helpers: {
    ...{
      directory: '/d',
      outcome: 'exact',
      reason: null,
      matchedKey: 'k',
      restoreSeconds: 1,
      buildSeconds: 0,
    },
    programs: [{ name: 'gen', package: 'example.com/greeter/cmd/gen', bytes: 1, built: false }],
    save: { outcome: 'saved', reason: null, key: 'k', bytes: 1, base: null, seconds: 1 },
  },
};

/**
 * What the log says in the cases that docs/troubleshooting.md speaks of: made by the code itself where a pure function words it,
 * else from the texts of the sources.
 */
export function printedLines(): string[] {
  const { reuse } = report;
  const missed =
    reuse === null
      ? []
      : [missedLine({ ...reuse, traced: false, reasons: [] }), wasteLine({ ...reuse, reasons: [] })];
  return [
    ...notSaved(),
    ...tidied(),
    ...budgeted(),
    ...restored(),
    warmLine(report.warm),
    ...missed,
    ...texts(),
  ];
}

function tidied(): string[] {
  const refused = (status: number) => {
    const step = nextStep({ status, headers: {}, message: 'no' }, { tries: 1, now: 0, left: 0 });
    return step.kind === 'end' ? step.reason : '';
  };
  const share = { own: { entries: 3, bytes: 1.2e9 }, limitBytes: 10e9 };
  return [
    supersedeLine(notSuperseded('denied', refused(403))),
    supersedeLine(notSuperseded('skipped', text('flow/budget.ts', 'the post step was given no token'))),
    supersedeLine(
      notSuperseded('failed', text('flow/tidy.ts', 'the list of entries does not show what was saved')),
    ),
    supersedeLine(notSuperseded('failed', refused(429))),
    quotaLine({ ...report.quota, entries: 31, bytes: 9.6e9, ...share }),
  ];
}

function budgeted(): string[] {
  const limits = { limitBytes: 2e9, takenBytes: 5e8 };
  const reason = overLine({ bytes: 1.6e9, estimated: true }, limits, 'the set');
  return [
    saveLine({ ...report.save, reason }, 'The set'),
    ...(report.budget === null ? [] : [leftOutLine(report.budget)]),
    overLimitLine({ bytes: 2.1e9 }, 2e9),
    brokenLine(['0f/0f12-d']),
    uncountedLine(text('flow/budget.ts', 'the post step was given no token')),
  ];
}

function notSaved(): string[] {
  const onPush = { save: 'auto', event: 'push', ref: 'refs/heads/topic', defaultBranch: 'main' } as const;
  const policies = [
    savePolicy({ ...onPush, event: 'pull_request' }),
    savePolicy(onPush),
    savePolicy({ ...onPush, defaultBranch: '' }),
  ];
  const facts = {
    ...({ restore: 'miss', warm: 'warmed', jobFailed: false, lostObjects: 0, foreignObjects: 0 } as const),
    ...({ jobUsedCache: true, madeBuilds: false, sharedGocache: false, policy: { allowed: true } } as const),
  };
  const plans = [
    planFinish({ ...facts, restore: 'exact' }),
    planFinish({ ...facts, warm: 'failed' }),
    planFinish({ ...facts, warm: 'skipped', jobFailed: true }),
    planFinish({ ...facts, lostObjects: 12 }),
  ];
  const refused = { result: { entry: -1 }, lines: [], debug: [], timedOut: false };
  const denied = readSave({
    ...refused,
    debug: ['Failed to reserve cache: Error: cache write denied: it is read-only'],
  });
  const mode = readSave({
    ...refused,
    lines: ["Cache save skipped: the effective cache-mode 'read' does not permit writes."],
  });
  const reasons = [
    ...policies.flatMap((policy) => (policy.allowed ? [] : [policy.reason])),
    ...plans.flatMap(({ save }) => (save.kind === 'skip' ? [save.reason] : [])),
    ...[denied, mode].flatMap((outcome) => (outcome.kind === 'skipped' ? [outcome.reason] : [])),
    text('flow/upload.ts', 'another job has just stored the same content'),
  ];
  const what = text('flow/finish.ts', 'The set');
  return reasons.map((reason) => saveLine({ ...report.save, reason }, what));
}

function restored(): string[] {
  const line = (outcome: RestoreReport['outcome'], seconds: number, reason: string | null): string =>
    restoreLine({ ...report.restore, outcome, seconds, reason });
  const why = { key: 'k', why: 'part-2.tar.zst: the content does not hash to the name' };
  return [
    line('miss', 0.3, null).replace(
      report.restore.primaryKey,
      'gobuild-test-2-linux-x64-go1.26.8-s-default-c',
    ),
    line('failed', 0.1, text('store/toolkit.ts', 'the runner offers this job no cache service')),
    line('failed', 1.2, text('flow/restore.ts', 'the entry {key} is broken: {why}', why)),
    line('failed', 1.2, text('flow/restore.ts', 'the entry {key} cannot be used alone: {why}', why)),
    line('failed', 1.2, text('flow/restore.ts', 'GOCACHE did not take the entry {key}: {why}', why)),
    line('miss', 0.3, text('flow/base.ts', 'its base {key} is gone', why)),
    line('partial', 0.3, text('flow/base.ts', 'its base {key} is gone', why)),
    line('disabled', 0.1, "the effective cache-mode 'write-only' does not permit reads."),
  ];
}

/** Lines that are worded where they are printed. */
function texts(): string[] {
  const reason = text('flow/open.ts', 'GOCACHEPROG is set, so another program keeps the build cache');
  const unwritable = ['RUNNER_TEMP', 'GOCACHE'].map((what) =>
    text('flow/use.ts', `${what} cannot be written: {messageOf(error)}`, { 'messageOf(error)': 'EROFS' }),
  );
  const shown = text('config/directories.ts', 'input working-directory: "{pattern}"', { pattern: '.' });
  return [
    ...[reason, ...unwritable].map((why) =>
      text('flow/prepare.ts', 'gobuild-test does nothing: {reason}', { reason: why }),
    ),
    text('flow/prepare.ts', 'actions/setup-go has its cache on in this job, and would store ') +
      text('flow/prepare.ts', "this action's GOCACHE a second time: ") +
      text('flow/prepare.ts', 'give it "cache: false"'),
    text(
      'flow/use.ts',
      'input name: "{inputs.name}" is used a second time in this job: give each use of this action a name of its own',
      { 'inputs.name': 'default' },
    ),
    text(
      'config/directories.ts',
      '{shown}: {what} holds neither go.mod nor go.work: name the directory of a Go module{hint}',
      { shown, what: '.', hint: '' },
    ),
    text(
      'go/command.ts',
      'no {program} on PATH: put a step that installs it before this one (for go: actions/setup-go)',
      { program: 'go' },
    ),
    ...[...helperMistakes(), ...helpersTold()],
    failed(failureLine('no database\nFAIL\texample.com/app/db\t0.008s\nFAIL\n')),
    failed('greet/greet.go:7: undefined: x') +
      text('flow/prepare.ts', '; the job goes on, and nothing will be saved'),
    text('flow/survey.ts', '{pattern} matches nothing in {where}: {why}', {
      ...{ pattern: './tests/...', where: '.' },
      why: text('go/packages.ts', 'there is no such directory'),
    }),
  ];
}

function helpersTold(): string[] {
  const { helpers, set } = report;
  if (helpers === null || set === null) throw new Error('the sample lacks a part');
  const broken = { ...helpers, outcome: 'failed', reason: 'the pack is broken', buildSeconds: 2.1 } as const;
  const left = { name: 'gen', bytes: 2e6, package: 'example.com/greeter/cmd/gen', tool: false };
  return [
    helpersLine(broken),
    saveLine({ ...report.save, reason: 'the job has changed /d/gen' }, 'The helpers'),
    notStoredLine({ ...set, executables: [left], notStored: { objects: 2, bytes: 2e6 } }),
    text('flow/ignored.ts', 'helpers-dir {shown} is inside the workspace, and git does not ignore it: ', {
      shown: 'bin',
    }) + text('flow/ignored.ts', 'add it to .gitignore, or leave the input out'),
  ];
}

function helperMistakes(): string[] {
  const listed = (path: string, name: string) => ({
    ...{ ImportPath: `example.com/greeter/${path}`, Name: name, Dir: `/w/${path}`, Match: [`./${path}`] },
  });
  const programs = ['cmd/gen', 'tools/gen', 'cmd/tar'].map((path) => listed(path, 'main'));
  const packages = [listed('greet', 'greet'), ...programs];
  const told = (...paths: readonly string[]): string => {
    const lines = paths.map((path) => ({ name: undefined, pattern: `./${path}` }));
    const patterns = lines.map(({ pattern }) => [pattern]);
    try {
      planHelpers(lines, [{ directory: '/w', patterns, packages }]);
    } catch (error) {
      return messageOf(error);
    }
    throw new Error('no mistake');
  };
  return [
    ...[told('greet'), told('cmd/gen', 'tools/gen'), told('cmd/tar')],
    text('go/build-helpers.ts', 'helpers cannot be built: {reason}', {
      reason: 'greet/greet.go:7: undefined: x',
    }),
  ];
}

function failed(first: string): string {
  return text('go/passes.ts', 'the {kind} pass failed: {first}', { kind: 'cover', first });
}

/**
 * A text of a source file, with values in place of its expressions, which stand here without their dollar sign.
 * @throws Error where the file does not hold it
 */
function text(file: string, wording: string, values: Readonly<Record<string, string>> = {}): string {
  const source = readFileSync(join(resolve(import.meta.dirname, '../../src'), file), 'utf8');
  if (!source.includes(wording.replaceAll('{', '$' + '{'))) {
    throw new Error(`src/${file} does not hold: ${wording}`);
  }
  return wording.replace(/\{(.*?)\}/g, (_, expression: string) => values[expression] ?? '');
}
