import { setTimeout as sleep } from 'node:timers/promises';
import type { SetState } from '../config/state.ts';
import { messageOf } from '../errors.ts';
import type { Console } from '../report/console.ts';
import { isNearLimit, overLimitLine, quotaLine, supersedeLine } from '../report/lines.ts';
import {
  notSuperseded,
  type QuotaReport,
  quotaNotRead,
  type Report,
  type SupersedeReport,
} from '../report/report.ts';
import { type EntryList, ListError } from '../store/entry-list.ts';
import { baseKeyOf, basePrefix } from '../store/key.ts';
import { defaultLimit, repositoryUsage } from '../store/quota.ts';
import { type ListedEntry, type SavedEntry, superseded } from '../store/superseded.ts';
import { noToken } from './budget.ts';

/**
 * After a save: the older entries that it replaces are deleted, and the repository's cache is measured. No fault of the
 * service, and no missing permission, costs more than that.
 */

type Tidied = Pick<Report, 'supersede' | 'quota'>;

/** Does it, and says a line for each of the two; none where nothing was saved. */
export async function tidy(
  saved: readonly SavedEntry[],
  state: SetState,
  { list, console }: { readonly list: EntryList | undefined; readonly console: Console },
): Promise<Tidied> {
  if (saved.length === 0) return untidied('nothing was saved');
  const { supersede, quota } = list === undefined ? untidied(noToken) : await ask(saved, state, list);
  console.info(supersedeLine(supersede));
  // One line is enough for who may not read the list.
  const said = quota.outcome === 'skipped' || (quota.outcome === 'denied' && supersede.outcome === 'denied');
  if (isNearLimit(quota)) console.warning(quotaLine(quota));
  else if (!said) console.info(quotaLine(quota));
  const { maxSize } = state;
  if (maxSize !== null && quota.onRef.bytes > maxSize) console.warning(overLimitLine(quota.onRef, maxSize));
  return { supersede, quota };
}

/** Neither is done, for a reason. */
export function untidied(reason: string): Tidied {
  return { supersede: notSuperseded('skipped', reason), quota: quotaNotRead('skipped', reason) };
}

async function ask(
  saved: readonly SavedEntry[],
  { supersede, ref }: SetState,
  list: EntryList,
): Promise<Tidied> {
  const done = supersede
    ? await supersedeAll(saved, list)
    : notSuperseded('skipped', 'the input supersede is false');
  return { supersede: done, quota: await measure(list, ref) };
}

async function supersedeAll(saved: readonly SavedEntry[], list: EntryList): Promise<SupersedeReport> {
  const deleted: ListedEntry[] = [];
  try {
    for (const entry of saved) await deleteOlder(entry, list, deleted);
    return { outcome: 'done', reason: null, ...tally(deleted) };
  } catch (error) {
    return { outcome: outcomeOf(error), reason: messageOf(error), ...tally(deleted) };
  }
}

/** Deletes what `saved` replaces, in the order of the rule, and adds each to `deleted`. @throws Error where that is not possible */
async function deleteOlder(saved: SavedEntry, list: EntryList, deleted: ListedEntry[]): Promise<void> {
  const older = await confirmedOlder(saved, list);
  const missing: ListedEntry[] = [];
  for (const entry of older) {
    if (await list.remove(entry)) deleted.push(entry);
    else missing.push(entry);
  }
  if (missing.length === 0) return;
  // Another job has just deleted them, or the token may not: the service says 404 to both.
  const left = new Set((await listedWith(saved, list)).map(({ id }) => id));
  if (missing.some(({ id }) => left.has(id)))
    throw new ListError('denied', 'HTTP 404 for an entry that is there');
}

/**
 * What the rule has to see: of a set with layers all of its shape, and their bases, on all refs. The sets first: a base is there
 * before the set that names it, so none seems to have lost its own that was saved between the two lists.
 */
async function listedWith({ key, prefix, ref }: SavedEntry, list: EntryList): Promise<ListedEntry[]> {
  if (baseKeyOf(key) === undefined) return await list.list({ prefix, ref });
  return [...(await list.list({ prefix })), ...(await list.list({ prefix: basePrefix(prefix) }))];
}

/** The list may lag behind the save: it is asked three times. */
async function confirmedOlder(saved: SavedEntry, list: EntryList): Promise<readonly ListedEntry[]> {
  for (const wait of [0, 1000, 3000]) {
    await sleep(wait);
    const older = superseded(await listedWith(saved, list), saved);
    if (older !== undefined) return older;
  }
  throw new Error('the list of entries does not show what was saved');
}

async function measure(list: EntryList, ref: string): Promise<QuotaReport> {
  try {
    const usage = repositoryUsage(await list.list(), ref);
    const limit = await list.limit();
    const limits = { limitBytes: limit ?? defaultLimit, limitRead: limit !== undefined };
    return { outcome: 'read', reason: null, ...usage, ...limits };
  } catch (error) {
    return quotaNotRead(outcomeOf(error), messageOf(error));
  }
}

function outcomeOf(error: unknown): 'denied' | 'failed' {
  return error instanceof ListError && (error.kind === 'denied' || error.kind === 'hidden')
    ? 'denied'
    : 'failed';
}

function tally(deleted: readonly ListedEntry[]): Pick<SupersedeReport, 'deleted' | 'bytes'> {
  return {
    deleted: deleted.map(({ key, bytes }) => ({ key, bytes })),
    bytes: deleted.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
