/** What a process of the toolkit is asked to do; one path, the same for every job, since it is part of an entry's version. */
export type TransferRequest =
  | { readonly kind: 'restore' | 'lookup'; readonly keys: readonly [string, ...string[]] }
  | { readonly kind: 'save'; readonly key: string };

/** `key`: what a restore or a look-up matched. `entry`: the service's id of a saved entry, -1 where it refused. */
export type TransferResult =
  | { readonly key: string | null }
  | { readonly entry: number }
  | { readonly error: string };

/** What the process is sent. */
export interface Asked {
  readonly request: TransferRequest;
  /** The directory that names in the archive are relative to, and where the toolkit has its temporary files. */
  readonly root: string;
  /** Stands before the result in the last line of the answer: nobody else can know it, so no entry's key can end one. */
  readonly end: string;
}

/** The directory that an entry holds, relative to the root. */
export const packPath = 'gobuild-test-pack';
