/**
 * Critical sections. A lock request travels from entity to entity in the order of their ids; the last one answers. A release
 * is an event of its own to each locked entity, and takes an id for each.
 * Mirrors DurableOrchestrationContext.LockInternal and ReleaseLocks.
 */
import { encodeRelease, RELEASE_EVENT } from '../entity/release-message.ts';
import { stepIdOf } from '../entity/request-id.ts';
import { encodeRequest } from '../entity/request-message.ts';
import { DurableTask } from './durable-task.ts';
import { addressee, requestIdOf, stepIdIn } from './entity-call.ts';
import type { ReplayScope } from './scope.ts';

export interface HeldLock {
  /** As the entities know it; a replay takes both from history. */
  requestId: string;
  stepId?: string | undefined;
  /** Instance ids, in the order in which they were locked. */
  readonly entities: readonly string[];
}

export function startLock(
  scope: ReplayScope,
  action: { readonly lockSet: readonly { readonly name: string; readonly key: string }[] },
): { readonly task: DurableTask; readonly lock: HeldLock } {
  const task = new DurableTask();
  const lockSet = action.lockSet.map(({ name, key }) => ({ name: name.toLowerCase(), key }));
  const entities = lockSet.map((entity) => addressee(scope, () => entity));
  const id = scope.newRequestId();
  const lock: HeldLock = { requestId: id, entities };
  const first = entities[0] ?? '';
  const { executionId: cause, upcomingId: index } = scope;
  scope.schedule(
    {
      kind: 'sendEvent',
      instanceId: first,
      eventName: 'op',
      input: () =>
        encodeRequest({
          operation: null,
          isSignal: false,
          input: null,
          id,
          parentInstanceId: scope.instanceId,
          parentExecutionId: scope.executionId,
          due: null,
          lockSet,
          ...scope.stampRequest(first),
          stepId: stepIdOf({
            cause,
            index,
            target: first,
            operation: 'lock',
            input: JSON.stringify(lockSet),
          }),
        }),
    },
    (event) => {
      lock.requestId = requestIdOf(event) ?? lock.requestId;
      lock.stepId = stepIdIn(event);
      scope.awaitEvent(lock.requestId, () => {
        task.settle('succeeded');
      });
    },
  );
  return { task, lock };
}

export function releaseLock(scope: ReplayScope, lock: HeldLock): DurableTask {
  const { requestId: id, stepId, entities } = lock;
  const message = { owner: scope.instanceId, id, ...(stepId === undefined ? {} : { stepId }) };
  for (const instanceId of entities) {
    scope.schedule({
      kind: 'sendEvent',
      instanceId,
      eventName: RELEASE_EVENT,
      input: () => encodeRelease(message),
    });
  }
  return DurableTask.settled();
}
