import { posix } from 'node:path';

/**
 * A package pattern or file as `go list` cleans it before it gives it back in `Match`
 * (cmd/go/internal/search.CleanPatterns); what is clean stays as it is.
 */
export function cleanPattern(pattern: string): string {
  if (!/^\.{1,2}([/\\]|$)/.test(pattern)) return posix.normalize(pattern).replace(/\/+$/, '');
  const clean = posix.normalize(pattern.replaceAll('\\', '/')).replace(/\/+$/, '');
  return /^\.{1,2}(\/|$)/.test(clean) ? clean : `./${clean}`;
}
