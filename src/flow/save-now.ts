import type { RunContext } from '../config/context.ts';
import type { Inputs } from '../config/inputs.ts';
import { setOutputs } from '../config/runner.ts';
import { saveLine } from '../report/lines.ts';
import { notYet, type Report } from '../report/report.ts';
import { endingOf } from './ending.ts';
import { type FinishOptions, finish, notSaved } from './finish.ts';
import { takeOver } from './handover.ts';
import { mainsReport } from './mains-report.ts';
import { useOf } from './use.ts';

/**
 * The story of `save/`: what post does, at the place in the job where the step stands, and told by outputs.
 *
 * @throws UserError where there is nothing that it could end, and for `on-miss: fail`
 */
export async function saveNow(
  inputs: Inputs,
  { context, ...options }: FinishOptions & { readonly context: RunContext },
): Promise<void> {
  const use = useOf(inputs.name, context);
  const taken = takeOver(inputs.name, use, options.env);
  if (taken.kind === 'none') {
    const save = notSaved('skipped', taken.reason);
    tellSaved({ ...notYet, save }, use.report);
    options.console.warning(saveLine(save, 'The set'));
    return;
  }
  const state = taken.kind === 'set' ? { ...taken, ...endingOf(inputs, context) } : taken;
  try {
    await finish(state, options);
  } finally {
    tellSaved(mainsReport(state), state.report);
  }
}

function tellSaved(
  { save, set, sweep, reuse }: Pick<Report, 'save' | 'set' | 'sweep' | 'reuse'>,
  report: string,
): void {
  const saved = save.outcome === 'saved';
  setOutputs({
    saved: String(saved),
    reason: save.reason ?? '',
    'cache-key': saved ? (save.key ?? '') : '',
    'saved-bytes': String(saved ? (save.bytes ?? 0) : 0),
    'set-bytes': set === null ? '' : String(set.bytes),
    'swept-bytes': String(sweep.droppedBytes),
    'compiled-after-warm': reuse === null ? '' : String(reuse.compiled.objects),
    report,
  });
}
