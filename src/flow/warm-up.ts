import type { Inputs } from '../config/inputs.ts';
import type { RunCommand } from '../go/command.ts';
import { gate } from '../go/gate.ts';
import { type PassReport, WarmError, warm } from '../go/passes.ts';
import { compiledCount } from '../go/recipe.ts';
import { countPackages, type Step } from '../go/steps.ts';
import type { WarmReport } from '../report/report.ts';
import type { Surroundings } from './prepare.ts';

/** The gate, then the passes. `error` is the pass that failed, told by annotations at its places already. */
export async function warmUp(
  inputs: Inputs,
  steps: readonly Step[],
  exact: boolean,
  { run, work, context, console }: Surroundings & { readonly run: RunCommand; readonly work: string },
): Promise<{ warm: WarmReport; error?: WarmError }> {
  const decision = gate({ ...inputs, packages: countPackages(steps), exact });
  if (!decision.open) {
    return { warm: { outcome: 'skipped', reason: decision.reason, seconds: 0, passes: [] } };
  }
  const started = performance.now();
  const done = (
    outcome: WarmReport['outcome'],
    reason: string | null,
    passes: readonly PassReport[],
  ): WarmReport => ({ outcome, reason, seconds: (performance.now() - started) / 1000, passes });
  try {
    const passes = await warm(steps, {
      run,
      parallelism: inputs.parallelism,
      workspace: context.workspace,
      log: {
        group: console.foreignGroup,
        print: console.info,
        progress: (name, body) => console.progress({ name, unit: 'package' }, body),
      },
      compiled: () => compiledCount(work),
    });
    return { warm: done('warmed', null, passes) };
  } catch (error) {
    if (!(error instanceof WarmError)) throw error;
    const level = inputs.onWarmError === 'warn' ? 'warning' : 'error';
    for (const { message, ...place } of error.diagnostics) console.annotate(level, message, place);
    return { warm: done('failed', error.message, error.passes), error };
  }
}
