/**
 * The members of each history event in the order in which .NET writes them: the one table behind queue messages and history
 * rows, so that both follow mechanically. `EventType` stands where the class overrides it; `EventId`, `IsPlayed` and
 * `Timestamp` of the base class come last. Mirrors the data members of DurableTask.Core/History/*.cs.
 */
import { ownMember } from '../../base/own-member.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import type {
  HistoryEvent,
  HistoryEventType,
  OrchestrationInstance,
} from '../../core/history-event.ts';
import { EVENT_TYPE_NUMBERS } from '../../core/history-event.ts';
import { readValue } from './contract-reader.ts';
import { UNSET_TIME } from './contract-time.ts';
import type { ContractKind, ContractTypes } from './contract-types.ts';

type CommonMember = 'EventType' | 'EventId' | 'IsPlayed' | 'Timestamp';

type EventOf<Type extends HistoryEventType, Event = HistoryEvent> = Event extends {
  readonly EventType: infer Types;
}
  ? Type extends Types
    ? Event
    : never
  : never;

/** The kinds that hold exactly the values of `Value`. */
type KindOf<Value> = {
  [Kind in ContractKind]: [ContractTypes[Kind], Value] extends [Value, ContractTypes[Kind]]
    ? Kind
    : never;
}[ContractKind];

/** Every member of the event's own must be listed, with a kind that holds its values. */
type MembersOf<Event> = { readonly EventType: 'eventType' } & {
  readonly [Member in Exclude<keyof Event, CommonMember>]: KindOf<Event[Member]>;
};

const taskCompletion = {
  EventType: 'eventType',
  TaskScheduledId: 'integer',
  Result: 'optionalText',
} as const;

const taskFailure = {
  EventType: 'eventType',
  TaskScheduledId: 'integer',
  Reason: 'optionalText',
  Details: 'optionalText',
  FailureDetails: 'failure',
} as const;

const completion = {
  EventType: 'eventType',
  OrchestrationStatus: 'status',
  Result: 'optionalText',
  FailureDetails: 'failure',
} as const;

const MEMBERS = {
  ExecutionStarted: {
    OrchestrationInstance: 'instance',
    EventType: 'eventType',
    ParentInstance: 'parent',
    Name: 'text',
    Version: 'optionalText',
    Input: 'optionalText',
    Tags: 'tags',
    Correlation: 'optionalText',
    ParentTraceContext: 'traceContext',
    ScheduledStartTime: 'optionalTime',
    Generation: 'optionalInteger',
    GenerateNewTrace: 'flag',
  },
  ExecutionCompleted: completion,
  ContinueAsNew: completion,
  ExecutionTerminated: { EventType: 'eventType', Input: 'optionalText' },
  ExecutionSuspended: { EventType: 'eventType', Reason: 'optionalText' },
  ExecutionResumed: { EventType: 'eventType', Reason: 'optionalText' },
  ExecutionRewound: {
    EventType: 'eventType',
    Reason: 'optionalText',
    ParentExecutionId: 'optionalText',
    InstanceId: 'optionalText',
    ParentTraceContext: 'traceContext',
  },
  TaskScheduled: {
    EventType: 'eventType',
    Name: 'text',
    Version: 'optionalText',
    Input: 'optionalText',
    ParentTraceContext: 'traceContext',
    Tags: 'tags',
  },
  TaskCompleted: taskCompletion,
  TaskFailed: taskFailure,
  SubOrchestrationInstanceCreated: {
    EventType: 'eventType',
    Name: 'text',
    Version: 'optionalText',
    InstanceId: 'text',
    Input: 'optionalText',
    ClientSpanId: 'optionalText',
    Tags: 'tags',
  },
  SubOrchestrationInstanceCompleted: taskCompletion,
  SubOrchestrationInstanceFailed: taskFailure,
  TimerCreated: { EventType: 'eventType', FireAt: 'time' },
  TimerFired: { EventType: 'eventType', TimerId: 'integer', FireAt: 'time' },
  OrchestratorStarted: { EventType: 'eventType' },
  OrchestratorCompleted: { EventType: 'eventType' },
  EventSent: {
    EventType: 'eventType',
    InstanceId: 'text',
    Name: 'text',
    Input: 'optionalText',
  },
  EventRaised: {
    EventType: 'eventType',
    Name: 'text',
    Input: 'optionalText',
    ParentTraceContext: 'traceContext',
  },
  GenericEvent: { Data: 'optionalText', EventType: 'eventType' },
  HistoryState: { EventType: 'eventType', State: 'json' },
} as const satisfies { readonly [Type in HistoryEventType]: MembersOf<EventOf<Type>> };

export type EventMember = readonly [name: string, kind: ContractKind | 'eventType'];

const COMMON: readonly EventMember[] = [
  ['EventId', 'integer'],
  ['IsPlayed', 'flag'],
  ['Timestamp', 'time'],
];

/** All members of an event of this type, in wire order. */
export function eventMembers(type: HistoryEventType): readonly EventMember[] {
  return ORDERED[type] ?? [];
}

const ORDERED: Readonly<Record<string, readonly EventMember[]>> = Object.fromEntries(
  Object.entries<Readonly<Record<string, EventMember[1]>>>(MEMBERS).map(([type, own]) => [
    type,
    [...Object.entries(own), ...COMMON],
  ]),
);

/**
 * @param path names the place in errors.
 * @throws {CorruptMessageError} no event type has this name.
 */
export function parseEventType(name: unknown, path: string): HistoryEventType {
  if (typeof name === 'string' && Object.hasOwn(EVENT_TYPE_NUMBERS, name)) {
    return name as HistoryEventType;
  }
  const found = name === undefined ? 'missing' : JSON.stringify(name);
  throw new CorruptMessageError(`${path} must name a history event type, but is ${found}.`);
}

/** Where the members of an event stand. */
export interface MemberSource {
  /** As it stands there; null or undefined when it is absent. */
  readonly find: (name: string, kind: ContractKind) => unknown;
  /** Names the place of a member in errors. */
  readonly pathOf: (name: string) => string;
  /** Whose event it is. */
  readonly instance: OrchestrationInstance;
}

/**
 * Builds an event from its members. The table's type guarantees the shape.
 * @throws {CorruptMessageError} a member is not of its kind, or one is absent without which nobody knows what the event is about.
 */
export function buildEvent(type: HistoryEventType, source: MemberSource): HistoryEvent {
  const members = eventMembers(type).map(([name, kind]) => {
    if (kind === 'eventType') return [name, type] as const;
    const value = source.find(name, kind) ?? absentMember(type, name, kind, source.instance);
    return [name, readValue(kind, value, source.pathOf(name))] as const;
  });
  return Object.fromEntries(members) as unknown as HistoryEvent;
}

/**
 * What an absent member means: what the rest says, else the default of its .NET type. undefined for the ids by which tasks are
 * known, since their default is the id of another task.
 */
function absentMember(
  type: HistoryEventType,
  name: string,
  kind: ContractKind,
  instance: OrchestrationInstance,
): unknown {
  switch (kind) {
    case 'text':
      return '';
    case 'time':
      return UNSET_TIME;
    case 'status':
      return type === 'ContinueAsNew' ? 'ContinuedAsNew' : 'Completed';
    case 'instance':
      return instance;
    case 'integer':
      return name === 'EventId' && !REQUESTS.has(type) ? -1 : undefined;
    default:
      return undefined;
  }
}

/** Their `EventId` is the id of a task. */
const REQUESTS: ReadonlySet<HistoryEventType> = new Set([
  'TaskScheduled',
  'TimerCreated',
  'SubOrchestrationInstanceCreated',
  'EventSent',
]);

/** The value of a member of an event, as `eventMembers` lists it. */
export function memberOf<Kind extends ContractKind>(
  event: HistoryEvent,
  [name]: readonly [name: string, kind: Kind],
): ContractTypes[Kind] {
  return ownMember(
    event as unknown as Readonly<Record<string, ContractTypes[Kind]>>,
    name,
  ) as ContractTypes[Kind];
}
