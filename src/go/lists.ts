import type { GoPackage, Listing } from './packages.ts';

/** A package that a pass names on its command line. */
export interface ListedPackage {
  readonly importPath: string;
  /** Without tests a listed package is instrumented for all that import it (design.md, fact 1). */
  readonly hasTests: boolean;
}

/** The packages of one pass in one module directory. */
export interface PassList {
  readonly directory: string;
  readonly packages: readonly ListedPackage[];
}

/**
 * The two lists of a module directory: plain are the packages that a plain pattern matches, cover those that a
 * cover pattern matches and no plain one does. Each without duplicates, in import path order.
 */
export function passLists(
  listing: Listing,
  coverPatterns: readonly string[],
  plainPatterns: readonly string[],
): { cover: PassList; plain: PassList } {
  // `go list -test` adds the variants `p [p.test]` and `p_test [p.test]`; the test main `p.test` matches nothing.
  const matched = listing.packages.filter(
    (listed) => listed.Match !== undefined && listed.ForTest === undefined,
  );
  const matches = (listed: GoPackage, patterns: readonly string[]): boolean =>
    listed.Match?.some((pattern) => patterns.includes(pattern)) ?? false;
  const plain = new Set(matched.filter((listed) => matches(listed, plainPatterns)));
  const cover = matched.filter((listed) => matches(listed, coverPatterns) && !plain.has(listed));
  return { cover: toPassList(listing, cover), plain: toPassList(listing, [...plain]) };
}

function toPassList(listing: Listing, packages: readonly GoPackage[]): PassList {
  const listed = new Map(packages.map((one): [string, ListedPackage] => [one.ImportPath, toListed(one)]));
  const sorted = [...listed.values()].sort((a, b) => (a.importPath < b.importPath ? -1 : 1));
  return { directory: listing.directory, packages: sorted };
}

function toListed(listed: GoPackage): ListedPackage {
  const tests = (listed['TestGoFiles']?.length ?? 0) + (listed['XTestGoFiles']?.length ?? 0);
  return { importPath: listed.ImportPath, hasTests: tests > 0 };
}
