/** What post may know when it decides. */
export interface FinishFacts {
  readonly restore: 'exact' | 'partial' | 'miss' | 'failed' | 'disabled';
  readonly warm: 'warmed' | 'skipped' | 'failed';
  readonly jobFailed: boolean;
  /** Objects that were live at the end of main and are gone. */
  readonly lostObjects: number;
  /** Objects made or used since by another user id, who cannot mark what else it used. */
  readonly foreignObjects: number;
  /** Whether the job's own go commands used or made an object, as far as marks tell. */
  readonly jobUsedCache: boolean;
  /** Whether compiled packages, vet facts or tools were made that the restored set lacked. */
  readonly madeBuilds: boolean;
  /** Whether GOCACHE held others' objects, which are not saved: what is saved may be a part of the set alone. */
  readonly sharedGocache: boolean;
  readonly policy: { readonly allowed: true } | { readonly allowed: false; readonly reason: string };
}

export interface FinishPlan {
  readonly sweep: boolean;
  readonly save:
    | { readonly kind: 'save'; readonly content: 'whole' | 'unwarmed' }
    | { readonly kind: 'skip'; readonly reason: string };
}

/** Whether to sweep, and what to save under which content. Pure; the reasons are parts of a sentence. */
export function planFinish(facts: FinishFacts): FinishPlan {
  if (facts.warm === 'failed') return leave('the warm did not succeed');
  if (facts.lostObjects > 0) {
    return leave(`${facts.lostObjects} objects that the warm used are gone from GOCACHE (go clean -cache?)`);
  }
  if (facts.restore === 'exact') {
    if (facts.jobFailed) return leave('the job failed; the exact set stays as it is');
    if (!facts.madeBuilds) return leave('the restored set is exact, and nothing was compiled that it lacks');
    return keepAll(facts, 'whole');
  }
  if (facts.jobFailed) {
    // The steps that did not run never marked what they need: all is kept, for the next job to sweep.
    return facts.warm === 'warmed'
      ? keepAll(facts, 'unwarmed')
      : leave('the job failed before its set was known');
  }
  if (facts.warm === 'skipped' && !facts.jobUsedCache)
    return leave('no go command of the job used the cache');
  const content = facts.warm === 'warmed' && !facts.sharedGocache ? 'whole' : 'unwarmed';
  return { ...keepAll(facts, content), sweep: facts.foreignObjects === 0 };
}

function leave(reason: string): FinishPlan {
  return { sweep: false, save: { kind: 'skip', reason } };
}

function keepAll({ policy }: FinishFacts, content: 'whole' | 'unwarmed'): FinishPlan {
  const save = policy.allowed
    ? ({ kind: 'save', content } as const)
    : ({ kind: 'skip', reason: policy.reason } as const);
  return { sweep: false, save };
}
