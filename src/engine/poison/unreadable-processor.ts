/**
 * One message that cannot be read: it is given back until it was delivered often enough, should a worker of another version know better,
 * and then set aside. Whoever would wait for it for ever is told first.
 */
import { failureInPlaceOf, type MessageFacts } from '../../core/poison-message.ts';
import { type InstanceId, toExecutionId, toInstanceId } from '../../core/ids.ts';
import {
  errorText,
  messageSetAside,
  messageUnreadable,
  workItemAbandoned,
} from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Ambient } from '../ambient.ts';
import type { LoadedHistory, TaskHubBackend, UnreadableMessage } from '../backend.ts';
import { openTimers } from '../archive/waiting-messages.ts';
import { DEFAULT_POISON_THRESHOLD, isFault } from './failed-tries.ts';
import { failRow } from './fail-row.ts';

export interface UnreadableProcessorOptions {
  readonly backend: TaskHubBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  /** Deliveries of a message before it is set aside. @default 5 */
  readonly threshold?: number | undefined;
}

export class UnreadableProcessor {
  readonly #options: UnreadableProcessorOptions;

  constructor(options: UnreadableProcessorOptions) {
    this.#options = options;
  }

  async process(message: UnreadableMessage): Promise<void> {
    const { backend, log, taskHub, threshold = DEFAULT_POISON_THRESHOLD } = this.#options;
    const { dequeueCount, facts, mayBeRead, origin, problem } = message;
    if (mayBeRead && dequeueCount < threshold) {
      messageUnreadable(log, { taskHub, queue: origin, dequeueCount }, problem);
      await backend.abandonUnreadable(message);
      return;
    }
    try {
      const reason = `The message cannot be read: ${problem.message}`;
      await this.#tell(message, reason);
      await backend.setAside([message], reason);
      const { eventType, taskEventId } = facts;
      const instanceId = facts.instanceId ?? '';
      messageSetAside(log, {
        taskHub,
        instanceId,
        eventType: eventType ?? '',
        taskEventId: taskEventId ?? -1,
        reason: errorText(problem),
      });
    } catch (error) {
      const instanceId = facts.instanceId ?? '';
      workItemAbandoned(log, { taskHub, instanceId, kind: 'unreadable' }, error);
      await backend.abandonUnreadable(message);
    }
  }

  /** A timer says no more than the history that it belongs to: its message is made again from that, and its instance goes on. */
  async #fireAnew({ instanceId: id, executionId: of, taskEventId }: MessageFacts): Promise<void> {
    if (id === null || taskEventId === null) return;
    const { backend } = this.#options;
    const instanceId = toInstanceId(id);
    const { events, executionId: stored } = await this.#historyOf(instanceId);
    if (stored === undefined || (of ?? stored).toLowerCase() !== stored.toLowerCase()) return;
    const open = openTimers({ instanceId, executionId: toExecutionId(stored), events });
    const timer = open.find(({ event }) => event.TimerId === taskEventId);
    if (timer !== undefined) await backend.sendMessage(timer);
  }

  /** Nothing, where it cannot be read: then the instance fails by itself, with its next message. */
  async #historyOf(instanceId: InstanceId): Promise<Pick<LoadedHistory, 'events' | 'executionId'>> {
    try {
      return await this.#options.backend.loadHistory(instanceId);
    } catch (error) {
      if (!isFault(error)) throw error;
      return { events: [], executionId: undefined };
    }
  }

  /** The failure of a task, where one can be told; of an instance that will not start, where nobody asked for it but a client. */
  async #tell({ facts }: UnreadableMessage, reason: string): Promise<void> {
    const { backend, ambient } = this.#options;
    const now = new Date(ambient.now()).toISOString();
    const failure = failureInPlaceOf(facts, { reason, now });
    if (failure !== undefined) {
      await backend.sendMessage(failure);
      return;
    }
    if (facts.eventType === 'TimerFired') {
      await this.#fireAnew(facts);
      return;
    }
    if (facts.eventType !== 'ExecutionStarted' || facts.instanceId === null) return;
    const instanceId = toInstanceId(facts.instanceId);
    const row = await backend.findInstance(instanceId);
    const isOfStart =
      row?.executionId === null ||
      facts.executionId === null ||
      row?.executionId.toLowerCase() === facts.executionId.toLowerCase();
    if (row?.runtimeStatus === 'Pending' && isOfStart) await failRow(backend, row, { reason, now });
  }
}
