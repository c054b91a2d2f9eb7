/**
 * Ends the instance whose id a start is to take over, where host.json allows that of running ones: replaced in its tracks, it
 * would keep its locks and its parent waiting, and one that continues as new would write the status row again and again, so
 * that the start is taken for one that was overtaken. Mirrors TerminateTaskOrchestrationWithReusableRunningStatusAndWaitAsync.
 */
import { InstanceStateConflictError } from '../core/errors.ts';
import { isTerminal, type InstanceRecord } from '../core/instance-status.ts';
import { terminateMessage } from '../core/lifecycle/control-messages.ts';
import type { Ambient } from './ambient.ts';
import type { TaskHubBackend } from './backend.ts';
import { pause } from '../base/pause.ts';

/** As `orchestrationCreationRequestTimeoutInSeconds` of .NET. */
const TIMEOUT_MS = 180_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * @returns the row of the finished instance; undefined when it was purged meanwhile.
 * @throws {InstanceStateConflictError} when no worker ended it within three minutes.
 */
export async function endReplacedInstance(
  { backend, ambient }: { readonly backend: TaskHubBackend; readonly ambient: Ambient },
  existing: InstanceRecord,
): Promise<InstanceRecord | undefined> {
  const { instanceId } = existing;
  const deadlineMs = ambient.now() + TIMEOUT_MS;
  let asked: InstanceRecord | undefined;
  let record: InstanceRecord | undefined = existing;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(pauseMs * 1.5, LONGEST_PAUSE_MS)) {
    if (!record || isTerminal(record.runtimeStatus)) return record;
    // Another start may have been faster: then its instance is the one to end.
    if (record.generation !== asked?.generation) {
      asked = record;
      pauseMs = FIRST_PAUSE_MS;
      const now = new Date(ambient.now()).toISOString();
      await backend.sendMessage(terminateMessage(instanceId, reasonFor(record), now));
    }
    if (ambient.now() >= deadlineMs) {
      throw new InstanceStateConflictError(
        instanceId,
        record.runtimeStatus,
        `The instance '${instanceId}' was asked to end, so that a new one can take its place, but is still ${record.runtimeStatus} after ${String(TIMEOUT_MS / 1000)} s. It ends when a host works on the task hub; start the new one then.`,
      );
    }
    await pause(pauseMs);
    record = await backend.findInstance(instanceId);
  }
}

function reasonFor({ instanceId, runtimeStatus }: InstanceRecord): string {
  return `A new instance creation request has been issued for instance ${instanceId} which currently has status ${runtimeStatus}. Since the dedupe statuses of the creation request, [] (all statuses reusable), do not contain the orchestration's status, the orchestration has been terminated and a new instance with the same instance ID will be created.`;
}
