/** What the child process is asked to do; one path, the same for every job, since it is part of an entry's version. */
export type TransferRequest =
  | { readonly kind: 'restore' | 'lookup'; readonly keys: readonly [string, ...string[]] }
  | { readonly kind: 'save'; readonly key: string };

/** `key`: what a restore or a look-up matched. `entry`: the service's id of a saved entry, -1 where it refused. */
export type TransferResult =
  | { readonly key: string | null }
  | { readonly entry: number }
  | { readonly error: string };

/** The directory that an entry holds, relative to the child's own current directory. */
export const packPath = 'gobuild-test-pack';
