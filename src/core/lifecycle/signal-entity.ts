/** A client's one-way request to an entity. Mirrors DurableClient.SignalEntityAsync. */
import { entityInstanceId, type EntityId } from '../entity/entity-id.ts';
import { encodeRequest } from '../entity/request-message.ts';
import { CLIENT_SENDER, type TaskMessage } from '../task-message.ts';

export function signalEntityMessage(
  entity: EntityId,
  signal: {
    readonly operation: string;
    /** JSON text. */
    readonly input: string | null;
    /** Dashed GUID. */
    readonly requestId: string;
  },
  now: string,
): TaskMessage {
  return {
    event: {
      EventType: 'EventRaised',
      EventId: -1,
      IsPlayed: false,
      Timestamp: now,
      Name: 'op',
      Input: encodeRequest({
        operation: signal.operation,
        isSignal: true,
        input: signal.input,
        id: signal.requestId,
        parentInstanceId: null,
        parentExecutionId: null,
        due: null,
      }),
      ParentTraceContext: null,
    },
    target: { instanceId: entityInstanceId(entity), executionId: null },
    sender: CLIENT_SENDER,
  };
}
