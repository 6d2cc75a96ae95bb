import {
  filesBeside,
  flagsBeside,
  isAsked,
  isEach,
  isElsewhere,
  isListed,
  isTrimmed,
  isWithin,
  type Missed,
  type MissedPackage,
  subject,
  type WarmedShape,
} from './missed-facts.ts';
import { type Reason, sentences } from './missed-sentences.ts';

export type { MissedPackage, WarmedShape } from './missed-facts.ts';

/**
 * Says why the job compiled what the warm should have compiled, and which input would mend it: a sentence for each
 * reason, at most three. First stand those that archives show, then those that can be guessed, each by the number of
 * packages that it explains; where anything shows, what merely follows from it is not guessed at (design.md, facts 1,
 * 2 and 14).
 *
 * @returns empty where nothing can be told
 */
export function explainMissed(missed: readonly MissedPackage[], warmed: WarmedShape): string[] {
  const alone: Missed = { ...warmed, all: missed, mains: [] };
  // A test main, and what else tests a package, is compiled again with it.
  const ofSubject = new Map(
    missed.map((one) => [subject(one), shown(one, alone)] as const).filter(([, it]) => it),
  );
  const shownBy = (one: MissedPackage) => shown(one, alone) ?? (subject(one) && ofSubject.get(subject(one)));
  const together: Missed = { ...alone, mains: missed.filter((one) => one.testMain && !shownBy(one)) };

  const groups = [new Map<Reason, MissedPackage[]>(), new Map<Reason, MissedPackage[]>()] as const;
  // A sentence speaks of the first of its packages: those that show the reason themselves stand before their tests.
  const showing = (one: MissedPackage) => (shown(one, alone) === undefined ? 1 : 0);
  for (const one of missed.toSorted((a, b) => showing(a) - showing(b))) {
    const certain = shownBy(one);
    const reason = certain || guessed(one, together);
    const group = groups[certain ? 0 : 1];
    if (reason) group.set(reason, [...(group.get(reason) ?? []), one]);
  }
  if (groups[0].size > 0) for (const weak of ['list', 'build', 'unlisted'] as const) groups[1].delete(weak);
  return groups
    .flatMap((group) => [...group].sort(([, a], [, b]) => b.length - a.length))
    .slice(0, 3)
    .flatMap(([reason, [one, ...others]]) => (one ? sentences[reason]([one, ...others], together) : []));
}

/** What the package itself shows. */
function shown(one: MissedPackage, missed: Missed): Reason | undefined {
  const { goVersion, target, directory } = one;
  // GOVERSION may go on with the experiments.
  if (goVersion !== undefined && goVersion !== missed.goVersion.split(' ')[0]) return 'go';
  if (target !== undefined && target !== missed.target) return 'target';
  if (one.race && !missed.race) return 'race';
  if (!one.race && missed.race && missed.coverShape !== 'commands') return 'no-race';
  if (directory !== undefined && isTrimmed(directory) !== missed.trimpath) {
    return missed.trimpath ? 'no-trimpath' : 'trimpath';
  }
  if (directory !== undefined && isElsewhere(directory, missed)) {
    if (/@v[0-9]/.test(directory)) return 'modules';
    return missed.all.some((other) => isListed(other, missed) && isElsewhere(other.directory, missed))
      ? 'checkout'
      : 'module';
  }
  if (flagsBeside(one, missed).length > 0) return 'flags';
  if (filesBeside(one, missed).length > 0) return 'files';
  if (one.coverMode !== undefined && ![undefined, one.coverMode].includes(missed.coverMode)) return 'mode';
  const isAlone = missed.all.every((other) => other === one || subject(other) !== subject(one));
  const keepsBinary = one.testMain && !one.flags.includes('-dwarf=false');
  return keepsBinary && isAlone && missed.coverShape !== 'commands' ? 'binary' : undefined;
}

/** What its test main, or the other packages, let one guess. */
function guessed(one: MissedPackage, missed: Missed): Reason | undefined {
  if (one.standard) return undefined;
  const { mains, coverShape, measured } = missed;
  const isMeasured = one.covered || measured.includes(subject(one));
  const patterns = mains.some(({ coverpkg }) => coverpkg !== undefined);
  const isKnown =
    coverShape === 'commands' ||
    (coverShape === 'each' && isEach(mains)) ||
    (coverShape === 'coverpkg' && isAsked(mains, missed));
  if (patterns && !isKnown && (one.testMain ? one.coverpkg !== undefined : isMeasured)) return 'coverpkg';
  const ownCover = mains.some(({ covered, coverpkg }) => covered && coverpkg === undefined);
  if (ownCover && (coverShape === 'each' || coverShape === 'coverpkg') && isMeasured) return 'cover';
  if (one.covered && (missed.coverMode === undefined || missed.plain.includes(subject(one)))) return 'plain';
  const uncovered = mains.some((main) => !main.covered && measured.includes(subject(main)));
  if (uncovered && !one.covered && isMeasured) return 'no-cover';
  if (mains.some(({ covered }) => covered) && isMeasured) return 'list';
  const isOurs = isWithin(one.directory, missed.directories);
  if (isListed(one, missed) || (isOurs && one.importPath === undefined))
    return one.testMain ? undefined : 'build';
  return isOurs ? 'unlisted' : undefined;
}
