export type SavePolicy = { readonly allowed: true } | { readonly allowed: false; readonly reason: string };

/**
 * Whether this run may fill the cache. Pure.
 *
 * `auto` keeps to the default branch, whose entries every ref may restore, and to events that run what has been
 * merged: what a pull request saves only it could restore, and `pull_request_target`, `issue_comment` and
 * `workflow_run` run on the default branch by the will of somebody outside.
 */
export function savePolicy(facts: {
  readonly save: 'auto' | 'always' | 'never';
  readonly event: string;
  /** The full ref of the run, as refs/heads/main. */
  readonly ref: string;
  /** '' where the event does not name it. */
  readonly defaultBranch: string;
}): SavePolicy {
  const { save, event, ref, defaultBranch } = facts;
  if (save === 'always') return { allowed: true };
  if (save === 'never') return refused('the input save is never');
  const from = `the cache is filled from ${defaultBranch || 'the default branch'}`;
  if (event.startsWith('pull_request')) return refused(`a pull request; ${from}`);
  if (event === 'issue_comment' || event === 'workflow_run') return refused(`the event ${event}; ${from}`);
  // Its payload names no repository; it runs on the default branch alone (GitHub's "Events that trigger workflows").
  if (event === 'schedule' && defaultBranch === '') return { allowed: true };
  if (defaultBranch === '') {
    return refused(
      'the event does not name the default branch; set save to always where this job fills the cache',
    );
  }
  if (ref !== `refs/heads/${defaultBranch}`)
    return refused(`${ref || 'no ref'} is not the default branch; ${from}`);
  return { allowed: true };
}

function refused(reason: string): SavePolicy {
  return { allowed: false, reason };
}

/** Whether every ref may restore what a run on this ref saves. A schedule runs on the default branch alone. */
export function isShared(run: {
  readonly event: string;
  readonly ref: string;
  readonly defaultBranch: string;
}): boolean {
  if (run.defaultBranch === '') return run.event === 'schedule';
  return run.ref === `refs/heads/${run.defaultBranch}`;
}
