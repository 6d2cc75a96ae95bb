import {
  filesBeside,
  flagsBeside,
  isEach,
  type Missed,
  type MissedPackage,
  subject,
  type WarmedShape,
} from './missed-facts.ts';

type Those = readonly [MissedPackage, ...MissedPackage[]];

/** Each reason in a sentence: what the job does, what the warm does, and which input would mend it. */
export const sentences = {
  go: ([{ goVersion }], warmed) =>
    `The job compiles with ${goVersion} and the warm with ${warmed.goVersion}: set up the job's Go before this action.`,
  target: ([{ target }], warmed) =>
    `The job compiles for ${target} and the warm for ${warmed.target}: name its commands, with GOOS and GOARCH, in test-commands.`,
  race: (_, missed) => `The job compiles with -race and the warm without: ${add('-race', missed)}.`,
  'no-race': () =>
    'The job compiles without -race and the warm with it: take -race out of build-flags, or give it to the job.',
  trimpath: (_, missed) =>
    `The job compiles with -trimpath and the warm without: ${add('-trimpath', missed)}.`,
  'no-trimpath': () =>
    'The job compiles without -trimpath and the warm with it: take -trimpath out of build-flags, or give it to the job.',
  checkout: ([{ directory }], missed) =>
    `The job compiles in ${directory}, outside of ${missed.directories.join(' and ')}, and without -trimpath the directory counts: check out in one place, or give the job -trimpath and ${add('it', missed)}.`,
  modules: ([{ directory }], missed) =>
    `The job takes modules from another GOMODCACHE than ${missed.goModCache}, as in ${directory}: set it before this action, or give the job -trimpath and ${add('it', missed)}.`,
  module: (those) =>
    `The job compiles in ${some(those.map(({ directory }) => directory ?? ''))}, which is in no module of the warm: add its module to working-directory.`,
  flags: ([one], missed) => {
    const flags = flagsBeside(one, missed).join(' ');
    const asked = /^-[Nl]/.test(flags) ? "the job's -gcflags" : flags;
    return `The job compiles with ${flags} and the warm without: ${add(asked, missed)}.`;
  },
  files: (those, missed) =>
    `The job compiles ${some(those.flatMap((one) => filesBeside(one, missed)))} of ${some(those.map(subject))}, which the warm leaves out: ${add("the job's -tags", missed)}, or make the file before this action.`,
  mode: ([{ coverMode }], missed) => {
    const flag = `-covermode=${coverMode}`;
    return `The job measures with ${flag} and the warm with ${missed.coverMode}: ${add(flag, missed)}.`;
  },
  binary: (those) =>
    `The job keeps test binaries (-c, -o or a profile) of ${some(those.map(subject))}, whose test mains are compiled otherwise: name those commands in test-commands.`,
  coverpkg: (_, { mains }) => {
    const [only, ...others] = new Set(mains.flatMap(({ coverpkg }) => coverpkg ?? []));
    if (isEach(mains))
      return 'The job measures each package by itself with -coverpkg: set cover-shape: each.';
    const patterns = only?.replaceAll(', ', ',');
    return others.length === 0
      ? `The job measures with -coverpkg=${patterns}: put ${patterns} into coverpkg.`
      : 'The job measures with more than one -coverpkg: name its commands in test-commands.';
  },
  cover: (_, { coverShape }) =>
    `The job measures with -cover and without -coverpkg: ${coverShape === 'each' ? 'set cover-shape: self' : 'leave coverpkg empty'}.`,
  plain: (those) =>
    `The job measures ${some(those.map(subject))}, which the warm does not: put it into cover-packages, and not into plain-packages.`,
  'no-cover': (those, { mains, coverShape }) =>
    mains.every(({ covered }) => !covered) && coverShape !== 'commands'
      ? 'The job tests without -cover and the warm with it: put its commands, as go test ./..., into test-commands.'
      : `The job tests ${some(those.map(subject))} without -cover: put it into plain-packages, or give -cover to the job.`,
  list: (those, missed) => {
    const testless = those.filter((one) => !one.covered && missed.measured.includes(subject(one)));
    const more = those.filter((one) => one.covered && !missed.measured.includes(subject(one)));
    const list = 'The job measures another list of packages than the warm';
    const mend =
      missed.coverShape === 'commands'
        ? 'list its commands in test-commands'
        : 'put its list into cover-packages';
    if (more.length > 0) return `${list}, with ${some(more.map(subject))}: ${mend}.`;
    return testless.length > 0
      ? `${list}, without ${some(testless.map(subject))}, and a listed package without tests is instrumented for all that import it: ${mend}.`
      : `${list}, or a step has changed files since, as in ${some(those.map(subject))}: ${mend}.`;
  },
  build: (those) =>
    `The job builds ${some(those.map((one) => subject(one) || (one.directory ?? 'a command')))} otherwise than by go test: name that go build or go vet in test-commands.`,
  unlisted: (those, { coverShape }) =>
    `The job compiles ${some(those.map(subject))}, which is not listed: ${coverShape === 'commands' ? 'name its command in test-commands' : 'add it to cover-packages or plain-packages'}.`,
} satisfies Readonly<Record<string, (those: Those, missed: Missed) => string>>;

export type Reason = keyof typeof sentences;

function add(what: string, { coverShape }: WarmedShape): string {
  return coverShape === 'commands' ? 'name that command in test-commands' : `add ${what} to build-flags`;
}

function some(names: readonly string[]): string {
  const [first, second, ...others] = new Set(names);
  if (second === undefined) return first ?? '';
  return others.length === 0 ? `${first} and ${second}` : `${first}, ${second} and ${others.length} more`;
}
