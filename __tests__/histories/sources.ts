import { rmSync } from 'node:fs';
import { type Files, smallModule, writeFiles } from '../bundle/small-module.ts';

/** What differs between the commits of a history. Few values, so that a history often comes back to an earlier state. */
export interface Sources {
  /** Another value is another content of `leaf`, which all but `plainlib` import. */
  readonly leaf: 1 | 2 | 3;
  /** A package without tests is compiled otherwise by `go test -cover`, and with it whatever imports it. */
  readonly plainTested: boolean;
  /** Whether there is a package more. */
  readonly extra: boolean;
}

export const firstSources: Sources = { leaf: 1, plainTested: false, extra: false };

function filesOf({ leaf, plainTested, extra }: Sources): Files {
  return smallModule({
    'leaf/leaf.go': `package leaf\n\nfunc One() int { return ${leaf} - ${leaf - 1} }\n`,
    ...(plainTested ? { 'plainlib/plainlib_test.go': testOf('plainlib') } : {}),
    ...(extra ? { 'extra/extra.go': extraPackage, 'extra/extra_test.go': testOf('extra') } : {}),
  });
}

const extraPackage =
  'package extra\n\nimport "example.com/small/leaf"\n\nfunc Three() int { return 2 + leaf.One() }\n';

const testOf = (name: string): string =>
  `package ${name}\n\nimport "testing"\n\nfunc TestNothing(t *testing.T) { t.Log("${name}") }\n`;

/** How the job's tests are compiled: two shapes of the action. */
export type CoverMode = 'set' | 'count';

/** The go commands of a job: those that the warm knows, and a build that it does not know. */
export function goCommands(sources: Sources, mode: CoverMode, builds: boolean): readonly string[][] {
  const names = ['cmd/tool', 'core', 'leaf', 'plainlib', ...(sources.extra ? ['extra'] : [])];
  const tests = [
    ['test', `-covermode=${mode}`, ...names.map((name) => `example.com/small/${name}`)],
    ['test', './tests/...'],
  ];
  return builds ? [...tests, ['build', '-gcflags=example.com/...=-N', './...']] : tests;
}

/** As a job gets it: nothing of an earlier checkout is left. */
export function checkOut(workspace: string, sources: Sources): void {
  rmSync(workspace, { recursive: true, force: true });
  writeFiles(workspace, filesOf(sources));
}
