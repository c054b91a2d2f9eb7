/**
 * What a task asks the outside world for. Each takes one event id, becomes one history event and one message, and must be
 * the same at every replay. Mirrors the OrchestratorActions of DurableTask.Core/Command.
 */
import type { W3cTrace } from '../../base/w3c-trace.ts';
import type { HistoryEvent } from '../history-event.ts';

/** The trace of a request to an entity. */
export interface SendingTrace {
  /** Of the sender; undefined for one that is not part of a trace. */
  readonly trace: W3cTrace | undefined;
  /** Absent where no spans are made. */
  readonly newSpanId: (() => string) | undefined;
  /** ISO 8601, UTC. */
  readonly now: string;
}

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
      readonly input: (sending: SendingTrace) => string;
    };

/** What each history event records. */
const KINDS = {
  TaskScheduled: 'activity',
  SubOrchestrationInstanceCreated: 'subOrchestration',
  TimerCreated: 'timer',
  EventSent: 'sendEvent',
} as const satisfies Partial<Record<HistoryEvent['EventType'], Scheduled['kind']>>;

/** How texts call it. */
const TEXTS: Readonly<Record<Scheduled['kind'], string>> = {
  activity: 'an activity task',
  subOrchestration: 'a sub-orchestration',
  timer: 'a timer',
  sendEvent: 'an event',
};

export type ScheduledEvent = Extract<HistoryEvent, { EventType: keyof typeof KINDS }>;

export function isScheduledEvent(event: HistoryEvent): event is ScheduledEvent {
  return Object.hasOwn(KINDS, event.EventType);
}

/** Whether the history event is the record of this request: kind, and name compared without case. Inputs, ids and times are not compared. */
export function isRecordOf(event: ScheduledEvent, scheduled: Scheduled): boolean {
  return (
    KINDS[event.EventType] === scheduled.kind &&
    nameOfEvent(event)?.toLowerCase() === nameOf(scheduled)?.toLowerCase()
  );
}

/** A step of an orchestration as it is told to people and programs: what was asked for, without payloads. */
export interface StepFacts {
  readonly kind: Scheduled['kind'];
  /** Of the function, or of the event that is sent: `op` for what entities are asked. Absent for a timer. */
  readonly name?: string;
}

export function factsOfEvent(event: ScheduledEvent): StepFacts {
  const name = nameOfEvent(event);
  return { kind: KINDS[event.EventType], ...(name !== undefined && { name }) };
}

export function factsOfScheduled(scheduled: Scheduled): StepFacts {
  const name = nameOf(scheduled);
  return { kind: scheduled.kind, ...(name !== undefined && { name }) };
}

/** `an activity task with sequence ID 7 and name 'F'` */
export function describeStep({ kind, name }: StepFacts, id: number): string {
  return `${TEXTS[kind]} with sequence ID ${id}${name === undefined ? '' : ` and name '${name}'`}`;
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
