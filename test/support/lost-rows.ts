/** A backend that commits histories and loses the status rows, as a crash between the two does. */
import type { InstancePatch } from '../../src/core/instance-status.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { overriding } from './overriding.ts';

/** @param isLost which writes of a row are lost. */
export function withLostRows(
  backend: TaskHubBackend,
  isLost: (instanceId: string, patch: InstancePatch) => boolean,
): TaskHubBackend {
  const commitOrchestration: TaskHubBackend['commitOrchestration'] = (item, request) => {
    const { commit } = request;
    if (!commit.instance || !isLost(commit.instanceId, commit.instance)) {
      return backend.commitOrchestration(item, request);
    }
    const withoutRow = { ...commit, instance: undefined };
    return backend.commitOrchestration(item, { ...request, commit: withoutRow });
  };
  return overriding(backend, { commitOrchestration });
}
