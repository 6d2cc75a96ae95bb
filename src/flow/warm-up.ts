import type { Inputs } from '../config/inputs.ts';
import type { RunCommand } from '../go/command.ts';
import { gate } from '../go/gate.ts';
import { countPackages } from '../go/lists.ts';
import { type PassReport, WarmError, warm } from '../go/passes.ts';
import { commandLimit } from '../go/split.ts';
import type { WarmReport } from '../report/report.ts';
import type { Surroundings } from './prepare.ts';
import type { Survey } from './survey.ts';

/** The gate, then the two passes. `error` is the pass that failed, told by annotations at its places already. */
export async function warmUp(
  inputs: Inputs,
  surveyed: Survey,
  exact: boolean,
  { run, context, platform, console }: Surroundings & { run: RunCommand },
): Promise<{ warm: WarmReport; error?: WarmError }> {
  const packages = countPackages([...surveyed.cover, ...surveyed.plain]);
  const decision = gate({ ...inputs, packages, exact });
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
    const passes = await warm(surveyed.cover, surveyed.plain, {
      run,
      flags: inputs.buildFlags,
      limit: commandLimit(platform),
      workspace: context.workspace,
      group: console.foreignGroup,
    });
    return { warm: done('warmed', null, passes) };
  } catch (error) {
    if (!(error instanceof WarmError)) throw error;
    for (const { message, ...place } of error.diagnostics) console.errorAt(message, place);
    return { warm: done('failed', error.message, error.passes), error };
  }
}
