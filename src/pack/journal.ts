/**
 * The names of what a worker thread made, in memory that outlives the thread: should the thread die, the parent still
 * knows what to remove. One thread appends, the parent reads when the thread has ended.
 */
export type JournalMemory = SharedArrayBuffer;

// Reserved as addresses only, grown as names come: a million names of a kilobyte.
const MOST_BYTES = 2 ** 30;
const GROWTH = 64 * 1024;
const HEADER = Uint32Array.BYTES_PER_ELEMENT;

/** Memory for a new journal without names. */
export function createJournal(): JournalMemory {
  return new SharedArrayBuffer(HEADER, { maxByteLength: MOST_BYTES });
}

/** Adds one name, which has no line break in it. Throws a RangeError where the journal is full. */
export function appendName(memory: JournalMemory, name: string): void {
  const line = Buffer.from(`${name}\n`);
  const used = new Uint32Array(memory, 0, 1);
  const start = HEADER + (used[0] ?? 0);
  const end = start + line.length;
  if (end > memory.byteLength) memory.grow(Math.min(MOST_BYTES, Math.max(end, memory.byteLength + GROWTH)));
  new Uint8Array(memory, start, line.length).set(line);
  used[0] = end - HEADER;
}

/** The names in the order in which they were added. */
export function namesIn(memory: JournalMemory): string[] {
  const used = new Uint32Array(memory, 0, 1)[0] ?? 0;
  const text = Buffer.from(memory, HEADER, used).toString();
  return text === '' ? [] : text.slice(0, -1).split('\n');
}
