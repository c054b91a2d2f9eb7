/**
 * A commit of several transactions may stop between two of them. Then the sentinel says so (`IsCheckpointComplete`), and, in
 * a column of ours that .NET neither reads nor writes, which rows such a commit has written so far. They are no history yet:
 * an activity that they schedule may have been answered in a row that is missing, without a message ever having been sent.
 * The rows are taken back when the instance is loaded next, and its messages, which are still there, do it all again.
 *
 * The first rows of a new execution are kept up to its first decision: they say what it was started with, which after a
 * continue-as-new no message does.
 */
import type { HistoryEvent } from '../../core/history-event.ts';
import { flagColumn, type StoredRow, textColumn } from './row.ts';

const UNFINISHED_COLUMN = 'UnfinishedCheckpoint';

export interface UnfinishedCheckpoint {
  /** The rows before this index are history. */
  readonly firstRow: number;
  /** One above the last row that was written. */
  readonly endRow: number;
}

/** What the sentinel says between two transactions of a commit; after the last one undefined clears it. */
export function unfinishedColumns(checkpoint: UnfinishedCheckpoint | undefined) {
  const text = checkpoint === undefined ? '' : `${checkpoint.firstRow}-${checkpoint.endRow}`;
  return { [UNFINISHED_COLUMN]: text };
}

/** Whether the last commit did not write all of its rows, whoever made it. */
export function isUnfinished(sentinel: StoredRow | undefined): boolean {
  return sentinel !== undefined && flagColumn(sentinel, 'IsCheckpointComplete') === false;
}

/**
 * Which rows are to be taken back; undefined when there are none, or when another engine has written since.
 * @param rowCount of the execution as it is stored.
 */
export function findUnfinished(
  sentinel: StoredRow | undefined,
  rowCount: number,
): UnfinishedCheckpoint | undefined {
  if (sentinel === undefined || !isUnfinished(sentinel)) return undefined;
  const [, first, end] = /^(\d+)-(\d+)$/.exec(textColumn(sentinel, UNFINISHED_COLUMN) ?? '') ?? [];
  if (first === undefined || Number(end) !== rowCount) return undefined;
  return { firstRow: Number(first), endRow: rowCount };
}

/** How many events of a commit stay when its later ones cannot be written. */
export function openingCount(firstEventIndex: number, newEvents: readonly HistoryEvent[]): number {
  if (firstEventIndex > 0) return firstEventIndex;
  const end = newEvents.findIndex(({ EventType }) => !OPENING_EVENTS.has(EventType));
  return end < 0 ? newEvents.length : end;
}

const OPENING_EVENTS: ReadonlySet<string> = new Set([
  'OrchestratorStarted',
  'ExecutionStarted',
  'EventRaised',
] satisfies HistoryEvent['EventType'][]);
