/**
 * The messages of a hub, in storage and in the hands of this process: what is put, delivered, handled and given back. Functions that
 * take `tables` are parts of a transaction; what they change here is settled by the caller once the transaction is stored, or is not.
 */
import type { Clock } from '../base/clock.ts';
import { WaitingLine } from '../base/waiting-line.ts';
import {
  type ActivityMessage,
  dueTimeMs,
  isActivityMessage,
  type TaskMessage,
} from '../core/task-message.ts';
import type {
  ActivityWorkItem,
  DeliveredMessage,
  OrchestrationWorkItem,
  UnreadableMessage,
} from '../engine/backend.ts';
import { InstanceInbox } from '../engine/delivery/instance-inbox.ts';
import type { InstanceId } from '../core/ids.ts';
import { isPutOffFor, PutOffEvents } from '../engine/delivery/put-off-events.ts';
import type { HubDatabase } from './hub-database.ts';
import type { HubTables, QueueTables } from './hub-tables.ts';
import { MessageWindow, type NewMessage, type PutMessages } from './message-window.ts';
import { hasMessage, type MessagePlace, putMessage, removeMessage, rowText } from './queue-rows.ts';
import { type StoredMessage, storedOf } from './stored-message.ts';
import type { UnreadableRow } from './unreadable-row.ts';

export interface HubMailOptions {
  readonly database: HubDatabase;
  readonly clock: Clock;
  /** The pause before a message is delivered again, in ms, by how often it was delivered. */
  readonly redeliveryPauseMs: (dequeueCount: number) => number;
  readonly epoch: () => number;
  /** Told of what could not be read; it is tried again. */
  readonly failed: (error: unknown) => void;
  readonly maxHeld?: number | undefined;
}

/** Messages that are to be put in one transaction, written out before it begins. */
export interface Post {
  readonly control: readonly NewMessage[];
  readonly workItems: readonly NewMessage[];
}

/** What a transaction did with messages. */
export interface MailChange {
  readonly control: PutMessages;
  readonly workItems: PutMessages;
  /** Gone from the hub. */
  readonly removed: readonly StoredMessage[];
  /** They wait for another time. */
  readonly moved: readonly { readonly message: StoredMessage; readonly place: MessagePlace }[];
}

export interface PostOptions {
  /** Work items that the caller hands out himself. @default none */
  readonly reserved?: readonly TaskMessage[];
  /** @default false */
  readonly hasNoHistory?: boolean;
}

const EMPTY_POST: Post = { control: [], workItems: [] };

export class HubMail {
  readonly inbox: InstanceInbox<StoredMessage>;
  readonly activityLine: WaitingLine<ActivityWorkItem>;
  readonly unreadableLine: WaitingLine<UnreadableMessage>;
  readonly #options: HubMailOptions;
  readonly #control: MessageWindow;
  readonly #workItems: MessageWindow;
  readonly #putOff: PutOffEvents;
  readonly #waitingActivities = new Set<StoredMessage<ActivityMessage>>();
  readonly #waitingUnreadable = new Set<UnreadableRow>();
  /** In the hands of the engine. */
  readonly #out = new Set<StoredMessage>();
  #isOpen = false;

  constructor(options: HubMailOptions) {
    this.#options = options;
    const { database, clock, failed, maxHeld } = options;
    this.inbox = new InstanceInbox(() => options.epoch());
    this.activityLine = new WaitingLine(() => this.#takeActivity());
    this.unreadableLine = new WaitingLine(() => this.#takeUnreadable());
    const read = <Result>(look: (tables: HubTables) => Result): Result => database.read(look);
    this.#putOff = new PutOffEvents(() => clock.now());
    const deliver = (messages: readonly StoredMessage[]): void => {
      const now: StoredMessage[] = [];
      for (const message of messages) {
        const fromMs = this.#putOff.fromMs(message.message);
        if (fromMs > 0) this.#control.redeliver(message, fromMs);
        else now.push(message);
      }
      this.#deliver(now);
    };
    const unreadable = (row: UnreadableRow): void => {
      this.#waitingUnreadable.add(row);
      this.unreadableLine.serve();
    };
    const around = { read, clock, deliver, unreadable, failed, maxHeld };
    this.#control = new MessageWindow({
      ...around,
      queueOf: ({ control }) => control,
      counter: 'controlSequence',
    });
    this.#workItems = new MessageWindow({
      ...around,
      queueOf: ({ workItems }) => workItems,
      counter: 'workItemSequence',
    });
  }

  /** How many messages of either kind are here: waiting, or in the hands of the engine. */
  get heldCount(): number {
    return this.#control.heldCount + this.#workItems.heldCount;
  }

  /** Begins to deliver what is in the hub. */
  open(): void {
    this.#isOpen = true;
    this.#control.open();
    this.#workItems.open();
  }

  /**
   * Forgets what waits here: it is in the hub. What the engine has stays known.
   * @returns answers that are in no hub yet.
   */
  close(): readonly StoredMessage[] {
    this.#isOpen = false;
    const waiting = this.inbox.drain(() => true);
    this.#waitingActivities.clear();
    this.#waitingUnreadable.clear();
    const isOut = (message: StoredMessage): boolean => this.#out.has(message);
    this.#control.close(isOut);
    this.#workItems.close(isOut);
    return waiting.filter(({ workItem }) => workItem !== undefined);
  }

  /** Reads what others put. */
  look(): void {
    for (const window of [this.#control, this.#workItems]) {
      if (this.#options.database.read((tables) => window.hasNews(tables))) window.look();
    }
  }

  async nextItem(...signals: readonly AbortSignal[]): Promise<OrchestrationWorkItem | undefined> {
    const item = await this.inbox.next(...signals);
    for (const message of item?.messages ?? []) this.#out.add(storedOf(message));
    return item;
  }

  // ---- in transactions ----

  prepare(messages: readonly TaskMessage[], options: PostOptions = {}): Post {
    const { reserved = [], hasNoHistory = false } = options;
    const nowMs = this.#options.clock.now();
    const control: NewMessage[] = [];
    const workItems: NewMessage[] = [];
    for (const message of messages) {
      const dueMs = dueTimeMs(message) ?? 0;
      (isActivityMessage(message) ? workItems : control).push({
        message,
        text: rowText({ message, dequeueCount: 1 }),
        dequeueCount: 1,
        dueMs: dueMs > nowMs ? dueMs : undefined,
        isReserved: reserved.includes(message),
        hasNoHistory,
      });
    }
    return { control, workItems };
  }

  /**
   * Puts messages, removes those that are handled, and has others wait for a growing pause. Those that are gone meanwhile (the hub
   * was deleted) stay gone.
   */
  change(
    tables: HubTables,
    {
      post = EMPTY_POST,
      handled = [],
      deferred = [],
      stored = [],
    }: {
      readonly post?: Post;
      readonly handled?: readonly DeliveredMessage[];
      readonly deferred?: readonly DeliveredMessage[];
      /** Answers that are to be in the hub from now on. */
      readonly stored?: readonly StoredMessage[];
    },
  ): MailChange {
    const removed = handled.map(storedOf);
    const moved: MailChange['moved'][number][] = [];
    const control = [...post.control];
    for (const [message, dueMs] of this.#putOffAll(deferred)) {
      if (message.workItem !== undefined) {
        control.push(this.#asMessage(message, message.dequeueCount + 1, dueMs));
        removed.push(message);
      } else if (hasMessage(queueOf(tables, message), message.place)) {
        const place = { sequence: message.place.sequence, dueMs };
        moveRow(queueOf(tables, message), message, place);
        moved.push({ message, place });
      } else {
        removed.push(message);
      }
    }
    for (const answer of stored) {
      control.push(this.#asMessage(answer, answer.dequeueCount, undefined));
      removed.push(answer);
    }
    for (const message of removed) {
      const row = message.workItem ?? message;
      removeMessage(queueOf(tables, row), row.place);
    }
    const put = this.#control.put(tables, control);
    try {
      const workItems = this.#workItems.put(tables, post.workItems);
      return { control: put, workItems, removed, moved };
    } catch (error) {
      this.#control.undo(put);
      throw error;
    }
  }

  /** The transaction is stored. */
  accept({ control, workItems, removed, moved }: MailChange): void {
    for (const message of removed) this.#forget(message);
    for (const { message, place } of moved) {
      this.#out.delete(message);
      message.dequeueCount += 1;
      message.hasNoHistory = false;
      this.#windowOf(message).moved(message, place);
    }
    for (const activity of workItems.reserved) this.#out.add(activity);
    this.#control.accept(control);
    this.#workItems.accept(workItems);
  }

  /** The transaction failed. */
  undo({ control, workItems }: MailChange): void {
    this.#control.undo(control);
    this.#workItems.undo(workItems);
  }

  // ---- without a transaction ----

  /** Gives messages back that the hub could not be told of. */
  redeliver(messages: readonly DeliveredMessage[]): void {
    for (const [message, dueMs] of this.#putOffAll(messages)) {
      this.#out.delete(message);
      message.dequeueCount += 1;
      message.hasNoHistory = false;
      this.#windowOf(message).redeliver(message, dueMs);
    }
  }

  /** No item of the instance is out any more. What came meanwhile waits behind what was put off of it. */
  finish(instanceId: InstanceId, consumed: readonly DeliveredMessage[]): void {
    if (this.#putOff.endWithStart(instanceId, consumed)) {
      const nowMs = this.#options.clock.now();
      this.#control.deliverNow(({ message }) => isPutOffFor(instanceId, message, nowMs));
    }
    for (const stored of this.#putOff.takeBehind(this.inbox, instanceId)) {
      this.#control.redeliver(stored, this.#putOff.fromMs(stored.message));
    }
    this.inbox.finish(instanceId);
  }

  /** Offers a row that is no message again, after a pause. */
  redeliverUnreadable(row: UnreadableRow): void {
    const { clock, redeliveryPauseMs } = this.#options;
    clock.schedule(redeliveryPauseMs(row.dequeueCount), () => {
      if (!this.#isOpen) return;
      this.#waitingUnreadable.add(row);
      this.unreadableLine.serve();
    });
  }

  /** Offers an activity again that nobody has begun with. */
  putBack(activity: ActivityWorkItem): void {
    const message = storedOf(activity);
    this.#out.delete(message);
    if (this.#isOpen) this.#deliver([message]);
  }

  /** The answer to an activity, as a message that is in no hub; undefined when there is no room for it here. */
  answer(activity: ActivityWorkItem, response: TaskMessage): StoredMessage | undefined {
    const workItem = storedOf(activity) as StoredMessage<ActivityMessage>;
    const answer = answerOf(workItem, response);
    if (!this.#isOpen || this.#control.isFull()) return undefined;
    this.#deliver([answer]);
    return answer;
  }

  #asMessage(answer: StoredMessage, dequeueCount: number, dueMs: number | undefined): NewMessage {
    const { message } = answer;
    const text = rowText({ message, dequeueCount });
    return { message, text, dequeueCount, dueMs, isReserved: false, hasNoHistory: false };
  }

  /** @returns when each comes again. */
  #putOffAll(
    messages: readonly DeliveredMessage[],
  ): readonly (readonly [message: StoredMessage, dueMs: number])[] {
    return this.#putOff.putOff(messages.map(storedOf), ({ dequeueCount }) =>
      this.#options.redeliveryPauseMs(dequeueCount),
    );
  }

  #forget(message: StoredMessage): void {
    this.#out.delete(message);
    const { workItem } = message;
    if (workItem === undefined) {
      this.#windowOf(message).remove(message);
    } else {
      this.#out.delete(workItem);
      this.#workItems.remove(workItem);
    }
  }

  #windowOf({ message }: StoredMessage): MessageWindow {
    return isActivityMessage(message) ? this.#workItems : this.#control;
  }

  #deliver(messages: readonly StoredMessage[]): void {
    const forInstances: StoredMessage[] = [];
    for (const message of messages) {
      if (isActivity(message)) this.#waitingActivities.add(message);
      else forInstances.push(message);
    }
    this.activityLine.serve();
    this.inbox.addAll(forInstances);
  }

  #takeUnreadable(): UnreadableMessage | undefined {
    for (const row of this.#waitingUnreadable) {
      this.#waitingUnreadable.delete(row);
      return row;
    }
    return undefined;
  }

  #takeActivity(): ActivityWorkItem | undefined {
    for (const activity of this.#waitingActivities) {
      this.#waitingActivities.delete(activity);
      this.#out.add(activity);
      return activity;
    }
    return undefined;
  }
}

/** What an activity answered, bound to its work item. */
function answerOf(workItem: StoredMessage<ActivityMessage>, message: TaskMessage): StoredMessage {
  const { place } = workItem;
  return { message, workItem, place, dequeueCount: 1, hasNoHistory: false, length: 0 };
}

function moveRow(queue: QueueTables, stored: StoredMessage, place: MessagePlace): void {
  const { message, dequeueCount } = stored;
  removeMessage(queue, stored.place);
  putMessage(queue, place, rowText({ message, dequeueCount: dequeueCount + 1 }));
}

function queueOf(tables: HubTables, { message }: Pick<StoredMessage, 'message'>): QueueTables {
  return isActivityMessage(message) ? tables.workItems : tables.control;
}

function isActivity(stored: StoredMessage): stored is StoredMessage<ActivityMessage> {
  return isActivityMessage(stored.message);
}
