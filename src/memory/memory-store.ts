/**
 * What a task hub holds, in memory: messages, histories and instance rows. Several backends may share one store, as several
 * processes share a storage account; a backend that is gone leaves everything here for the next one.
 *
 * Nothing is decided here: a message is waiting, paused until a time, or in the hands of a work item.
 */
import { type Clock, SYSTEM_CLOCK } from '../base/clock.ts';
import { WaitingLine } from '../base/waiting-line.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { HubBacklog } from '../core/hub-backlog.ts';
import type { HubContents } from '../core/hub-contents.ts';
import type { ExecutionId, InstanceId } from '../core/ids.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
import { type PoisonMessage, taskEventIdOf } from '../core/poison-message.ts';
import { type QueuedMessage, queuedMessageOf } from '../core/queued-message.ts';
import { dueTimeMs, isActivityMessage, type TaskMessage } from '../core/task-message.ts';
import type {
  ActivityWorkItem,
  DeliveredMessage,
  PeekQuery,
  TakenMessage,
  TreePurge,
} from '../engine/backend.ts';
import { DueMessages } from '../engine/delivery/due-messages.ts';
import { InstanceInbox } from '../engine/delivery/instance-inbox.ts';
import { isPutOffFor, PutOffEvents } from '../engine/delivery/put-off-events.ts';

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

const CONTROL_QUEUE = 'control';
const WORK_ITEM_QUEUE = 'workitems';

function doublingPause(dequeueCount: number): number {
  return Math.min(100 * 2 ** dequeueCount, 600_000);
}

export class MemoryStore {
  /** Whether somebody created the hub. Nothing depends on it but the answer to those who ask. */
  isCreated = false;
  importMark: string | undefined;
  readonly instances = new Map<InstanceId, InstanceRecord>();
  readonly histories = new Map<InstanceId, StoredHistory>();
  /** By their ids, in the order in which they were set aside. */
  readonly poison = new Map<string, PoisonMessage>();
  readonly purges = new Map<InstanceId, TreePurge>();
  /** Shared by all backends: those who wait are served in the order in which they came. Epochs are the backends'. */
  readonly inbox = new InstanceInbox<StoredMessage>(() => 0);
  readonly activityLine: WaitingLine<ActivityWorkItem>;

  readonly #clock: Clock;
  readonly #redeliveryPauseMs: (dequeueCount: number) => number;
  readonly #waitingActivities = new Set<ActivityWorkItem & StoredMessage>();
  /** In the hands of workers. */
  readonly #activitiesOut = new Set<DeliveredMessage>();
  readonly #due: DueMessages<StoredMessage>;
  readonly #putOff: PutOffEvents;
  readonly #poisonIds = new WeakMap<DeliveredMessage, string>();
  #versions = 0;
  #poisonCount = 0;

  constructor(options: MemoryStoreOptions = {}) {
    this.#clock = options.clock ?? SYSTEM_CLOCK;
    this.#redeliveryPauseMs = options.redeliveryPauseMs ?? doublingPause;
    this.activityLine = new WaitingLine(() => this.#takeActivity());
    this.#putOff = new PutOffEvents(() => this.#clock.now());
    this.#due = new DueMessages(this.#clock, (messages) => {
      this.#deliver(messages);
    });
  }

  nextVersion(): string {
    this.#versions += 1;
    return `"${this.#versions}"`;
  }

  /** Stores a message; it is delivered at its due time, or at once. */
  put(message: TaskMessage, hasNoHistory = false): void {
    const dueMs = Math.max(dueTimeMs(message) ?? 0, this.#putOff.fromMs(message));
    this.#due.add({ message, dequeueCount: 1, hasNoHistory }, dueMs);
  }

  /** Stores a message that is delivered only by giving it back. */
  putReserved<Message extends TaskMessage>(message: Message): StoredMessage<Message> {
    const stored = { message, dequeueCount: 1, hasNoHistory: false };
    this.#activitiesOut.add(stored);
    return stored;
  }

  /** An activity has its answer. */
  endActivity(delivered: DeliveredMessage): void {
    this.#activitiesOut.delete(delivered);
  }

  /** Messages of one instance, or an activity, that were delivered come again after a growing pause. */
  giveBack(delivered: readonly DeliveredMessage[]): void {
    const messages: readonly StoredMessage[] = delivered;
    const pauseMsOf = ({ dequeueCount }: StoredMessage): number =>
      this.#redeliveryPauseMs(dequeueCount);
    for (const [stored, dueMs] of this.#putOff.putOff(messages, pauseMsOf)) {
      this.#activitiesOut.delete(stored);
      stored.dequeueCount += 1;
      stored.hasNoHistory = false;
      this.#due.add(stored, dueMs);
    }
  }

  /** No item of the instance is out any more. What came meanwhile waits behind what was put off of it. */
  finish(instanceId: InstanceId, consumed: readonly DeliveredMessage[]): void {
    if (this.#putOff.endWithStart(instanceId, consumed)) {
      const nowMs = this.#clock.now();
      const putOff = this.#due.drain(({ message }) => isPutOffFor(instanceId, message, nowMs));
      this.#deliver(putOff.map(({ message }) => message));
    }
    for (const stored of this.#putOff.takeBehind(this.inbox, instanceId)) {
      this.#due.add(stored, this.#putOff.fromMs(stored.message));
    }
    this.inbox.finish(instanceId);
  }

  /** A message that was delivered, and that nobody has begun with, can be taken again. */
  putBack(delivered: DeliveredMessage): void {
    this.#activitiesOut.delete(delivered);
    this.#deliver([delivered]);
  }

  /** Keeps a message that was delivered among the poison, once. */
  setAside(delivered: DeliveredMessage, reason: string): void {
    const known = this.#poisonIds.get(delivered);
    if (known !== undefined && this.poison.has(known)) return;
    const id = `message-${(this.#poisonCount += 1)}`;
    this.#poisonIds.set(delivered, id);
    this.#putPoison(id, delivered, reason);
  }

  /** The same for one that was taken from its queue before. */
  setAsideTaken({ id, taken: message, dequeueCount }: TakenMessage, reason: string): void {
    this.#putPoison(id, { message, dequeueCount }, reason);
  }

  #putPoison(
    id: string,
    { message, dequeueCount }: Pick<DeliveredMessage, 'message' | 'dequeueCount'>,
    reason: string,
  ): void {
    this.poison.set(id, {
      id,
      setAsideTime: new Date(this.#clock.now()).toISOString(),
      reason,
      origin: isActivityMessage(message) ? WORK_ITEM_QUEUE : CONTROL_QUEUE,
      dequeueCount,
      instanceId: message.target.instanceId,
      eventType: message.event.EventType,
      taskEventId: taskEventIdOf(message.event),
      body: JSON.stringify(message),
    });
  }

  /** What waits; since when is not kept. */
  backlog(): Omit<HubBacklog, 'processes'> {
    const { waitingCount, outCount } = this.inbox;
    const firstDueMs = this.#due.firstDueMs ?? Infinity;
    const nextDueMs = outCount > 0 ? 0 : Math.max(0, firstDueMs - this.#clock.now());
    return {
      controlQueues: [
        {
          name: CONTROL_QUEUE,
          waiting: waitingCount,
          hidden: outCount + this.#due.size,
          oldestWaitingMs: undefined,
        },
      ],
      workItems: {
        name: WORK_ITEM_QUEUE,
        waiting: this.#waitingActivities.size,
        hidden: this.#activitiesOut.size,
        oldestWaitingMs: undefined,
      },
      nextDueInMs: nextDueMs === Infinity ? undefined : nextDueMs,
      workerLimit: 1,
    };
  }

  /** See `TaskHubClientBackend.peekMessages`. */
  peek({ queue, count, isDue }: PeekQuery): readonly QueuedMessage[] | undefined {
    const isControl = queue === CONTROL_QUEUE;
    if (!isControl && queue !== WORK_ITEM_QUEUE) return undefined;
    if (isDue) {
      return this.#due
        .first(Infinity)
        .filter(({ message }) => isActivity(message) !== isControl)
        .slice(0, count)
        .map(({ message, dueMs }) => queuedOf(message, new Date(dueMs).toISOString()));
    }
    return [...(isControl ? this.inbox.waiting() : this.#waitingActivities)]
      .slice(0, count)
      .map((stored) => queuedOf(stored, null));
  }

  /** See `TaskHubClientBackend.dropMessages`. */
  drop(queue: string, isMeant: (message: QueuedMessage) => boolean): number {
    const isMeantOne = (stored: StoredMessage): boolean => isMeant(queuedOf(stored, null));
    if (queue === CONTROL_QUEUE) return this.inbox.drain(isMeantOne).length;
    if (queue !== WORK_ITEM_QUEUE) return 0;
    const meant = [...this.#waitingActivities].filter(isMeantOne);
    for (const stored of meant) this.#waitingActivities.delete(stored);
    return meant.length;
  }

  /** See `TaskHubClientBackend.readContents`. */
  contents(): readonly HubContents[] {
    const contents = (name: string, what: string, { size }: ReadonlyMap<string, unknown>) => ({
      name,
      what,
      items: size,
      bytes: undefined,
      isComplete: true,
    });
    return [
      contents('instances', 'instances', this.instances),
      contents('histories', 'histories', this.histories),
      contents('poison', 'messages set aside', this.poison),
    ];
  }

  /** Those that wait, which keep waiting. */
  get messages(): readonly TaskMessage[] {
    const waiting = [...this.inbox.drain(() => true), ...this.#waitingActivities];
    this.#deliver(waiting);
    const due = this.#due.drain(() => true);
    for (const { message, dueMs } of due) this.#due.add(message, dueMs);
    return [...waiting, ...due.map(({ message }) => message)].map(({ message }) => message);
  }

  clearMessages(): void {
    this.#due.drain(() => true);
    this.inbox.clear();
    this.#waitingActivities.clear();
    this.#activitiesOut.clear();
  }

  /** Forgets everything, messages that wait for their time included. */
  clear(): void {
    this.clearMessages();
    this.importMark = undefined;
    this.poison.clear();
    this.purges.clear();
    this.instances.clear();
    this.histories.clear();
  }

  #deliver(messages: readonly StoredMessage[]): void {
    const forInstances: StoredMessage[] = [];
    for (const stored of messages) {
      if (isActivity(stored)) this.#waitingActivities.add(stored);
      else forInstances.push(stored);
    }
    this.activityLine.serve();
    this.inbox.addAll(forInstances);
  }

  #takeActivity(): ActivityWorkItem | undefined {
    for (const stored of this.#waitingActivities) {
      this.#waitingActivities.delete(stored);
      this.#activitiesOut.add(stored);
      return stored;
    }
    return undefined;
  }
}

function isActivity(stored: StoredMessage): stored is StoredMessage & ActivityWorkItem {
  return isActivityMessage(stored.message);
}

/** `dequeueCount` counts the next delivery, too. */
function queuedOf({ message, dequeueCount }: StoredMessage, dueTime: string | null): QueuedMessage {
  const row = { insertedTime: null, dueTime, dequeueCount: dequeueCount - 1 };
  return queuedMessageOf(message, row);
}
