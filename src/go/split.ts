import type { ListedPackage } from './lists.ts';

/** Characters that the packages of one command may take, by platform: each well under the system's own limit. */
const limits: Partial<Record<NodeJS.Platform, number>> = {
  win32: 30_000, // CreateProcess takes 32,767, the program and its flags included.
  darwin: 500_000, // ARG_MAX is 1 MiB, the environment included.
};
const usualLimit = 1_000_000; // Linux takes 2 MiB by default, the environment included.

export function commandLimit(platform: NodeJS.Platform): number {
  return limits[platform] ?? usualLimit;
}

/**
 * Divides a list over as few commands as the limit allows; a list that fits stays whole.
 *
 * Each command of a divided list names all packages *without* tests again: `go test -cover` instruments those for
 * all that import them, so a command that did not name them would compile their importers otherwise than the
 * job's one command does (design.md, fact 1). Where they alone take over half of the limit, that cannot be had,
 * and they are divided like the others.
 */
export function split(packages: readonly ListedPackage[], limit: number): ListedPackage[][] {
  if (packages.length === 0) return [];
  if (size(packages) <= limit) return [[...packages]];
  const testless = packages.filter((one) => !one.hasTests);
  const common = size(testless) <= limit / 2 ? testless : [];
  const divided = common.length > 0 ? packages.filter((one) => one.hasTests) : packages;
  return chunks(divided, limit - size(common)).map((chunk) => [...common, ...chunk]);
}

function chunks(packages: readonly ListedPackage[], limit: number): ListedPackage[][] {
  const result: ListedPackage[][] = [];
  let room = 0;
  for (const one of packages) {
    const chunk = result.at(-1);
    const cost = size([one]);
    if (chunk === undefined || cost > room) {
      result.push([one]);
      room = limit - cost;
    } else {
      chunk.push(one);
      room -= cost;
    }
  }
  return result;
}

/** Each argument, quoted, and the space after it. */
function size(packages: readonly ListedPackage[]): number {
  return packages.reduce((sum, one) => sum + one.importPath.length + 3, 0);
}
