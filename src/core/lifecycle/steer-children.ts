/**
 * How a request to terminate, suspend or resume reaches a whole tree, when its sender asks for that: each instance passes it on
 * to its open sub-orchestrations in the commit that obeys it. So a crash stops it nowhere, neither that of whoever asked nor that
 * of a worker. The wish travels in the tags of the message, which the .NET extension passes over: it obeys for its own instance.
 */
import type { HistoryEvent } from '../history-event.ts';
import { toInstanceId } from '../ids.ts';
import type { OrchestrationState } from '../orchestration-state.ts';
import type { TaskMessage } from '../task-message.ts';

const TAG = 'recursive';

/** @returns the message with the wish that it reach all instances below its target, too. */
export function reachingChildren(message: TaskMessage): TaskMessage {
  return { ...message, orchestrationTags: { [TAG]: 'true' } };
}

export function reachesChildren({ event, orchestrationTags }: TaskMessage): boolean {
  return isSteering(event) && orchestrationTags?.[TAG] === 'true';
}

/**
 * @param state of the instance that obeys.
 * @param obeyed messages for which `reachesChildren` holds.
 * @returns what its open sub-orchestrations are told.
 */
export function messagesToChildren(
  state: OrchestrationState,
  obeyed: readonly TaskMessage[],
  nowMs: number,
): TaskMessage[] {
  if (obeyed.length === 0) return [];
  const sender = { instanceId: state.instanceId, executionId: state.executionId ?? null };
  return state.events
    .filter((event) => event.EventType === 'SubOrchestrationInstanceCreated')
    .filter(({ EventId }) => !state.hasAnswered(EventId))
    .flatMap(({ InstanceId }) =>
      obeyed.map(({ event }) =>
        reachingChildren({
          event: { ...event, Timestamp: new Date(nowMs).toISOString() },
          target: { instanceId: toInstanceId(InstanceId), executionId: null },
          sender,
          episode: state.episodes,
        }),
      ),
    );
}

function isSteering({ EventType }: HistoryEvent): boolean {
  return (
    EventType === 'ExecutionTerminated' ||
    EventType === 'ExecutionSuspended' ||
    EventType === 'ExecutionResumed'
  );
}
