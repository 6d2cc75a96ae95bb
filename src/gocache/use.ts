import { hasMark } from './backdate.ts';
import { outputNameOf } from './layout.ts';
import type { GocacheObject } from './scan.ts';
import type { OutputOf } from './sweep.ts';

/**
 * Who has used an object since it was marked last: nobody; the warm, which nobody else has since; or the job, which
 * made it or used it after the warm.
 */
export type Use = 'none' | 'warm' | 'job';

export interface UseOptions {
  /** The mark that the restored objects were given, of `markSecond`. */
  readonly first: number;
  /** The mark that what the warm used was given after it, of `secondMark`; undefined where there was no second. */
  readonly second?: number;
  /** Called for records only that are used, and only where an output is less so. */
  readonly outputOf: OutputOf;
}

const degrees: readonly Use[] = ['none', 'warm', 'job'];

/**
 * Tells by the marks who has used which object; in the order of the objects. An output is used as much as a record
 * that names it: Go does not move the time of an output that it would have written again (`copyFile` in cache.go). An
 * output without a record counts by its own time, because something used it.
 */
export function usesOf(objects: readonly GocacheObject[], options: UseOptions): Use[] {
  const { first, second, outputOf } = options;
  const own = objects.map((object) => {
    if (hasMark(object, first)) return 0;
    return second !== undefined && hasMark(object, second) ? 1 : 2;
  });
  const most = new Map<string, number>();
  const leastOutput = Math.min(2, ...new Set(own.filter((_, at) => objects[at]?.kind !== 'record')));
  for (const [at, object] of objects.entries()) {
    const degree = own[at] ?? 0;
    if (object.kind !== 'record' || degree <= leastOutput) continue;
    const output = outputOf(object);
    if (output === undefined) continue;
    const name = outputNameOf(output);
    most.set(name, Math.max(degree, most.get(name) ?? 0));
  }
  return objects.map((object, at) => {
    const degree = Math.max(own[at] ?? 0, object.kind === 'record' ? 0 : (most.get(object.name) ?? 0));
    return degrees[degree] ?? 'none';
  });
}
