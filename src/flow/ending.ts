import type { RunContext } from '../config/context.ts';
import type { Inputs } from '../config/inputs.ts';
import type { Ending } from '../config/state.ts';
import { isShared, savePolicy } from '../store/policy.ts';

/** What the inputs say about the end of the job. */
export function endingOf(
  {
    save,
    onMiss,
    supersede,
    maxSize,
    keepExecutables,
    summary,
  }: Pick<Inputs, 'save' | 'onMiss' | 'supersede' | 'maxSize' | 'keepExecutables' | 'summary'>,
  context: Pick<RunContext, 'event' | 'ref' | 'defaultBranch'>,
): Ending {
  return {
    policy: savePolicy({ save, ...context }),
    isShared: isShared(context),
    ...{ onMiss, supersede, maxSize: maxSize ?? null, keepExecutables, summary },
  };
}
