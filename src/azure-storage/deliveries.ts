/**
 * Everything between "this process holds a message" and "it is gone": waiting for its time, waiting for its instance, coming
 * again after a pause, being deleted, or going back to the hub. Activities and orchestration messages alike.
 *
 * What is held here costs no request: the keeper renews what is kept long, and only what is gone for good, or handed to
 * others, is told to storage. What is due much later is not held at all: it lies in its queue, hidden until its time, so that
 * neither memory nor the time of a stop grow with the number of timers.
 */
import { whenAborted } from '../base/abort.ts';
import { atMost } from '../base/at-most.ts';
import { redeliveryPauseMs } from '../base/back-off.ts';
import { scheduleOnSystem } from '../base/clock.ts';
import { Slots } from '../base/slots.ts';
import type { InstanceId } from '../core/ids.ts';
import { dueTimeMs, type TaskMessage } from '../core/task-message.ts';
import type { CommitRequest, DeliveredMessage, OrchestrationWorkItem } from '../engine/backend.ts';
import { DueMessages } from '../engine/delivery/due-messages.ts';
import { InstanceInbox } from '../engine/delivery/instance-inbox.ts';
import { isPutOffFor, keepsOrder, PutOffEvents } from '../engine/delivery/put-off-events.ts';
import type { BackgroundWork } from './background-work.ts';
import type { PartitionOwnership } from './partitions/partition-ownership.ts';
import { type HeldMessage, heldOf } from './queues/held-message.ts';
import type { LockKeeper } from './queues/lock-keeper.ts';
import type { MessagePost } from './queues/message-post.ts';
import { isActivity, type WorkItemQueue } from './queues/work-item-queue.ts';

const MAX_PARALLEL_CALLS = 32;
/** Storage counts in whole seconds. */
const LEAVE_TO_OTHERS_MS = 1_000;
/** What another worker is to do is looked at again after at most so long: that one may be gone. */
const MAX_LEFT_PAUSE_MS = 30_000;
/** All together: at the end of a process everything that waits here goes back at the same moment. */
const MAX_PARALLEL_RETURNS = 16;
/** So long a message may wait for its turn to go back: by then storage shows it anyway, or soon will. */
export const RETURN_PATIENCE_MS = 30_000;

export interface DeliveriesOptions {
  readonly ownership: PartitionOwnership;
  readonly partitionOf: (instanceId: InstanceId) => number;
  readonly workItems: WorkItemQueue;
  readonly post: MessagePost;
  readonly keeper: LockKeeper;
  readonly background: BackgroundWork;
  readonly now: () => number;
  /** What is due later than this is left to storage. */
  readonly holdAheadMs: number;
  /** Told of each message that is left to storage until a time, in ms since the epoch. */
  readonly hidden: (message: TaskMessage, untilMs: number) => void;
  /** Told of each message that everybody sees. */
  readonly arrived: (message: TaskMessage) => void;
}

export class Deliveries {
  readonly inbox: InstanceInbox<HeldMessage>;
  readonly #options: DeliveriesOptions;
  readonly #due: DueMessages<HeldMessage>;
  readonly #putOff: PutOffEvents;
  readonly #returns = new Slots(MAX_PARALLEL_RETURNS);
  /** What is on its way back to the hub, with the instance that it is for; undefined for activities. */
  readonly #returning = new Map<Promise<void>, InstanceId | undefined>();
  /** What waits here for its partition to go to another worker. */
  readonly #left = new Set<HeldMessage>();
  #takesActivities = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    const { ownership, partitionOf } = options;
    this.inbox = new InstanceInbox((instanceId) => ownership.epoch(partitionOf(instanceId)));
    this.#putOff = new PutOffEvents(options.now);
    const clock = { now: options.now, schedule: scheduleOnSystem };
    this.#due = new DueMessages(clock, (messages) => {
      this.#hand(messages);
    });
  }

  /** How many messages wait here for their time. */
  get dueCount(): number {
    return this.#due.size;
  }

  /** Whether no message of an instance is here. */
  get isIdle(): boolean {
    return this.inbox.isEmpty && this.#due.size === 0;
  }

  /** How many messages of the partition wait here for another worker. */
  leftCount(partition: number): number {
    const { partitionOf } = this.#options;
    let count = 0;
    for (const { message } of this.#left) {
      if (partitionOf(message.target.instanceId) === partition) count += 1;
    }
    return count;
  }

  /** Whether messages of the instance may wait here. */
  ownsInstance(instanceId: InstanceId): boolean {
    return this.#options.ownership.owns(this.#options.partitionOf(instanceId));
  }

  /** Whether a message of an instance is to be kept here until it is due. */
  holds(message: TaskMessage): boolean {
    return this.ownsInstance(message.target.instanceId) && !this.#isFar(message);
  }

  startActivities(): void {
    this.#takesActivities = true;
  }

  /** Keeps the lock of a message that the caller delivers. */
  keep(message: HeldMessage): void {
    this.#options.keeper.keep(message.lock);
  }

  /** Delivers a message that this process holds, when it is due. One that storage showed long before goes back. */
  deliver(message: HeldMessage): void {
    this.keep(message);
    if (this.#isWelcome(message) && !this.#isFar(message.message)) {
      const { lock } = message;
      lock.neededFromMs = Math.max(lock.neededFromMs, this.#putOff.fromMs(message.message));
      this.#due.add(message, message.deliverFromMs);
    } else {
      this.#giveBack(message, message.deliverFromMs - this.#options.now());
    }
  }

  /** Delivers messages of one instance, or an activity, once more, after a growing pause. */
  redeliver(messages: readonly HeldMessage[]): void {
    const pauseMsOf = ({ dequeueCount }: HeldMessage): number => redeliveryPauseMs(dequeueCount);
    for (const [message, dueMs] of this.#putOff.putOff(messages, pauseMsOf)) {
      message.dequeueCount += 1;
      message.hasNoHistory = false;
      message.lock.neededFromMs = dueMs;
      if (this.#isWelcome(message)) this.#due.add(message, message.deliverFromMs);
      else this.#giveBack(message, this.#pauseForOthersMs(message, dueMs));
    }
  }

  /** No item of the instance is out any more. What came meanwhile waits behind what was put off of it. */
  #finish(instanceId: InstanceId, consumed: readonly DeliveredMessage[]): void {
    if (this.#putOff.endWithStart(instanceId, consumed)) {
      const nowMs = this.#options.now();
      for (const { message } of this.#due.drain(({ message: each }) =>
        isPutOffFor(instanceId, each, nowMs),
      )) {
        message.lock.neededFromMs = nowMs;
        this.#hand([message]);
      }
    }
    for (const message of this.#putOff.takeBehind(this.inbox, instanceId)) {
      message.lock.neededFromMs = this.#putOff.fromMs(message.message);
      this.#due.add(message, message.deliverFromMs);
    }
    this.inbox.finish(instanceId);
  }

  /**
   * The item is for another worker: its messages stay here, hidden, until their partition goes there, and then go back at once. Meanwhile
   * they come again after a growing pause.
   */
  leaveItem(item: OrchestrationWorkItem): void {
    if (!this.inbox.isOut(item)) return;
    this.inbox.finish(item.instanceId);
    for (const each of item.messages) {
      const message = heldOf(each);
      message.hasNoHistory = false;
      if (!this.#isWelcome(message)) {
        this.#giveBack(message, 0);
        continue;
      }
      message.leftCount += 1;
      const pauseMs = Math.min(redeliveryPauseMs(message.leftCount), MAX_LEFT_PAUSE_MS);
      message.lock.neededFromMs = this.#options.now() + pauseMs;
      this.#left.add(message);
      this.#due.add(message, message.deliverFromMs);
    }
  }

  /** Leaves an activity to other workers: it is everybody's again in a moment, and this process is not the first to look. */
  leaveToOthers(activity: HeldMessage): void {
    this.#giveBack(activity, LEAVE_TO_OTHERS_MS);
  }

  /** Gives a message back to the hub that nobody has begun with. */
  putBack(message: HeldMessage): void {
    this.#giveBack(message, 0);
  }

  /**
   * The item is done: `consumed` is deleted, `deferred` comes again. The messages of an item that is not out any more are left
   * alone.
   */
  finishItem(
    item: OrchestrationWorkItem,
    messages: Pick<CommitRequest, 'consumed' | 'deferred' | 'beforeDelete' | 'deletesFirst'>,
  ): void {
    const { consumed, deferred, beforeDelete, deletesFirst = false } = messages;
    const isOut = this.inbox.isOut(item);
    if (deletesFirst && isOut) {
      this.#removeThen(consumed.map(heldOf), () => {
        this.finishItem(item, { consumed: [], deferred });
      });
      return;
    }
    if (isOut) {
      this.redeliver(deferred.map(heldOf));
      this.#finish(item.instanceId, consumed);
    }
    this.remove(isOut ? consumed.map((message) => heldOf(message)) : [], beforeDelete);
  }

  /** The item is not done: its messages come again after a growing pause, to whichever process reads them first. */
  returnItem(item: OrchestrationWorkItem): void {
    if (!this.inbox.isOut(item)) return;
    this.inbox.finish(item.instanceId);
    for (const message of item.messages) {
      this.#giveBack(heldOf(message), redeliveryPauseMs(message.dequeueCount));
    }
  }

  /**
   * Deletes messages whose effects are stored; goes on in the background.
   * @param beforeDelete comes first; when it answers false, the messages go back to the hub.
   */
  remove(messages: readonly HeldMessage[], beforeDelete?: () => Promise<boolean>): void {
    if (beforeDelete === undefined) {
      this.#delete(messages);
      return;
    }
    // One message is enough to come again; an answer would have its activity run once more.
    const queued = messages.filter(({ kind }) => kind === 'queued');
    const kept = queued.length > 0 ? queued : messages;
    this.#delete(messages.filter((message) => !kept.includes(message)));
    void this.#options.background.run('finish handled messages', async () => {
      if (await beforeDelete()) this.#delete(kept);
      else for (const message of kept) this.#giveBack(message, 0);
    });
  }

  #delete(messages: readonly HeldMessage[]): void {
    if (messages.length > 0) this.#removeThen(messages, () => undefined);
  }

  /** Deletes messages, and then goes on, also when that failed: those that are left come again. */
  #removeThen(messages: readonly HeldMessage[], goOn: () => void): void {
    void this.#options.background.run('delete handled messages', async () => {
      try {
        await atMost(MAX_PARALLEL_CALLS, messages, ({ lock }) => lock.remove());
      } finally {
        goOn();
      }
    });
  }

  /**
   * Gives back what waits for the instances of one partition, and waits for the items that are out, and until everything is back.
   * @param signal ends the wait.
   */
  async releasePartition(partition: number, signal: AbortSignal): Promise<void> {
    const isOfPartition = (instanceId: InstanceId): boolean =>
      this.#options.partitionOf(instanceId) === partition;
    this.#releaseWaiting(
      (message) => !isActivity(message) && isOfPartition(message.message.target.instanceId),
    );
    await this.inbox.whenNoneOut(isOfPartition, signal);
    const returning = [...this.#returning].filter(
      ([, instanceId]) => instanceId !== undefined && isOfPartition(instanceId),
    );
    await Promise.race([Promise.all(returning.map(([back]) => back)), whenAborted(signal)]);
  }

  /** Gives back the activities that wait here. */
  async stopActivities(): Promise<void> {
    this.#takesActivities = false;
    for (const activity of await this.#options.workItems.stop()) this.#giveBack(activity, 0);
    this.#releaseWaiting(isActivity);
  }

  #releaseWaiting(belongs: (message: HeldMessage) => boolean): void {
    for (const message of this.inbox.drain(belongs)) this.#giveBack(message, 0);
    for (const { message, dueMs } of this.#due.drain(belongs)) {
      this.#giveBack(
        message,
        this.#left.delete(message) ? 0 : this.#pauseForOthersMs(message, dueMs),
      );
    }
  }

  /** Whoever has the partition next puts events into their order at its first look, and so must see them all. */
  #pauseForOthersMs({ message }: HeldMessage, dueMs: number): number {
    return (keepsOrder(message) ? (dueTimeMs(message) ?? 0) : dueMs) - this.#options.now();
  }

  #isWelcome(message: HeldMessage): boolean {
    return isActivity(message)
      ? this.#takesActivities
      : this.ownsInstance(message.message.target.instanceId);
  }

  #isFar(message: TaskMessage): boolean {
    const { now, holdAheadMs } = this.#options;
    return (dueTimeMs(message) ?? 0) - now() > holdAheadMs;
  }

  #hand(messages: readonly HeldMessage[]): void {
    const forInstances: HeldMessage[] = [];
    for (const message of messages) {
      this.#left.delete(message);
      if (isActivity(message)) this.#options.workItems.offer(message);
      else forInstances.push(message);
    }
    this.inbox.addAll(forInstances);
  }

  /** Makes the message everybody's. An answer gets the queue message that it never had, before its work item goes. */
  #giveBack(held: HeldMessage, afterMs: number): void {
    const { kind, lock, message } = held;
    const { arrived, background, hidden, now, post } = this.#options;
    const untilMs = performance.now() + RETURN_PATIENCE_MS;
    const back = background.run('give a message back to the hub', async () => {
      await this.#returns.acquire();
      try {
        if (performance.now() >= untilMs) {
          lock.abandon();
        } else if (kind === 'queued') {
          const startedMs = now();
          const visibleAtMs = await lock.release(afterMs);
          if (afterMs > 0 && visibleAtMs !== undefined) {
            hidden(message, visibleAtMs + now() - startedMs);
          }
        } else {
          await post.put(message, afterMs);
          await lock.remove();
        }
        if (afterMs <= 0) arrived(message);
      } finally {
        this.#returns.release();
      }
    });
    this.#returning.set(back, isActivity(held) ? undefined : message.target.instanceId);
    void back.then(() => this.#returning.delete(back));
  }
}
