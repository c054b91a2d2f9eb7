/**
 * Ends the instance whose id a start is to take over, where host.json allows that of running ones: replaced in its tracks, it
 * would keep its locks and its parent waiting, and one that continues as new would write the status row again and again, so
 * that the start is taken for one that was overtaken. Mirrors TerminateTaskOrchestrationWithReusableRunningStatusAndWaitAsync.
 */
import { askAgain } from '../../base/ask-again.ts';
import { pause } from '../../base/pause.ts';
import { InstanceStateConflictError } from '../../core/errors.ts';
import { isTerminal, type InstanceRecord } from '../../core/instance-status.ts';
import { terminateMessage } from '../../core/lifecycle/control-messages.ts';
import type { Ambient } from '../ambient.ts';
import type { TaskHubClientBackend } from '../backend.ts';

/** As `orchestrationCreationRequestTimeoutInSeconds` of .NET. */
const TIMEOUT_MS = 180_000;
const FIRST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;

/**
 * @param signal gives up; the instance may end all the same.
 * @returns the row of the finished instance; undefined when it was purged meanwhile.
 * @throws {InstanceStateConflictError} when no worker ended it within three minutes; the reason of `signal` when it aborts.
 */
export async function endReplacedInstance(
  { backend, ambient }: { readonly backend: TaskHubClientBackend; readonly ambient: Ambient },
  existing: InstanceRecord,
  signal?: AbortSignal,
): Promise<InstanceRecord | undefined> {
  const { instanceId } = existing;
  const patience = {
    now: () => ambient.now(),
    deadlineMs: ambient.now() + TIMEOUT_MS,
    firstPauseMs: FIRST_PAUSE_MS,
    longestPauseMs: LONGEST_PAUSE_MS,
    signal,
  };
  let record: InstanceRecord | undefined = existing;
  while (record && !isTerminal(record.runtimeStatus)) {
    if (ambient.now() >= patience.deadlineMs) throw stillRunning(record);
    const asked: InstanceRecord = record;
    const now = new Date(ambient.now()).toISOString();
    await backend.sendMessage(terminateMessage(instanceId, reasonFor(asked), now));
    await pause(FIRST_PAUSE_MS, signal);
    const seen: Seen | undefined = await askAgain(() => findChanged(backend, asked), patience);
    signal?.throwIfAborted();
    // Another start may have been faster: then its instance is the one to end.
    record = seen ? seen.found : record;
  }
  return record;
}

/** Wrapped, as it is an answer, too, that there is no row any more. */
interface Seen {
  readonly found: InstanceRecord | undefined;
}

async function findChanged(
  backend: TaskHubClientBackend,
  { instanceId, generation }: InstanceRecord,
): Promise<Seen | undefined> {
  const found = await backend.findInstance(instanceId);
  const isAsked = found?.generation === generation;
  return found && isAsked && !isTerminal(found.runtimeStatus) ? undefined : { found };
}

function stillRunning({ instanceId, runtimeStatus }: InstanceRecord): InstanceStateConflictError {
  return new InstanceStateConflictError(
    instanceId,
    runtimeStatus,
    `The instance '${instanceId}' was asked to end, so that a new one can take its place, but is still ${runtimeStatus} after ${String(TIMEOUT_MS / 1000)} s. It ends when a host works on the task hub; start the new one then.`,
  );
}

function reasonFor({ instanceId, runtimeStatus }: InstanceRecord): string {
  return `A new instance creation request has been issued for instance ${instanceId} which currently has status ${runtimeStatus}. Since the dedupe statuses of the creation request, [] (all statuses reusable), do not contain the orchestration's status, the orchestration has been terminated and a new instance with the same instance ID will be created.`;
}
