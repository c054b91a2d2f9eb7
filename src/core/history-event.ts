/**
 * The history events, in Azure's own field names, so that a stored row, a queue message and this type look alike.
 * Mirrors DurableTask.Core/History/*.cs.
 *
 * Timestamps are ISO 8601 texts in UTC, kept as stored: .NET writes 100 ns digits that a Date would lose.
 * Payloads (`Input`, `Result`, …) are texts, usually JSON, never parsed here.
 */
export type Tags = Readonly<Record<string, string>>;

export interface OrchestrationInstance {
  readonly InstanceId: string;
  /** null in a message that addresses whatever generation is current. */
  readonly ExecutionId: string | null;
}

export interface ParentInstance {
  readonly Name: string;
  readonly OrchestrationInstance: OrchestrationInstance;
  /** The parent's event id of the sub-orchestration call. */
  readonly TaskScheduleId: number;
  readonly Version: string | null;
  /**
   * `Timestamp` of the parent's event that recorded the call: the answer says so, of whatever generation it is. Of ours; the
   * .NET extension passes over it and leaves it out.
   */
  readonly AskedAt?: string;
}

export interface TraceContext {
  readonly TraceParent: string;
  readonly TraceState: string | null;
  readonly Id: string | null;
  readonly SpanId: string | null;
  readonly ActivityStartTime: string | null;
}

export interface FailureDetails {
  readonly ErrorType: string;
  readonly ErrorMessage: string;
  readonly StackTrace: string | null;
  readonly InnerFailure: FailureDetails | null;
  readonly IsNonRetriable: boolean;
  readonly Properties: Readonly<Record<string, unknown>> | null;
}

/** The terminal (and intermediate) states that an ExecutionCompleted event can carry. */
export type OrchestrationStatus =
  | 'Running'
  | 'Completed'
  | 'ContinuedAsNew'
  | 'Failed'
  | 'Canceled'
  | 'Terminated'
  | 'Pending'
  | 'Suspended';

interface Event<Type extends string> {
  readonly EventType: Type;
  /** The task id for scheduled tasks, timers, sub-orchestrations, sent events and the completion; -1 for the others. */
  readonly EventId: number;
  readonly IsPlayed: boolean;
  readonly Timestamp: string;
}

export interface ExecutionStartedEvent extends Event<'ExecutionStarted'> {
  readonly OrchestrationInstance: OrchestrationInstance;
  readonly ParentInstance: ParentInstance | null;
  readonly Name: string;
  readonly Version: string | null;
  readonly Input: string | null;
  readonly Tags: Tags | null;
  readonly Correlation: string | null;
  readonly ParentTraceContext: TraceContext | null;
  readonly ScheduledStartTime: string | null;
  /** 0 for the first start of an id, one more at each start over it; null from senders that do not count. */
  readonly Generation: number | null;
  readonly GenerateNewTrace: boolean;
}

export interface ExecutionCompletedEvent extends Event<'ExecutionCompleted' | 'ContinueAsNew'> {
  readonly OrchestrationStatus: OrchestrationStatus;
  readonly Result: string | null;
  readonly FailureDetails: FailureDetails | null;
}

export interface ExecutionTerminatedEvent extends Event<'ExecutionTerminated'> {
  /** The reason. */
  readonly Input: string | null;
}

export interface ExecutionSuspendedEvent extends Event<'ExecutionSuspended'> {
  readonly Reason: string | null;
}

export interface ExecutionResumedEvent extends Event<'ExecutionResumed'> {
  readonly Reason: string | null;
}

export interface ExecutionRewoundEvent extends Event<'ExecutionRewound'> {
  readonly Reason: string | null;
  readonly ParentExecutionId: string | null;
  readonly InstanceId: string | null;
  readonly ParentTraceContext: TraceContext | null;
}

export interface TaskScheduledEvent extends Event<'TaskScheduled'> {
  readonly Name: string;
  readonly Version: string | null;
  /** A JSON array with exactly one element in messages; absent from stored history unless inputs are kept there. */
  readonly Input: string | null;
  readonly ParentTraceContext: TraceContext | null;
  readonly Tags: Tags | null;
}

export interface TaskCompletedEvent extends Event<'TaskCompleted'> {
  readonly TaskScheduledId: number;
  readonly Result: string | null;
}

export interface TaskFailedEvent extends Event<'TaskFailed'> {
  readonly TaskScheduledId: number;
  readonly Reason: string | null;
  readonly Details: string | null;
  readonly FailureDetails: FailureDetails | null;
}

export interface SubOrchestrationInstanceCreatedEvent extends Event<'SubOrchestrationInstanceCreated'> {
  readonly Name: string;
  readonly Version: string | null;
  readonly InstanceId: string;
  readonly Input: string | null;
  readonly ClientSpanId: string | null;
  readonly Tags: Tags | null;
}

export interface SubOrchestrationInstanceCompletedEvent extends Event<'SubOrchestrationInstanceCompleted'> {
  readonly TaskScheduledId: number;
  readonly Result: string | null;
}

export interface SubOrchestrationInstanceFailedEvent extends Event<'SubOrchestrationInstanceFailed'> {
  readonly TaskScheduledId: number;
  readonly Reason: string | null;
  readonly Details: string | null;
  readonly FailureDetails: FailureDetails | null;
}

export interface TimerCreatedEvent extends Event<'TimerCreated'> {
  readonly FireAt: string;
}

export interface TimerFiredEvent extends Event<'TimerFired'> {
  readonly TimerId: number;
  readonly FireAt: string;
}

export interface OrchestratorStartedEvent extends Event<'OrchestratorStarted'> {
  readonly EventId: -1;
}

export interface OrchestratorCompletedEvent extends Event<'OrchestratorCompleted'> {
  readonly EventId: -1;
}

export interface EventSentEvent extends Event<'EventSent'> {
  /** The target. */
  readonly InstanceId: string;
  readonly Name: string;
  readonly Input: string | null;
}

export interface EventRaisedEvent extends Event<'EventRaised'> {
  readonly Name: string;
  readonly Input: string | null;
  readonly ParentTraceContext: TraceContext | null;
}

/** Has no effect on replay; wakes a rewound instance, and is what a neutralised row becomes. */
export interface GenericEvent extends Event<'GenericEvent'> {
  readonly Data: string | null;
}

export interface HistoryStateEvent extends Event<'HistoryState'> {
  readonly State: unknown;
}

export type HistoryEvent =
  | ExecutionStartedEvent
  | ExecutionCompletedEvent
  | ExecutionTerminatedEvent
  | ExecutionSuspendedEvent
  | ExecutionResumedEvent
  | ExecutionRewoundEvent
  | TaskScheduledEvent
  | TaskCompletedEvent
  | TaskFailedEvent
  | SubOrchestrationInstanceCreatedEvent
  | SubOrchestrationInstanceCompletedEvent
  | SubOrchestrationInstanceFailedEvent
  | TimerCreatedEvent
  | TimerFiredEvent
  | OrchestratorStartedEvent
  | OrchestratorCompletedEvent
  | EventSentEvent
  | EventRaisedEvent
  | GenericEvent
  | HistoryStateEvent;

export type HistoryEventType = HistoryEvent['EventType'];

/** DurableTask.Core.History.EventType. */
export const EVENT_TYPE_NUMBERS = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventSent: 14,
  EventRaised: 15,
  ContinueAsNew: 16,
  GenericEvent: 17,
  HistoryState: 18,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
  ExecutionRewound: 21,
} as const satisfies Record<HistoryEventType, number>;

/** DurableTask.Core.OrchestrationStatus. */
export const ORCHESTRATION_STATUS_NUMBERS = {
  Running: 0,
  Completed: 1,
  ContinuedAsNew: 2,
  Failed: 3,
  Canceled: 4,
  Terminated: 5,
  Pending: 6,
  Suspended: 7,
} as const satisfies Record<OrchestrationStatus, number>;

/** Whether the orchestrator is told of the event. */
export function isReceived({ EventType }: HistoryEvent): boolean {
  switch (EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
    case 'TimerFired':
    case 'EventRaised':
    case 'ExecutionStarted':
      return true;
    default:
      return false;
  }
}
