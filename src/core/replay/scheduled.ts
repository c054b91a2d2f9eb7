/**
 * What a task asks the outside world for. Each takes one event id, becomes one history event and one message, and must be
 * the same at every replay. Mirrors the OrchestratorActions of DurableTask.Core/Command.
 */
import type { HistoryEvent } from '../history-event.ts';

export type Scheduled =
  | {
      readonly kind: 'activity';
      readonly name: string;
      readonly version: string;
      /** The JSON array that travels. */
      readonly input: string;
    }
  | {
      readonly kind: 'subOrchestration';
      readonly name: string;
      readonly version: string | null;
      readonly instanceId: string;
      readonly input: string | null;
    }
  | {
      readonly kind: 'timer';
      /** ISO 8601, UTC. */
      readonly fireAt: string;
    }
  | {
      readonly kind: 'sendEvent';
      readonly instanceId: string;
      readonly eventName: string;
      /** Asked for when the event is sent: requests to entities bear stamps that follow on what was sent before. */
      readonly input: () => string;
    };

/** The history event that records each kind, and how texts call it. */
const RECORDED_AS = {
  activity: { eventType: 'TaskScheduled', text: 'an activity task' },
  subOrchestration: { eventType: 'SubOrchestrationInstanceCreated', text: 'a sub-orchestration' },
  timer: { eventType: 'TimerCreated', text: 'a timer' },
  sendEvent: { eventType: 'EventSent', text: 'an event' },
} as const satisfies Record<
  Scheduled['kind'],
  { readonly eventType: HistoryEvent['EventType']; readonly text: string }
>;

export type ScheduledEvent = Extract<
  HistoryEvent,
  { EventType: (typeof RECORDED_AS)[Scheduled['kind']]['eventType'] }
>;

export function isScheduledEvent(event: HistoryEvent): event is ScheduledEvent {
  return Object.values(RECORDED_AS).some(({ eventType }) => eventType === event.EventType);
}

/** Whether the history event is the record of this request: kind, and name compared without case. Inputs, ids and times are not compared. */
export function isRecordOf(event: ScheduledEvent, scheduled: Scheduled): boolean {
  return (
    RECORDED_AS[scheduled.kind].eventType === event.EventType &&
    nameOfEvent(event)?.toLowerCase() === nameOf(scheduled)?.toLowerCase()
  );
}

/** `an activity task with sequence ID 7 and name 'F'` */
export function describeScheduled(scheduled: Scheduled, id: number): string {
  return describeRecord(scheduled.kind, id, nameOf(scheduled));
}

export function describeScheduledEvent(event: ScheduledEvent): string {
  const kind = Object.values(RECORDED_AS).find(({ eventType }) => eventType === event.EventType);
  return describe(kind?.text ?? event.EventType, event.EventId, nameOfEvent(event));
}

export function describeRecord(
  kind: Scheduled['kind'],
  id: number,
  name: string | undefined,
): string {
  return describe(RECORDED_AS[kind].text, id, name);
}

function describe(kind: string, id: number, name: string | undefined): string {
  return `${kind} with sequence ID ${id}${name === undefined ? '' : ` and name '${name}'`}`;
}

function nameOf(scheduled: Scheduled): string | undefined {
  switch (scheduled.kind) {
    case 'activity':
    case 'subOrchestration':
      return scheduled.name;
    case 'sendEvent':
      return scheduled.eventName;
    case 'timer':
      return undefined;
  }
}

function nameOfEvent(event: ScheduledEvent): string | undefined {
  return event.EventType === 'TimerCreated' ? undefined : event.Name;
}
