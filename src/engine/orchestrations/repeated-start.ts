/**
 * Two starts of a child for one call: one of them left in a step of the parent that could not be stored, and its answer would be
 * nobody's (see `core/answered-request.ts`). Whichever comes last would take the place of the other: the parent's history tells
 * which is meant. Asked only when both come, which takes a crash or a failed write.
 */
import { isSameInstant } from '../../base/instant.ts';
import type { HistoryEvent, ParentInstance } from '../../core/history-event.ts';
import { toInstanceId } from '../../core/ids.ts';
import { OrchestrationState } from '../../core/orchestration-state.ts';
import type { TaskHubBackend } from '../backend.ts';

/** Whether two children are of one call, and both know when it was made; those of the .NET extension do not. */
export function isSameCall(one: ParentInstance, other: ParentInstance): boolean {
  return (
    one.TaskScheduleId === other.TaskScheduleId &&
    one.OrchestrationInstance.InstanceId === other.OrchestrationInstance.InstanceId &&
    one.OrchestrationInstance.ExecutionId === other.OrchestrationInstance.ExecutionId &&
    one.AskedAt !== undefined &&
    other.AskedAt !== undefined
  );
}

/**
 * @param call of the start that came.
 * @param ran the same call, of the execution that is stored.
 * @returns `defer` when the parent's history does not hold the call yet.
 */
export async function judgeRepeatedStart(
  call: ParentInstance,
  ran: ParentInstance,
  backend: Pick<TaskHubBackend, 'readHistory'>,
): Promise<'accept' | 'defer' | { readonly reason: string }> {
  const { InstanceId, ExecutionId } = call.OrchestrationInstance;
  const parent = new OrchestrationState(toInstanceId(InstanceId));
  for (const event of await backend.readHistory(parent.instanceId)) parent.append(event);
  // It has gone on without this call.
  if (parent.executionId !== ExecutionId) return 'accept';
  const request = parent.requestOf(call.TaskScheduleId);
  if (request === undefined) return 'defer';
  if (isOfRequest(call, request)) return 'accept';
  return isOfRequest(ran, request)
    ? { reason: 'the parent means another start, which came before' }
    : { reason: 'the parent does not mean it' };
}

function isOfRequest({ AskedAt }: ParentInstance, { Timestamp }: HistoryEvent): boolean {
  return AskedAt !== undefined && isSameInstant(AskedAt, Timestamp);
}
