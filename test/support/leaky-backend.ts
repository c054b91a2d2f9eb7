/**
 * A backend whose commits fail after their outbox has left, as rule B6 of the port allows: the requests of a step are on their
 * way, and history does not hold them. While they are, other messages come.
 */
import { BackendUnavailableError, SessionLostError } from '../../src/core/errors.ts';
import type { CommitRequest, TaskHubBackend } from '../../src/engine/backend.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';

export type Leak = 'lost session' | 'failed write';

export interface Leaking {
  readonly leak: Leak;
  /** How many commits leak. */
  readonly times: number;
  /** Which commits may. */
  readonly when: (request: CommitRequest) => boolean;
  /** Runs when the outbox of the last of them has left, and before the commit throws. */
  readonly meanwhile: () => Promise<void>;
}

export function leakyBackend(inner: TaskHubBackend, leaking: Leaking): TaskHubBackend {
  let leaks = 0;
  const commitOrchestration: TaskHubBackend['commitOrchestration'] = async (item, request) => {
    if (leaks >= leaking.times || !leaking.when(request)) {
      return inner.commitOrchestration(item, request);
    }
    leaks++;
    await leakOutbox(inner, request.commit.outbox);
    if (leaks === leaking.times) await leaking.meanwhile();
    throw leakError(leaking.leak, item.instanceId);
  };
  return new Proxy(inner, {
    get: (target, name: keyof TaskHubBackend) =>
      name === 'commitOrchestration' ? commitOrchestration : (target[name].bind(target) as unknown),
  });
}

/** Delivers what a commit sends, without the commit. */
export async function leakOutbox(
  backend: TaskHubBackend,
  outbox: readonly TaskMessage[],
): Promise<void> {
  for (const message of outbox) await backend.sendMessage(message);
}

export function leakError(leak: Leak, instanceId: string): Error {
  return leak === 'lost session'
    ? new SessionLostError(instanceId)
    : new BackendUnavailableError('The history could not be written.');
}
