/**
 * What a task hub holds, in memory: messages, histories and instance rows. Several backends may share one store, as several
 * processes share a storage account; a backend that is gone leaves everything here for the next one.
 *
 * Nothing is decided here: a message is waiting, paused until a time, or in the hands of a work item.
 */
import type { HistoryEvent } from '../core/history-event.ts';
import type { ExecutionId, InstanceId } from '../core/ids.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
import { dueTimeMs, isActivityMessage, type TaskMessage } from '../core/task-message.ts';
import type { ActivityWorkItem, DeliveredMessage } from '../engine/backend.ts';
import { WaitingLine } from '../base/waiting-line.ts';

/** The clock and the timers, so that tests can move time themselves. */
export interface MemoryClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` after about `delayMs`; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
}

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
  readonly clock?: MemoryClock;
  /**
   * The pause before a message is delivered again, in ms, by how often it was delivered.
   * @default 200 ms, doubled each time, at most 10 minutes
   */
  readonly redeliveryPauseMs?: (dequeueCount: number) => number;
}

/** Longest delay that a timer of Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

const SYSTEM_CLOCK: MemoryClock = {
  now: () => Date.now(),
  schedule(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

function doublingPause(dequeueCount: number): number {
  return Math.min(100 * 2 ** dequeueCount, 600_000);
}

export class MemoryStore {
  /** Whether somebody created the hub. Nothing depends on it but the answer to those who ask. */
  isCreated = false;
  readonly instances = new Map<InstanceId, InstanceRecord>();
  readonly histories = new Map<InstanceId, StoredHistory>();
  /** Callers of `nextOrchestration` of all backends, first come first served. */
  readonly orchestrationLine: WaitingLine<readonly StoredMessage[]>;
  readonly activityLine: WaitingLine<ActivityWorkItem>;

  readonly #clock: MemoryClock;
  readonly #redeliveryPauseMs: (dequeueCount: number) => number;
  readonly #waiting = new Map<InstanceId, StoredMessage[]>();
  readonly #waitingActivities = new Set<ActivityWorkItem & StoredMessage>();
  readonly #out = new Set<InstanceId>();
  readonly #paused = new Map<StoredMessage, () => void>();
  #versions = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#redeliveryPauseMs = options.redeliveryPauseMs ?? doublingPause;
    this.orchestrationLine = new WaitingLine(() => this.#takeOrchestration());
    this.activityLine = new WaitingLine(() => this.#takeActivity());
  }

  nextVersion(): string {
    this.#versions += 1;
    return `"${this.#versions}"`;
  }

  /** Stores a message; it is delivered at its due time, or at once. */
  put(message: TaskMessage, hasNoHistory = false): void {
    const stored: StoredMessage = { message, dequeueCount: 0, hasNoHistory };
    this.#deliverAt(stored, dueTimeMs(message) ?? 0);
  }

  /** Stores a message that is delivered only by giving it back. */
  putReserved<Message extends TaskMessage>(message: Message): StoredMessage<Message> {
    return { message, dequeueCount: 1, hasNoHistory: false };
  }

  /** A message that was delivered comes again after a growing pause. */
  giveBack(delivered: DeliveredMessage): void {
    const stored = delivered as StoredMessage;
    stored.hasNoHistory = false;
    this.#deliverAt(stored, this.#clock.now() + this.#redeliveryPauseMs(stored.dequeueCount));
  }

  /** Ends the work item of an instance; what arrived meanwhile can be taken. */
  finish(instanceId: InstanceId): void {
    this.#out.delete(instanceId);
    this.orchestrationLine.serve();
  }

  /** Forgets everything, messages that wait for their time included. */
  clear(): void {
    for (const cancel of this.#paused.values()) cancel();
    for (const map of [this.#paused, this.#waiting, this.#waitingActivities, this.#out])
      map.clear();
    this.instances.clear();
    this.histories.clear();
  }

  #deliverAt(stored: StoredMessage, timeMs: number): void {
    const delayMs = timeMs - this.#clock.now();
    if (delayMs <= 0) {
      this.#paused.delete(stored);
      this.#deliver(stored);
      return;
    }
    const again = (): void => {
      this.#deliverAt(stored, timeMs);
    };
    this.#paused.set(stored, this.#clock.schedule(Math.min(delayMs, MAX_TIMER_MS), again));
  }

  #deliver(stored: StoredMessage): void {
    if (isActivity(stored)) {
      this.#waitingActivities.add(stored);
      this.activityLine.serve();
      return;
    }
    const { instanceId } = stored.message.target;
    const waiting = this.#waiting.get(instanceId);
    if (waiting === undefined) this.#waiting.set(instanceId, [stored]);
    else waiting.push(stored);
    this.orchestrationLine.serve();
  }

  #takeOrchestration(): readonly StoredMessage[] | undefined {
    for (const [instanceId, messages] of this.#waiting) {
      if (this.#out.has(instanceId)) continue;
      this.#waiting.delete(instanceId);
      this.#out.add(instanceId);
      for (const message of messages) message.dequeueCount += 1;
      return messages;
    }
    return undefined;
  }

  #takeActivity(): ActivityWorkItem | undefined {
    for (const stored of this.#waitingActivities) {
      this.#waitingActivities.delete(stored);
      stored.dequeueCount += 1;
      return stored;
    }
    return undefined;
  }
}

function isActivity(stored: StoredMessage): stored is StoredMessage & ActivityWorkItem {
  return isActivityMessage(stored.message);
}
