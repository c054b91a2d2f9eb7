/**
 * Messages that wait for a time where storage does not show them (a queue hides them until then), told from what asked for them: open
 * timers, starts and signals of entities that are scheduled. One that is sent twice has no effect the second time.
 */
import { type InstanceId, isEntityId, toExecutionId, toInstanceId } from '../../core/ids.ts';
import type { HistoryEvent, TimerFiredEvent } from '../../core/history-event.ts';
import { isTerminal } from '../../core/instance-status.ts';
import { openTimersOf } from '../../core/open-timers.ts';
import { CLIENT_SENDER, dueTimeMs, type TaskMessage } from '../../core/task-message.ts';
import type { ArchivedInstance } from '../hub-archive.ts';

/** @param nowMs messages that are due by then are shown. */
export function waitingMessages(instance: ArchivedInstance, nowMs: number): TaskMessage[] {
  return [
    ...scheduledStart(instance),
    ...(isTerminal(instance.record.runtimeStatus)
      ? []
      : openTimers({ ...instance, instanceId: instance.record.instanceId })),
    ...scheduledSignals(instance),
  ].filter((message) => (dueTimeMs(message) ?? 0) > nowMs);
}

function scheduledStart({ record, executionId }: ArchivedInstance): TaskMessage[] {
  const { instanceId, scheduledStartTime } = record;
  if (executionId !== null || scheduledStartTime === null || record.executionId === null) return [];
  const execution = toExecutionId(record.executionId);
  return [
    {
      event: {
        EventType: 'ExecutionStarted',
        EventId: -1,
        IsPlayed: false,
        Timestamp: record.createdTime,
        OrchestrationInstance: { InstanceId: instanceId, ExecutionId: execution },
        ParentInstance: null,
        Name: record.name,
        Version: record.version,
        Input: record.input,
        Tags: record.tags,
        Correlation: null,
        ParentTraceContext: null,
        ScheduledStartTime: scheduledStartTime,
        Generation: record.generation,
        GenerateNewTrace: false,
      },
      target: { instanceId, executionId: execution },
      sender: CLIENT_SENDER,
    },
  ];
}

/** The messages of the timers of an execution that have not fired, due or not. */
export function openTimers({
  instanceId,
  executionId,
  events,
}: Pick<ArchivedInstance, 'executionId' | 'events'> & {
  readonly instanceId: InstanceId;
}): TaskMessage<TimerFiredEvent>[] {
  const from = { instanceId, executionId };
  return openTimersOf(events).map((timer) => ({
    event: {
      EventType: 'TimerFired',
      EventId: -1,
      IsPlayed: false,
      Timestamp: timer.Timestamp,
      TimerId: timer.EventId,
      FireAt: timer.FireAt,
    },
    target: from,
    sender: from,
    episode: episodesBefore(events, timer),
  }));
}

function scheduledSignals({ record, executionId, events }: ArchivedInstance): TaskMessage[] {
  const sender = { instanceId: record.instanceId, executionId };
  return events.flatMap((event): TaskMessage[] => {
    if (event.EventType !== 'EventSent') return [];
    const instanceId = toInstanceId(event.InstanceId);
    if (!isEntityId(instanceId)) return [];
    const { Name, Input, Timestamp } = event;
    return [
      {
        event: {
          EventType: 'EventRaised',
          EventId: -1,
          IsPlayed: false,
          Timestamp,
          Name,
          Input,
          ParentTraceContext: null,
        },
        target: { instanceId, executionId: null },
        sender,
        episode: episodesBefore(events, event),
      },
    ];
  });
}

function episodesBefore(events: readonly HistoryEvent[], last: HistoryEvent): number {
  const before = events.slice(0, events.indexOf(last));
  return before.filter(({ EventType }) => EventType === 'OrchestratorStarted').length;
}
