/** A client's one-way request to an entity. Mirrors DurableClient.SignalEntityAsync. */
import type { W3cTrace } from '../../base/w3c-trace.ts';
import { entityInstanceId, type EntityId } from '../entity/entity-id.ts';
import { scheduledEventName } from '../entity/receive-events.ts';
import { encodeRequest } from '../entity/request-message.ts';
import { CLIENT_SENDER, type TaskMessage } from '../task-message.ts';
import { toTraceContext } from '../trace-context.ts';

export function signalEntityMessage(
  entity: EntityId,
  signal: {
    readonly operation: string;
    /** JSON text. */
    readonly input: string | null;
    /** Dashed GUID. */
    readonly requestId: string;
    /** The operation does not run before this time; undefined: at once. */
    readonly scheduledTime: Date | undefined;
    /** The span above the operation. */
    readonly trace?: W3cTrace | undefined;
  },
  nowMs: number,
): TaskMessage {
  const { scheduledTime } = signal;
  return {
    event: {
      EventType: 'EventRaised',
      EventId: -1,
      IsPlayed: false,
      Timestamp: new Date(nowMs).toISOString(),
      Name: scheduledTime ? scheduledEventName(scheduledTime.getTime(), nowMs) : 'op',
      Input: encodeRequest({
        operation: signal.operation,
        isSignal: true,
        input: signal.input,
        id: signal.requestId,
        parentInstanceId: null,
        parentExecutionId: null,
        due: scheduledTime?.toISOString() ?? null,
        ...(signal.trace ? { trace: toTraceContext(signal.trace) } : {}),
      }),
      ParentTraceContext: null,
    },
    target: { instanceId: entityInstanceId(entity), executionId: null },
    sender: CLIENT_SENDER,
  };
}
