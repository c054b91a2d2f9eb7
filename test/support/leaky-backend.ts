/**
 * A backend whose commits fail after their outbox has left, as rule B6 of the port allows: the requests of a step are on their
 * way, and history does not hold them. While they are, other messages come.
 */
import { lateReturns } from './late-returns.ts';
import { overriding } from './overriding.ts';
import { BackendUnavailableError, SessionLostError } from '../../src/core/errors.ts';
import type {
  CommitRequest,
  OrchestrationWorkItem,
  TaskHubBackend,
} from '../../src/engine/backend.ts';
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
  /** What becomes of a message that leaks. @default it is delivered */
  readonly send?: (message: TaskMessage) => Promise<void>;
}

export function leakyBackend(inner: TaskHubBackend, leaking: Leaking): TaskHubBackend {
  let leaks = 0;
  let leaked: OrchestrationWorkItem | undefined;
  const commitOrchestration: TaskHubBackend['commitOrchestration'] = async (item, request) => {
    if (leaks >= leaking.times || !leaking.when(request)) {
      return inner.commitOrchestration(item, request);
    }
    leaks++;
    const send = leaking.send ?? ((message: TaskMessage) => inner.sendMessage(message));
    for (const message of request.commit.outbox) await send(message);
    if (leaks === leaking.times) {
      leaked = item;
      await leaking.meanwhile();
    }
    throw leakError(leaking.leak, item.instanceId);
  };
  const leaky = overriding(inner, { commitOrchestration });
  return lateReturns(
    leaky,
    (item) => item === leaked,
    async (messages) => {
      for (const message of messages) await inner.sendMessage(message);
    },
  );
}

export function leakError(leak: Leak, instanceId: string): Error {
  return leak === 'lost session'
    ? new SessionLostError(instanceId)
    : new BackendUnavailableError('The history could not be written.');
}
