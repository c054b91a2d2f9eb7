/**
 * Histories: a head that says what is current, and the events in pieces, one for each commit, so that a commit appends and rewrites
 * nothing. A commit with payloads that are very long has several.
 */
import type { OrchestrationCommit } from '../core/commit.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { ExecutionId, InstanceId } from '../core/ids.ts';
import type { HistoryEdit } from '../core/lifecycle/rewind.ts';
import { payloadLength } from '../core/orchestration-state.ts';
import type { HubTables } from './hub-tables.ts';

export interface HistoryHead {
  readonly executionId: ExecutionId;
  /** How many events there are. */
  readonly count: number;
  /** Another one after each write. */
  readonly version: string;
}

type HistoryTables = Pick<HubTables, 'histories' | 'events'>;

/** The events of a commit as texts, each with its place among them. */
export type EventTexts = readonly { readonly offset: number; readonly text: string }[];

/** In characters, of payloads: a text of the runtime holds 512 million, and JSON makes some of it twice as long. */
const MAX_PIECE_LENGTH = 64 * 1024 * 1024;

interface Piece {
  /** Index of its first event. */
  readonly start: number;
  readonly events: readonly HistoryEvent[];
}

export function findHead(
  { histories }: HistoryTables,
  instanceId: InstanceId,
): HistoryHead | undefined {
  const text = histories.get(instanceId);
  return text === undefined ? undefined : (JSON.parse(text) as HistoryHead);
}

export function readEvents(tables: HistoryTables, instanceId: InstanceId): HistoryEvent[] {
  return piecesOf(tables, instanceId, 0).flatMap(({ events }) => events);
}

/** Written out before a transaction begins. @param maxPieceLength in characters of payloads; a single event may have more. */
export function eventTexts(
  events: readonly HistoryEvent[],
  maxPieceLength = MAX_PIECE_LENGTH,
): EventTexts {
  const texts: EventTexts[number][] = [];
  let offset = 0;
  let length = 0;
  events.forEach((event, index) => {
    length += payloadLength(event);
    if (length < maxPieceLength && index + 1 < events.length) return;
    texts.push({ offset, text: JSON.stringify(events.slice(offset, index + 1)) });
    offset = index + 1;
    length = 0;
  });
  return texts;
}

/** Makes the events of a commit the end of the history. @param texts `commit.newEvents`. */
export function writeHistory(
  tables: HistoryTables,
  {
    head,
    commit,
    texts,
    version,
  }: {
    readonly head: HistoryHead | undefined;
    readonly commit: Pick<
      OrchestrationCommit,
      'instanceId' | 'executionId' | 'firstEventIndex' | 'newEvents'
    >;
    readonly texts: EventTexts;
    readonly version: string;
  },
): void {
  const { instanceId, executionId, newEvents } = commit;
  const isSame = head?.executionId === executionId;
  const start = isSame ? Math.min(commit.firstEventIndex, head.count) : 0;
  if (head !== undefined && start < head.count) cutHistory(tables, instanceId, start);
  for (const { offset, text } of texts) tables.events.putSync([instanceId, start + offset], text);
  const after: HistoryHead = { executionId, count: start + newEvents.length, version };
  tables.histories.putSync(instanceId, JSON.stringify(after));
}

/** Replaces single events. @returns whether all of them were there; then the history has the version. */
export function editHistory(
  tables: HistoryTables,
  instanceId: InstanceId,
  {
    head,
    edits,
    version,
  }: {
    readonly head: HistoryHead;
    readonly edits: readonly HistoryEdit[];
    readonly version: string;
  },
): void {
  const byIndex = new Map(edits.map(({ index, event }) => [index, event]));
  for (const { start, events } of piecesOf(tables, instanceId, 0)) {
    if (!events.some((_, n) => byIndex.has(start + n))) continue;
    const edited = events.map((event, n) => byIndex.get(start + n) ?? event);
    tables.events.putSync([instanceId, start], JSON.stringify(edited));
  }
  tables.histories.putSync(instanceId, JSON.stringify({ ...head, version }));
}

export function removeHistory(tables: HistoryTables, instanceId: InstanceId): void {
  cutHistory(tables, instanceId, 0);
  tables.histories.removeSync(instanceId);
}

/** Removes the events from an index on. */
function cutHistory(tables: HistoryTables, instanceId: InstanceId, from: number): void {
  const keys = [...tables.events.getKeys(rangeOf(instanceId, 0))];
  for (const [index, key] of keys.entries()) {
    const [, start] = key;
    const nextStart = keys[index + 1]?.[1] ?? Infinity;
    if (start >= from) {
      tables.events.removeSync(key);
    } else if (nextStart > from) {
      const piece = eventsOf(tables.events.get(key)).slice(0, from - start);
      tables.events.putSync(key, JSON.stringify(piece));
    }
  }
}

function piecesOf(
  { events }: HistoryTables,
  instanceId: InstanceId,
  from: number,
): readonly Piece[] {
  return [
    ...events
      .getRange(rangeOf(instanceId, from))
      .map(({ key: [, start], value }) => ({ start, events: eventsOf(value) })),
  ];
}

function rangeOf(
  instanceId: InstanceId,
  from: number,
): { readonly start: [string, number]; readonly end: [string, number] } {
  return { start: [instanceId, from], end: [instanceId, Number.MAX_SAFE_INTEGER] };
}

function eventsOf(text: string | undefined): readonly HistoryEvent[] {
  return text === undefined ? [] : (JSON.parse(text) as HistoryEvent[]);
}
