/**
 * Which executions were terminated, as far as this process knows, and as storage tells: activities that still lie in the queue
 * then are not started any more. An activity that did not wait long is not worth a question. Failed executions are not meant:
 * a rewind lets them go on.
 */
import type { ActivityMessage } from '../core/task-message.ts';
import type { Ambient } from './ambient.ts';
import type { TaskHubBackend } from './backend.ts';

/** An activity that waited less is only compared with what is known here. */
const LONG_WAIT_MS = 5_000;
/** How long the answer of storage counts for the other activities of the instance. */
const ANSWER_MS = 5_000;
const MAX_KNOWN = 10_000;

export class TerminatedExecutions {
  readonly #backend: Pick<TaskHubBackend, 'findInstance'>;
  readonly #ambient: Pick<Ambient, 'now'>;
  /** Oldest first. */
  readonly #known = new Set<string>();
  /** When an execution was last seen to go on, oldest first. */
  readonly #askedMs = new Map<string, number>();

  constructor(backend: Pick<TaskHubBackend, 'findInstance'>, ambient: Pick<Ambient, 'now'>) {
    this.#backend = backend;
    this.#ambient = ambient;
  }

  add(executionId: string): void {
    this.#known.add(executionId);
    dropOldest(this.#known);
  }

  /** Whether nobody waits for the activity any more. @throws {DurableError} when storage does not answer. */
  async has({ event, target }: ActivityMessage): Promise<boolean> {
    const { instanceId, executionId } = target;
    if (executionId === null) return false;
    if (this.#known.has(executionId)) return true;
    const nowMs = this.#ambient.now();
    const askedMs = this.#askedMs.get(executionId) ?? -Infinity;
    if (nowMs - Date.parse(event.Timestamp) < LONG_WAIT_MS || nowMs - askedMs < ANSWER_MS) {
      return false;
    }
    const row = await this.#backend.findInstance(instanceId);
    if (row?.executionId === executionId && row.runtimeStatus === 'Terminated') {
      this.add(executionId);
      return true;
    }
    this.#askedMs.delete(executionId);
    this.#askedMs.set(executionId, nowMs);
    dropOldest(this.#askedMs);
    return false;
  }
}

function dropOldest(known: Set<string> | Map<string, number>): void {
  for (const oldest of known.keys()) {
    if (known.size <= MAX_KNOWN) return;
    known.delete(oldest);
  }
}
