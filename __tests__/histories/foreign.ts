/** An entry that no run of the history may delete. */
export interface Foreign {
  readonly key: string;
  readonly ref?: string;
  readonly version?: string;
}

/** What the key of the entries most like it consists of. */
interface Fields {
  readonly fields: readonly string[];
  /** Tells it from every other. */
  readonly tail: string;
}

/** Parts of a key: `gobuild-test-2-<os>-<arch>-<go version>-<shape>-<name>-<content>-<run>`. */
const at = { version: 2, shape: 6, name: 7 } as const;

function changed({ fields, tail }: Fields, part: keyof typeof at, value: string): string {
  return [...fields.map((field, index) => (index === at[part] ? value : field)), tail].join('-');
}

/** Entries of other tools, and such as differ from the action's own in one thing. `prefix` ends before the content. */
export const foreignKinds: readonly ((of: Fields) => Foreign)[] = [
  ({ tail }) => ({ key: `node-cache-linux-npm-${tail}` }),
  ({ tail }) => ({ key: `gobuild-${tail}` }),
  (of) => ({ key: `setup-go-${changed(of, 'version', '1')}` }),
  (of) => ({ key: changed(of, 'version', '0') }),
  (of) => ({ key: changed(of, 'shape', 'fedcba9876543210') }),
  (of) => ({ key: changed(of, 'name', 'defaul') }),
  (of) => ({ key: changed(of, 'name', 'default2') }),
  (of) => ({ key: changed(of, 'version', '1').toUpperCase() }),
  (of) => ({ key: changed(of, 'version', '1'), ref: 'refs/heads/main2' }),
  (of) => ({ key: changed(of, 'version', '1'), ref: 'refs/pull/7/head' }),
  (of) => ({ key: changed(of, 'version', '1'), version: 'of-another-path' }),
  ({ tail }) => ({ key: `gobuild-test-2-modules-linux-go1.26.8-${tail}` }),
];
