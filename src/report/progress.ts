import type { Gauge, Progress } from '../progress.ts';
import { seconds, size } from './lines.ts';

/** Something that may take its time: a download, a pass of the warm. */
export interface Phase {
  /** The beginning of its line, as in `Downloading the set`. */
  readonly name: string;
  /** What its progress counts: bytes, or things by their name in the singular. */
  readonly unit: string;
}

/** A phase that is under way. */
export interface Running extends Phase {
  /** Milliseconds, of the clock that `dueLine` is asked by. */
  readonly started: number;
  readonly gauge: Gauge | undefined;
}

/** Milliseconds that a phase goes on in silence, and between one line and the next. */
const pace = 5000;

/**
 * The line that is due: of each phase that has gone on for five seconds, unless there was a line less than five seconds ago;
 * undefined where there is none.
 *
 * @param said when the last line was printed, milliseconds
 */
export function dueLine(
  phases: Iterable<Running>,
  { said, now }: { readonly said: number; readonly now: number },
): string | undefined {
  if (now - said < pace) return undefined;
  const slow = [...phases].filter(({ started }) => now - started >= pace);
  if (slow.length === 0) return undefined;
  return slow.map((phase) => progressText(phase, phase.gauge?.(), now)).join('; ');
}

/** `Downloading the set: 31.2 MB of 60.1 MB, 10.0 s`; `Warm, cover pass: package 4 of 32, 310 compiled, 15.0 s`. */
function progressText({ name, unit, started }: Running, progress: Progress | undefined, now: number): string {
  const parts = [
    ...(progress === undefined ? [] : [amount(progress, unit)]),
    ...(progress?.note === undefined ? [] : [progress.note]),
    seconds((now - started) / 1000),
  ];
  return `${name}: ${parts.join(', ')}`;
}

function amount({ done, total }: Progress, unit: string): string {
  const show = unit === 'bytes' ? size : String;
  const counted = total === undefined ? show(done) : `${show(done)} of ${show(total)}`;
  return unit === 'bytes' ? counted : `${unit} ${counted}`;
}
