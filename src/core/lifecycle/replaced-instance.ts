/**
 * An instance that a start of the same id takes the place of while it runs: nobody would hear of it again. Its parent is told, and
 * the locks that it asked for are given up. The .NET extension leaves the parent waiting for ever.
 */
import { releaseHeldLocks } from '../entity/held-locks.ts';
import type { ParentInstance } from '../history-event.ts';
import type { OrchestrationExecution } from '../orchestration-execution.ts';
import { answerToParent } from '../outbox.ts';
import type { StartMessage, TaskMessage } from '../task-message.ts';

/**
 * @param replaced runs, or is suspended.
 * @returns what leaves with the first commit of the start.
 */
export function messagesOfReplaced(
  replaced: OrchestrationExecution,
  { event: { ParentInstance: parent } }: StartMessage,
  context: { readonly now: string; readonly newId: () => string },
): TaskMessage[] {
  const { instanceId, executionId, started, state } = replaced;
  const from = { instanceId, executionId, started, episode: state.episodes, ...context };
  const releases = releaseHeldLocks(from, state.events);
  // Two starts of one call: the parent waits for the one that it means.
  if (parent && started.ParentInstance && isOneCall(parent, started.ParentInstance)) {
    return releases;
  }
  const by = parent ? `orchestration '${parent.OrchestrationInstance.InstanceId}'` : 'a client';
  const message = `The sub-orchestration '${started.Name}' was replaced by another start of the same instance id '${instanceId}', by ${by}.`;
  const answer = answerToParent(
    from,
    {
      EventType: 'ExecutionCompleted',
      EventId: state.nextEventId,
      IsPlayed: false,
      Timestamp: context.now,
      OrchestrationStatus: 'Canceled',
      Result: message,
      FailureDetails: null,
    },
    `Message: ${message}, StackTrace: `,
  );
  return [...releases, ...(answer ? [answer] : [])];
}

function isOneCall(one: ParentInstance, other: ParentInstance): boolean {
  return (
    one.TaskScheduleId === other.TaskScheduleId &&
    one.OrchestrationInstance.InstanceId === other.OrchestrationInstance.InstanceId &&
    one.OrchestrationInstance.ExecutionId === other.OrchestrationInstance.ExecutionId
  );
}
