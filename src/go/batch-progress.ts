import type { Progress } from '../progress.ts';
import { countPackages, type Step } from './steps.ts';

/** How far commands of the warm have come: how many of their packages are done, by the lines that `go test` prints. */
export class BatchProgress {
  readonly #batch: readonly Step[];
  readonly #done = new Map<Step, number>();

  constructor(batch: readonly Step[]) {
    this.#batch = batch;
  }

  /** Takes a line that a command has printed on its standard output. */
  line(step: Step, text: string): void {
    const reported = reportedPackage(text);
    if (reported === undefined) return;
    const before = this.#done.get(step) ?? 0;
    const at = step.args.lastIndexOf(reported);
    // Packages stand last, and go test reports in their order (test/test.go), but not each: where they are named, all
    // before this one are done. Where a pattern stands for them, the lines are counted.
    const done = at < 0 ? before + 1 : step.packages - (step.args.length - 1 - at);
    this.#done.set(step, Math.min(step.packages, Math.max(before, done)));
  }

  ended(step: Step): void {
    this.#done.set(step, step.packages);
  }

  /** @param compiled how many packages were compiled for it, dependencies among them; undefined where nobody counts */
  read(compiled: number | undefined): Progress {
    const done = [...this.#done.values()].reduce((sum, count) => sum + count, 0);
    const note = compiled === undefined ? undefined : `${compiled} compiled`;
    return { done, total: countPackages(this.#batch), note };
  }
}

/** The package of a line that tells its end, in the forms of Go's src/cmd/go/internal/test/test.go and of covdata. */
export function reportedPackage(line: string): string | undefined {
  const [, tested, untested] =
    /^(?:(?:ok {2}|\? {3}|FAIL)\t(\S+)[\t ]|\t(\S+)\t\tcoverage: )/.exec(line) ?? [];
  return tested ?? untested;
}
