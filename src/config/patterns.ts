import { posix, win32 } from 'node:path';

/**
 * A package pattern or file as `go list` cleans it before it gives it back in `Match`
 * (cmd/go/internal/search.CleanPatterns); what is clean stays as it is. A path with a drive or of a share has `\` in
 * it then, all else has `/`.
 */
export function cleanPattern(pattern: string): string {
  if (/^([A-Za-z]:[/\\]|\\\\)/.test(pattern)) return win32.normalize(pattern).replace(/(?<!:)\\+$/, '');
  const clean = posix.normalize(pattern.replaceAll('\\', '/')).replace(/(?<=.)\/+$/, '');
  if (!/^\.{1,2}([/\\]|$)/.test(pattern)) return clean;
  return /^\.{1,2}(\/|$)/.test(clean) ? clean : `./${clean}`;
}
