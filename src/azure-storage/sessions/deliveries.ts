/**
 * Everything between "this process holds a message" and "it is gone": waiting for its time, waiting for its instance, coming
 * again after a pause, being deleted, or going back to the hub. Activities and orchestration messages alike.
 *
 * What is held here costs no request: the keeper renews what is kept long, and only what is gone for good, or handed to
 * others, is told to storage.
 */
import type { InstanceId } from '../../core/ids.ts';
import type { BackgroundWork } from '../background-work.ts';
import { atMost } from '../../base/at-most.ts';
import type { PartitionOwnership } from '../partitions/partition-ownership.ts';
import type { LockKeeper } from '../queues/lock-keeper.ts';
import type { MessagePost } from '../queues/message-post.ts';
import { redeliveryPauseMs } from '../../base/back-off.ts';
import { isActivity, type WorkItemQueue } from '../queues/work-item-queue.ts';
import { DueMessages } from './due-messages.ts';
import type { HeldMessage } from '../queues/held-message.ts';
import { InstanceInbox } from './instance-inbox.ts';

const MAX_PARALLEL_CALLS = 32;

export interface DeliveriesOptions {
  readonly ownership: PartitionOwnership;
  readonly partitionOf: (instanceId: InstanceId) => number;
  readonly workItems: WorkItemQueue;
  readonly post: MessagePost;
  readonly keeper: LockKeeper;
  readonly background: BackgroundWork;
  readonly now: () => number;
}

export class Deliveries {
  readonly inbox: InstanceInbox;
  readonly #options: DeliveriesOptions;
  readonly #due: DueMessages;
  #takesActivities = false;

  constructor(options: DeliveriesOptions) {
    this.#options = options;
    const { ownership, partitionOf } = options;
    this.inbox = new InstanceInbox((instanceId) => ownership.epoch(partitionOf(instanceId)));
    this.#due = new DueMessages(options.now, (message) => {
      this.#hand(message);
    });
  }

  /** Whether messages of the instance may wait here. */
  ownsInstance(instanceId: InstanceId): boolean {
    return this.#options.ownership.owns(this.#options.partitionOf(instanceId));
  }

  startActivities(): void {
    this.#takesActivities = true;
  }

  /** Keeps the lock of a message that the caller delivers. */
  keep(message: HeldMessage): void {
    this.#options.keeper.keep(message.lock);
  }

  /** Delivers a message that this process holds, when it is due. */
  deliver(message: HeldMessage): void {
    this.keep(message);
    if (this.#isWelcome(message)) this.#due.add(message);
    else this.#giveBack(message, message.deliverFromMs - this.#options.now());
  }

  /** Delivers a message once more, after a growing pause. */
  redeliver(message: HeldMessage): void {
    const pauseMs = redeliveryPauseMs(message.dequeueCount);
    message.dequeueCount += 1;
    message.hasNoHistory = false;
    message.lock.neededFromMs = this.#options.now() + pauseMs;
    if (this.#isWelcome(message)) this.#due.add(message);
    else this.#giveBack(message, pauseMs);
  }

  /** Gives a message back to the hub: every process may receive it after a growing pause. */
  giveToAny(message: HeldMessage): void {
    this.#giveBack(message, redeliveryPauseMs(message.dequeueCount));
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
    this.#options.background.run('finish handled messages', async () => {
      if (await beforeDelete()) this.#delete(kept);
      else for (const message of kept) this.#giveBack(message, 0);
    });
  }

  /** Deletes messages, and then goes on, also when that failed: those that are left come again. */
  removeThen(messages: readonly HeldMessage[], goOn: () => void): void {
    this.#options.background.run('delete handled messages', async () => {
      try {
        await atMost(MAX_PARALLEL_CALLS, messages, ({ lock }) => lock.remove());
      } finally {
        goOn();
      }
    });
  }

  #delete(messages: readonly HeldMessage[]): void {
    if (messages.length > 0) this.removeThen(messages, () => undefined);
  }

  /**
   * Gives back what waits for the instances of one partition, and waits for the items that are out.
   * @param signal ends the wait.
   */
  async releasePartition(partition: number, signal: AbortSignal): Promise<void> {
    const isOfPartition = (instanceId: InstanceId): boolean =>
      this.#options.partitionOf(instanceId) === partition;
    this.#releaseWaiting(
      (message) => !isActivity(message) && isOfPartition(message.message.target.instanceId),
    );
    await this.inbox.whenNoneOut(isOfPartition, signal);
  }

  /** Gives back the activities that wait here. */
  async stopActivities(): Promise<void> {
    this.#takesActivities = false;
    for (const activity of await this.#options.workItems.stop()) this.#giveBack(activity, 0);
    this.#releaseWaiting(isActivity);
  }

  #releaseWaiting(belongs: (message: HeldMessage) => boolean): void {
    const nowMs = this.#options.now();
    for (const message of this.inbox.drain(belongs)) this.#giveBack(message, 0);
    for (const message of this.#due.drain(belongs)) {
      this.#giveBack(message, message.deliverFromMs - nowMs);
    }
  }

  #isWelcome(message: HeldMessage): boolean {
    return isActivity(message)
      ? this.#takesActivities
      : this.ownsInstance(message.message.target.instanceId);
  }

  #hand(message: HeldMessage): void {
    if (isActivity(message)) this.#options.workItems.offer(message);
    else this.inbox.add(message);
  }

  /** Makes the message everybody's. An answer gets the queue message that it never had, before its work item goes. */
  #giveBack({ kind, lock, message }: HeldMessage, afterMs: number): void {
    this.#options.background.run('give a message back to the hub', async () => {
      if (kind === 'queued') return lock.release(afterMs);
      await this.#options.post.put(message, afterMs);
      return lock.remove();
    });
  }
}
