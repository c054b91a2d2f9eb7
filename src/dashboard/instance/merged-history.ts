/**
 * A history with each request and its answer in one row, at the place of the request. Pure: no clock, no browser.
 *
 * M1 No event is lost: what nothing belongs to, and an answer that came once more, is a row of its own.
 * M2 A timer lasts until it was due: the time of `TimerFired` is when it was made.
 */
import type { HistoryEvent } from '../../core/history-event.ts';
import { requestIdOf } from './timeline.ts';

export interface HistoryRow {
  /** In the history. */
  readonly index: number;
  readonly event: HistoryEvent;
  /** What asks for something, for people; undefined for a row that is one event. */
  readonly request?: string;
  readonly answer?: { readonly index: number; readonly event: HistoryEvent };
  /** From the request to the answer. */
  readonly durationMs?: number;
}

interface OpenRow {
  readonly index: number;
  readonly event: HistoryEvent;
  readonly request?: string;
  answer?: { readonly index: number; readonly event: HistoryEvent };
  durationMs?: number;
}

const REQUESTS: Readonly<Partial<Record<HistoryEvent['EventType'], string>>> = {
  TaskScheduled: 'Activity',
  SubOrchestrationInstanceCreated: 'Sub-orchestration',
  TimerCreated: 'Timer',
  EventSent: 'Entity call',
  OrchestratorStarted: 'Orchestrator step',
};
/** Steps follow one another: there is one of them at a time. */
const STEP = 'step';

/** Each event a row of its own. */
export function rawRows(events: readonly HistoryEvent[]): readonly HistoryRow[] {
  return events.map((event, index) => ({ index, event }));
}

export function mergedRows(events: readonly HistoryEvent[]): readonly HistoryRow[] {
  const rows: OpenRow[] = [];
  const open = new Map<string, OpenRow>();
  for (const [index, event] of events.entries()) {
    const answered = keyOfAnswer(event);
    const asked = answered === undefined ? undefined : open.get(answered);
    if (answered !== undefined && asked !== undefined) {
      open.delete(answered);
      asked.answer = { index, event };
      asked.durationMs = Math.max(0, endOf(event) - Date.parse(asked.event.Timestamp));
      continue;
    }
    const key = keyOfRequest(event);
    const request = key === undefined ? undefined : REQUESTS[event.EventType];
    const row: OpenRow = { index, event, ...(request !== undefined && { request }) };
    rows.push(row);
    if (key !== undefined) open.set(key, row);
  }
  return rows;
}

function keyOfRequest(event: HistoryEvent): string | undefined {
  switch (event.EventType) {
    case 'TaskScheduled':
    case 'SubOrchestrationInstanceCreated':
    case 'TimerCreated':
      return `task ${event.EventId}`;
    case 'EventSent': {
      const id = requestIdOf(event.Input);
      return id === undefined ? undefined : `event ${id}`;
    }
    case 'OrchestratorStarted':
      return STEP;
    default:
      return undefined;
  }
}

function keyOfAnswer(event: HistoryEvent): string | undefined {
  switch (event.EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
      return `task ${event.TaskScheduledId}`;
    case 'TimerFired':
      return `task ${event.TimerId}`;
    case 'EventRaised':
      return `event ${event.Name}`;
    case 'OrchestratorCompleted':
      return STEP;
    default:
      return undefined;
  }
}

function endOf(event: HistoryEvent): number {
  return Date.parse(event.EventType === 'TimerFired' ? event.FireAt : event.Timestamp);
}
