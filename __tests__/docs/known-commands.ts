/**
 * How each command of the docs is held: a new one needs a line here.
 *
 * - `here`: commands.test.ts runs it, as it stands or as `here` says, in a copy of the repository; afterwards git finds changed
 *   there what `changes` names, and nothing else.
 * - `by`: a file of tests, or of CI, runs it: as it stands or, where the file says it otherwise, by the text `as`. Where that
 *   is the program behind an npm script, package.json has to say so.
 * - `not`: why nothing here can run it.
 */
export type Held =
  | { readonly here: true | string; readonly changes?: readonly string[] }
  | { readonly by: string; readonly as?: string }
  | { readonly not: (typeof reasons)[keyof typeof reasons] };

const reasons = {
  github: 'asks github.com about the entries, runs or releases of a repository',
  figures: 'takes many minutes, for figures or a picture that a person is to look at',
} as const;

const ci = '.github/workflows/ci.yml';
const tryOut = { by: '__tests__/local/try.test.ts', as: 'local/try.ts' };
const released = { by: '__tests__/docs/releasing.test.ts', as: 'repository.do(release)' };
const withdrawn = { by: '__tests__/docs/releasing.test.ts', as: 'repository.do(withdrawal)' };
const github = { not: reasons.github };
const bench = { not: reasons.figures };

export const heldCommands: Readonly<Record<string, Held>> = {
  'npm ci': { by: '.ci/run' },
  'npm test': { by: '.ci/run' },
  'npm test -- __tests__/pack': { by: ci, as: 'npm test -- __tests__/' },
  'HISTORIES=50 npm test -- __tests__/histories': {
    by: '__tests__/histories/histories.test.ts',
    as: '{ HISTORIES, HISTORY_SEED } = process.env',
  },
  '.ci/run': { by: ci },
  'npm run check': { here: true },
  'npm run format': { here: true },
  'npm run build': { here: true },
  'npm run docs': { here: true },
  'npm audit': { by: '__tests__/bundle/supply.test.ts', as: "'audit', '--omit=dev'" },
  'npm audit --omit=dev': { by: ci },
  'npm audit --omit=dev --audit-level=high': { by: ci },
  'npm version --no-git-tag-version 1.1.0': {
    here: true,
    changes: ['package-lock.json', 'package.json'],
  },
  'npm run try': tryOut,
  'npm run try -- DIR': tryOut,
  'npm run try -- DIR --with build-flags=-race': tryOut,
  "npm run try -- DIR --with 'test-commands=go test ./...'": tryOut,
  'npm run picture': bench,
  'npm run bench': bench,
  'npm run bench -- NAME': bench,
  'npm run bench -- gocache': bench,
  'npm run bench -- overhead': bench,
  'npm run bench -- project': bench,
  'npm run bench -- warm': bench,
  'npm run bench -- helpers': bench,
  'npm run bench -- cacheprog': bench,
  'npm run bench -- delta': bench,
  'npm run bench -- commits': bench,
  'go test -debug-actiongraph=graph.json …': {
    by: '__tests__/workflow/act.test.ts',
    as: 'go test -debug-actiongraph=',
  },
  'git commit -a -m "1.1.0"': released,
  'git tag -a v1.1.0 -m "1.1.0"': released,
  'git push origin v1.1.0': released,
  'git tag -f v1 "v1.1.0^{commit}"': released,
  'git push --force origin refs/tags/v1': released,
  'git tag -f v1 "v1.0.0^{commit}"': withdrawn,
  'gh run list --branch main --limit 4': github,
  'gh release create v1.1.0 --verify-tag --title 1.1.0 --notes-file notes.md': github,
  'gh release edit v1.0.0 --latest': github,
  'gh cache list --ref <ref> --key gobuild-test-': github,
  'gh cache delete': github,
};
