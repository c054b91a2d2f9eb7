/**
 * The history as the API shows it: for people, not for replay. Episodes are left out, a task that is done is one event with
 * the time it was scheduled, and ids are gone. Mirrors DurableClient.GetDurableOrchestrationStatusAsync.
 */
import type {
  HistoryEvent,
  SubOrchestrationInstanceCreatedEvent,
  TaskScheduledEvent,
} from '../../core/history-event.ts';
import { netTime } from '../../base/net-time.ts';
import { embedPayload, jsonArray, jsonObject, type JsonText } from '../../base/json-text.ts';

export interface HistoryJsonOptions {
  readonly showInput: boolean;
  /** Results of tasks and of the orchestration. */
  readonly showOutput: boolean;
}

type Members = readonly (readonly [name: string, value: JsonText])[];
type ScheduledEvent = TaskScheduledEvent | SubOrchestrationInstanceCreatedEvent;

/** @returns a JSON array. */
export function historyJson(
  events: readonly HistoryEvent[],
  options: HistoryJsonOptions,
): JsonText {
  const scheduled = new Map<string, ScheduledEvent>();
  const merged = new Set<HistoryEvent>();
  const schedulerOf = new Map<HistoryEvent, ScheduledEvent>();
  for (const event of events) {
    if (isScheduled(event)) scheduled.set(`${event.EventType} ${event.EventId}`, event);
    const schedule = scheduled.get(scheduleKey(event));
    if (schedule) {
      merged.add(schedule);
      schedulerOf.set(event, schedule);
    }
  }
  return jsonArray(
    events
      .filter((event) => !isEpisode(event) && !merged.has(event))
      .map((event) =>
        jsonObject([
          ['EventType', JSON.stringify(event.EventType)],
          ...ownMembers(event, options),
          ['Timestamp', json(netTime(event.Timestamp))],
          ...addedMembers(event, schedulerOf.get(event), options),
        ]),
      ),
  );
}

/** What is left of the event's own members, in the order in which .NET writes them. */
function ownMembers(event: HistoryEvent, options: HistoryJsonOptions): Members {
  const input = (value: string | null): Members =>
    options.showInput ? [['Input', json(value)]] : [];
  const result = (value: string | null): Members =>
    options.showOutput ? [['Result', embedPayload(value)]] : [];
  switch (event.EventType) {
    case 'ExecutionStarted':
      return [
        ...input(event.Input),
        ['Correlation', json(event.Correlation)],
        ['ParentTraceContext', json(event.ParentTraceContext)],
        ['ScheduledStartTime', json(event.ScheduledStartTime && netTime(event.ScheduledStartTime))],
        ['Generation', json(event.Generation)],
        ['GenerateNewTrace', json(event.GenerateNewTrace)],
      ];
    case 'ExecutionCompleted':
    case 'ContinueAsNew':
      return [
        ['OrchestrationStatus', json(event.OrchestrationStatus)],
        ...result(event.Result),
        ['FailureDetails', json(event.FailureDetails)],
      ];
    case 'ExecutionTerminated':
      return input(event.Input);
    case 'ExecutionSuspended':
    case 'ExecutionResumed':
      return [['Reason', json(event.Reason)]];
    case 'ExecutionRewound':
      return [
        ['Reason', json(event.Reason)],
        ['ParentExecutionId', json(event.ParentExecutionId)],
        ['InstanceId', json(event.InstanceId)],
        ['ParentTraceContext', json(event.ParentTraceContext)],
      ];
    case 'TaskScheduled':
      return [
        ['ParentTraceContext', json(event.ParentTraceContext)],
        ['Name', json(event.Name)],
        ...input(event.Input),
        ['Tags', json(event.Tags)],
      ];
    case 'SubOrchestrationInstanceCreated':
      return [
        ['Name', json(event.Name)],
        ['InstanceId', json(event.InstanceId)],
        ...input(event.Input),
        ['ClientSpanId', json(event.ClientSpanId)],
        ['Tags', json(event.Tags)],
      ];
    case 'TaskCompleted':
    case 'SubOrchestrationInstanceCompleted':
      return result(event.Result);
    case 'TaskFailed':
    case 'SubOrchestrationInstanceFailed':
      return [
        ['Reason', json(event.Reason)],
        ['Details', json(event.Details)],
        ['FailureDetails', json(event.FailureDetails)],
      ];
    case 'TimerCreated':
    case 'TimerFired':
      return [['FireAt', json(netTime(event.FireAt))]];
    case 'EventSent':
      return [
        ['InstanceId', json(event.InstanceId)],
        ['Name', json(event.Name)],
        ...input(event.Input),
      ];
    case 'EventRaised':
      return [
        ['Name', json(event.Name)],
        ...input(event.Input),
        ['ParentTraceContext', json(event.ParentTraceContext)],
      ];
    case 'GenericEvent':
      return [['Data', json(event.Data)]];
    case 'HistoryState':
      return [['State', json(event.State ?? null)]];
    case 'OrchestratorStarted':
    case 'OrchestratorCompleted':
      return [];
  }
}

/** What .NET appends: who ran, and for a task that is done, since when. */
function addedMembers(
  event: HistoryEvent,
  schedule: ScheduledEvent | undefined,
  options: HistoryJsonOptions,
): Members {
  if (event.EventType === 'ExecutionStarted') return [['FunctionName', json(event.Name)]];
  if (!schedule) return [];
  return [
    // .NET reads this one as a date before it writes it, hence the other zone.
    ['ScheduledTime', json(netTime(schedule.Timestamp).replace(/Z$/, '+00:00'))],
    ['FunctionName', json(schedule.Name)],
    ...('InstanceId' in schedule ? [['InstanceId', json(schedule.InstanceId)] as const] : []),
    ...(options.showInput ? [['Input', json(schedule.Input)] as const] : []),
  ];
}

function isScheduled(event: HistoryEvent): event is ScheduledEvent {
  return (
    event.EventType === 'TaskScheduled' || event.EventType === 'SubOrchestrationInstanceCreated'
  );
}

function isEpisode(event: HistoryEvent): boolean {
  return event.EventType === 'OrchestratorStarted' || event.EventType === 'OrchestratorCompleted';
}

/** Under which key the event that scheduled this one is found; a key that nothing has for other events. */
function scheduleKey(event: HistoryEvent): string {
  switch (event.EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
      return `TaskScheduled ${event.TaskScheduledId}`;
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
      return `SubOrchestrationInstanceCreated ${event.TaskScheduledId}`;
    default:
      return '';
  }
}

function json(value: unknown): JsonText {
  return JSON.stringify(value);
}
