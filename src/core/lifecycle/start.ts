/** What starting an instance means. Mirrors DurableClient.StartNewAsync and TaskHubClient.InternalCreateOrchestrationInstanceWithRaisedEventAsync. */
import type { W3cTrace } from '../../base/w3c-trace.ts';
import { InstanceExistsError } from '../errors.ts';
import type { Tags } from '../history-event.ts';
import { toExecutionId, type InstanceId } from '../ids.ts';
import { isTerminal, type InstanceRecord, type RuntimeStatus } from '../instance-status.ts';
import { CLIENT_SENDER, type StartMessage } from '../task-message.ts';
import { toTraceContext } from '../trace-context.ts';

/** host.json `overridableExistingInstanceStates`. */
export type OverridableStates = 'NonRunningStates' | 'AnyState';

/** Whether a new instance may take the place of one in this state. */
function mayReplace(status: RuntimeStatus, overridable: OverridableStates): boolean {
  return overridable === 'AnyState' || isTerminal(status);
}

export interface StartRequest {
  readonly instanceId: InstanceId;
  readonly executionId: string;
  readonly name: string;
  readonly version: string | null;
  /** JSON text. */
  readonly input: string | null;
  /** ISO 8601, UTC. */
  readonly scheduledStartTime: string | null;
  /** ISO 8601, UTC. */
  readonly now: string;
  readonly tags?: Tags | null;
  /** The span above the instance. */
  readonly trace?: W3cTrace | undefined;
}

/**
 * The message that starts an instance, in place of `existing` if there is one.
 * @throws {InstanceExistsError} when `existing` is in a state that may not be replaced.
 */
export function startMessage(
  request: StartRequest,
  existing: InstanceRecord | undefined,
  overridable: OverridableStates,
): StartMessage {
  if (existing && !mayReplace(existing.runtimeStatus, overridable)) {
    throw new InstanceExistsError(request.instanceId, existing.runtimeStatus);
  }
  return {
    event: {
      EventType: 'ExecutionStarted',
      EventId: -1,
      IsPlayed: false,
      Timestamp: request.now,
      OrchestrationInstance: {
        InstanceId: request.instanceId,
        ExecutionId: request.executionId,
      },
      ParentInstance: null,
      Name: request.name,
      Version: request.version,
      Input: request.input,
      Tags: request.tags ?? null,
      Correlation: null,
      ParentTraceContext: request.trace ? toTraceContext(request.trace) : null,
      ScheduledStartTime: request.scheduledStartTime,
      Generation: existing ? (existing.generation ?? 0) + 1 : 0,
      GenerateNewTrace: false,
    },
    target: { instanceId: request.instanceId, executionId: toExecutionId(request.executionId) },
    sender: CLIENT_SENDER,
  };
}
