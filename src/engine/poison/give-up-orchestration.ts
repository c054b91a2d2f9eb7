/**
 * The end of a work item that was tried in vain: its messages are set aside, and its instance fails with the reason, so that nobody waits
 * for it and a rewind can take it up again. Each step may be the last before a crash: then the messages come again, and so does this.
 *
 * Where not even that can be stored, as for a history that cannot be read, the row alone says so; what was set aside can be put back
 * when the history is mended.
 */
import { decideFailed } from '../../core/decide.ts';
import type { ExecutionStartedEvent, HistoryEvent } from '../../core/history-event.ts';
import { isEntityId, toExecutionId, type InstanceId } from '../../core/ids.ts';
import { isTerminal } from '../../core/instance-status.ts';
import { endedEvent, type LifecycleEvent } from '../../core/lifecycle/lifecycle-events.ts';
import { admit } from '../../core/message-admission.ts';
import { OrchestrationExecution, type ReplayRules } from '../../core/orchestration-execution.ts';
import { failureInPlaceOf, type MessageFacts, NO_FACTS } from '../../core/poison-message.ts';
import { projectInstance } from '../../core/project-instance.ts';
import { errorText, messageSetAside } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Ambient } from '../ambient.ts';
import type { DeliveredMessage, OrchestrationWorkItem, TaskHubBackend } from '../backend.ts';
import { waitersOf } from '../instance-waiters.ts';
import { StepTimes } from '../orchestrations/step-times.ts';
import { failRow } from './fail-row.ts';
import { isFault } from './failed-tries.ts';

export interface GivingUp {
  readonly backend: TaskHubBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  readonly rules: ReplayRules;
  /** What has to be done before the messages are deleted; undefined: nothing. */
  readonly telling: (events: readonly LifecycleEvent[]) => (() => Promise<boolean>) | undefined;
}

interface TriedItem {
  readonly item: OrchestrationWorkItem;
  /** Those of its messages that have been tried often enough. */
  readonly triedOut: readonly DeliveredMessage[];
  readonly error: unknown;
}

/** @throws what kept it from being done; the item is still out. */
export async function giveUpOrchestration(deps: GivingUp, tried: TriedItem): Promise<void> {
  const { backend, log, taskHub } = deps;
  const { item, triedOut } = tried;
  const cause = errorText(tried.error);
  await backend.setAside(triedOut, cause);
  const reason = `It could not go on, and its messages were set aside: ${cause}`;
  if (!(await endByCommit(deps, tried, reason))) {
    await endByRow(deps, tried, reason);
    await backend.settleOrchestration(item, { consumed: triedOut, deferred: othersOf(tried) });
  }
  for (const { message } of triedOut) {
    const { EventType: eventType, EventId: taskEventId } = message.event;
    const { instanceId } = item;
    messageSetAside(log, { taskHub, instanceId, eventType, taskEventId, reason: cause });
  }
}

/** @returns false where it cannot be stored. */
async function endByCommit(deps: GivingUp, tried: TriedItem, reason: string): Promise<boolean> {
  try {
    await commitFailure(deps, tried, reason);
    return true;
  } catch (error) {
    if (!isFault(error)) throw error;
    return false;
  }
}

async function commitFailure(deps: GivingUp, tried: TriedItem, reason: string): Promise<void> {
  const { backend, ambient } = deps;
  const { item, triedOut: consumed } = tried;
  const { instanceId } = item;
  const deferred = othersOf(tried);
  const { events, token } = await backend.loadHistory(instanceId);
  const execution = executionOf(deps, tried, events);
  if (execution === undefined || execution.state.isTerminal) {
    await backend.settleOrchestration(item, { consumed, deferred });
    return;
  }
  const firstEventIndex = execution.committedCount;
  if (firstEventIndex > 0) execution.beginEpisode(heardFrom(execution, consumed), ambient.now());
  const now = new StepTimes(ambient).next();
  const { outbox } = decideFailed(execution, reason, { now, newId: () => ambient.newId() });
  const newEvents = execution.state.events.slice(firstEventIndex);
  const ended = endedEvent(execution.state);
  await backend.commitOrchestration(item, {
    token,
    commit: {
      instanceId,
      executionId: execution.executionId,
      firstEventIndex,
      newEvents,
      outbox,
      instance: projectInstance(execution, newEvents, now),
      replacesExecution: firstEventIndex === 0 && token !== undefined,
    },
    consumed,
    deferred,
    beforeDelete: deps.telling(ended === undefined ? [] : [ended]),
    runHere: [],
  });
  if (ended !== undefined) waitersOf(backend).ended(instanceId);
}

/**
 * What entities have answered. It is set aside as well, but history has to hold it: an instance does not end while it waits for an
 * entity, and who heard nothing of what was set aside would wait for ever.
 */
function heardFrom(
  { state }: OrchestrationExecution,
  messages: readonly DeliveredMessage[],
): readonly HistoryEvent[] {
  const heard = new Map<string, HistoryEvent>();
  for (const { message, dequeueCount } of messages) {
    const { event, sender } = message;
    if (event.EventType !== 'EventRaised' || !isEntityId(sender.instanceId)) continue;
    const admission = admit(state, message, dequeueCount);
    const answer = admission.kind === 'accept' ? (admission.event ?? event) : undefined;
    if (answer?.EventType === 'EventRaised') heard.set(answer.Name, answer);
  }
  return [...heard.values()];
}

/** The execution that is stored, or that a start among the messages would begin. undefined when there is neither. */
function executionOf(
  { rules, ambient }: GivingUp,
  { item: { instanceId }, triedOut }: TriedItem,
  events: readonly HistoryEvent[],
): OrchestrationExecution | undefined {
  if (events.some(isStarted)) {
    const execution = new OrchestrationExecution(instanceId, events, rules);
    execution.committedCount = events.length;
    return execution;
  }
  const started = startAmong(triedOut);
  if (started === undefined) return undefined;
  const begun: HistoryEvent = {
    EventType: 'OrchestratorStarted',
    EventId: -1,
    IsPlayed: false,
    Timestamp: new Date(ambient.now()).toISOString(),
  };
  return new OrchestrationExecution(instanceId, [begun, { ...started, IsPlayed: true }], rules);
}

/** The parent is told before the row says that it is over: who comes again must not find nothing left to do. */
async function endByRow(deps: GivingUp, tried: TriedItem, reason: string): Promise<void> {
  const { backend, ambient } = deps;
  const { instanceId } = tried.item;
  const now = new Date(ambient.now()).toISOString();
  const row = await backend.findInstance(instanceId);
  if (row !== undefined && isTerminal(row.runtimeStatus)) return;
  const started = startAmong(tried.triedOut) ?? (await storedStart(backend, instanceId));
  const failure = started && failureInPlaceOf(factsOfStart(started), { reason, now });
  if (failure !== undefined) await backend.sendMessage(failure);
  if (row !== undefined) {
    await failRow(backend, row, { reason, now });
  } else if (started !== undefined) {
    const { executionId, parentInstanceId } = namesOf(started);
    const execution = { executionId, parentInstanceId, customStatus: null };
    const { input: _input, ...begun } = projectInstance(execution, [started], now);
    const ended = { runtimeStatus: 'Failed', output: reason, completedTime: now } as const;
    await backend.repairInstance({ instanceId, instance: { ...begun, ...ended } });
  }
}

function startAmong(messages: readonly DeliveredMessage[]): ExecutionStartedEvent | undefined {
  return messages.map(({ message }) => message.event).find(isStarted);
}

/** undefined where the history says nothing that can be read. */
async function storedStart(
  backend: TaskHubBackend,
  instanceId: InstanceId,
): Promise<ExecutionStartedEvent | undefined> {
  try {
    return (await backend.readHistory(instanceId, { namesLost: true })).find(isStarted);
  } catch (error) {
    if (!isFault(error)) throw error;
    return undefined;
  }
}

function factsOfStart(started: ExecutionStartedEvent): MessageFacts {
  const { ParentInstance: parent, Name: name, Tags: tags } = started;
  const isAwaited = parent !== null && !(tags !== null && 'FireAndForget' in tags);
  if (!isAwaited) return NO_FACTS;
  const { InstanceId: instanceId, ExecutionId: executionId } = parent.OrchestrationInstance;
  return {
    ...NO_FACTS,
    eventType: started.EventType,
    taskEventId: parent.TaskScheduleId,
    parent: { instanceId, executionId },
    request: { askedAt: parent.AskedAt, name },
  };
}

function namesOf({ OrchestrationInstance, ParentInstance }: ExecutionStartedEvent) {
  return {
    executionId: toExecutionId(OrchestrationInstance.ExecutionId ?? ''),
    parentInstanceId: ParentInstance?.OrchestrationInstance.InstanceId ?? null,
  };
}

function othersOf({ item, triedOut }: TriedItem): readonly DeliveredMessage[] {
  return item.messages.filter((message) => !triedOut.includes(message));
}

function isStarted(event: HistoryEvent): event is ExecutionStartedEvent {
  return event.EventType === 'ExecutionStarted';
}
