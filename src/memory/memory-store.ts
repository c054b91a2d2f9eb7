/**
 * What a task hub holds, in memory: messages, histories and instance rows. Several backends may share one store, as several
 * processes share a storage account; a backend that is gone leaves everything here for the next one.
 *
 * Nothing is decided here: a message is waiting, paused until a time, or in the hands of a work item.
 */
import { type Clock, SYSTEM_CLOCK } from '../base/clock.ts';
import { WaitingLine } from '../base/waiting-line.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { ExecutionId, InstanceId } from '../core/ids.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
import { dueTimeMs, isActivityMessage, type TaskMessage } from '../core/task-message.ts';
import type { ActivityWorkItem, DeliveredMessage } from '../engine/backend.ts';
import { DueMessages } from '../engine/delivery/due-messages.ts';
import { InstanceInbox } from '../engine/delivery/instance-inbox.ts';

export interface StoredHistory {
  readonly executionId: ExecutionId;
  readonly events: readonly HistoryEvent[];
  readonly version: string;
}

/** A message of the store; work items hand out this very object. */
export interface StoredMessage<
  Message extends TaskMessage = TaskMessage,
> extends DeliveredMessage<Message> {
  dequeueCount: number;
  hasNoHistory: boolean;
}

export interface MemoryStoreOptions {
  /** @default the system's clock and timers */
  readonly clock?: Clock;
  /**
   * The pause before a message is delivered again, in ms, by how often it was delivered.
   * @default 200 ms, doubled each time, at most 10 minutes
   */
  readonly redeliveryPauseMs?: (dequeueCount: number) => number;
}

function doublingPause(dequeueCount: number): number {
  return Math.min(100 * 2 ** dequeueCount, 600_000);
}

export class MemoryStore {
  /** Whether somebody created the hub. Nothing depends on it but the answer to those who ask. */
  isCreated = false;
  readonly instances = new Map<InstanceId, InstanceRecord>();
  readonly histories = new Map<InstanceId, StoredHistory>();
  /** Shared by all backends: those who wait are served in the order in which they came. Epochs are the backends'. */
  readonly inbox = new InstanceInbox<StoredMessage>(() => 0);
  readonly activityLine: WaitingLine<ActivityWorkItem>;

  readonly #clock: Clock;
  readonly #redeliveryPauseMs: (dequeueCount: number) => number;
  readonly #waitingActivities = new Set<ActivityWorkItem & StoredMessage>();
  readonly #due: DueMessages<StoredMessage>;
  #versions = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#redeliveryPauseMs = options.redeliveryPauseMs ?? doublingPause;
    this.activityLine = new WaitingLine(() => this.#takeActivity());
    this.#due = new DueMessages(this.#clock, (stored) => {
      this.#deliver(stored);
    });
  }

  nextVersion(): string {
    this.#versions += 1;
    return `"${this.#versions}"`;
  }

  /** Stores a message; it is delivered at its due time, or at once. */
  put(message: TaskMessage, hasNoHistory = false): void {
    this.#due.add({ message, dequeueCount: 1, hasNoHistory }, dueTimeMs(message) ?? 0);
  }

  /** Stores a message that is delivered only by giving it back. */
  putReserved<Message extends TaskMessage>(message: Message): StoredMessage<Message> {
    return { message, dequeueCount: 1, hasNoHistory: false };
  }

  /** A message that was delivered comes again after a growing pause. */
  giveBack(delivered: DeliveredMessage): void {
    const stored = delivered as StoredMessage;
    const pauseMs = this.#redeliveryPauseMs(stored.dequeueCount);
    stored.dequeueCount += 1;
    stored.hasNoHistory = false;
    this.#due.add(stored, this.#clock.now() + pauseMs);
  }

  /** A message that was delivered, and that nobody has begun with, can be taken again. */
  putBack(delivered: DeliveredMessage): void {
    this.#deliver(delivered);
  }

  /** Forgets everything, messages that wait for their time included. */
  clear(): void {
    this.#due.drain(() => true);
    this.inbox.clear();
    this.#waitingActivities.clear();
    this.instances.clear();
    this.histories.clear();
  }

  #deliver(stored: StoredMessage): void {
    if (isActivity(stored)) {
      this.#waitingActivities.add(stored);
      this.activityLine.serve();
    } else {
      this.inbox.add(stored);
    }
  }

  #takeActivity(): ActivityWorkItem | undefined {
    for (const stored of this.#waitingActivities) {
      this.#waitingActivities.delete(stored);
      return stored;
    }
    return undefined;
  }
}

function isActivity(stored: StoredMessage): stored is StoredMessage & ActivityWorkItem {
  return isActivityMessage(stored.message);
}
