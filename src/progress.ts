/** How far something has come that takes its time. */
export interface Progress {
  readonly done: number;
  /** Undefined where nobody knows it. */
  readonly total?: number | undefined;
  /** What else there is to say of it. */
  readonly note?: string | undefined;
}

/** Asks how far it has come, at any time and without throwing; undefined where that cannot be told yet. */
export type Gauge = () => Progress | undefined;

/** Is given the gauge of what has begun. */
export type Watch = (gauge: Gauge) => void;
