export type Gate = { readonly open: true } | { readonly open: false; readonly reason: string };

/** Whether the passes run. Pure. */
export function gate(facts: {
  readonly warm: 'auto' | 'always' | 'never';
  /** Go commands that the job runs at once. */
  readonly parallelism: number;
  /** Packages in both lists together. */
  readonly packages: number;
  /** The restored set was made from the same content. */
  readonly exact: boolean;
}): Gate {
  const { warm, parallelism, packages, exact } = facts;
  if (packages === 0) return closed('no packages are listed');
  if (warm === 'never') return closed('the input warm is never');
  if (warm === 'always') return { open: true };
  if (exact) return closed('the restored set is exact');
  if (parallelism <= 1) return closed('the job runs one go command at a time, which warms its own cache');
  if (packages === 1) return closed('one package is listed, which the job compiles once anyway');
  return { open: true };
}

function closed(reason: string): Gate {
  return { open: false, reason };
}
