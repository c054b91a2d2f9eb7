/** What the engine and clients do with messages, each a transaction of its own: sent, handled, answered, given back. */
import { CorruptMessageError } from '../core/errors.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
import type { StartMessage, TaskMessage } from '../core/task-message.ts';
import type {
  ActivityWorkItem,
  CommitRequest,
  DeliveredMessage,
  TakenMessage,
  OrchestrationWorkItem,
  UnreadableMessage,
} from '../engine/backend.ts';
import type { HubDatabase } from './hub-database.ts';
import type { HubMail, MailChange } from './hub-mail.ts';
import type { HubTables } from './hub-tables.ts';
import { planStart } from './instance-changes.ts';
import { findPoison, originOf, poisonOf, putPoison, removePoison } from './poison-rows.ts';
import { parseRow, putMessage, removeMessage, takeSequences } from './queue-rows.ts';
import { type StoredMessage, storedOf } from './stored-message.ts';
import { UnreadableRow } from './unreadable-row.ts';

export interface MailOfficeOptions {
  readonly database: HubDatabase;
  readonly mail: HubMail;
  /** Told of what failed in the background. */
  readonly failed: (error: unknown) => void;
}

/** How an item ends. */
type Ending = Pick<CommitRequest, 'consumed' | 'deferred' | 'beforeDelete' | 'deletesFirst'>;

/** A transaction that changes messages, and perhaps more. */
export type MailPlan<Result> = (
  tables: HubTables,
) => () => { readonly mail: MailChange; readonly result: Result };

export class MailOffice {
  readonly mail: HubMail;
  readonly #options: MailOfficeOptions;
  readonly #background = new Set<Promise<void>>();

  constructor(options: MailOfficeOptions) {
    this.#options = options;
    this.mail = options.mail;
  }

  /** Writes, and then delivers what is for this process. @throws what the plan throws; then nothing happened. */
  async transact<Result>(plan: MailPlan<Result>): Promise<Result> {
    let change: MailChange | undefined;
    try {
      const result = await this.#options.database.write((tables) => {
        const make = plan(tables);
        return () => {
          const made = make();
          change = made.mail;
          return made.result;
        };
      });
      if (change !== undefined) this.mail.accept(change);
      return result;
    } catch (error) {
      if (change !== undefined) this.mail.undo(change);
      throw error;
    }
  }

  async start(start: StartMessage, existing: InstanceRecord | undefined): Promise<void> {
    const posts = {
      old: this.mail.prepare([start]),
      new: this.mail.prepare([start], { hasNoHistory: true }),
    };
    await this.transact((tables) => {
      const putRow = planStart(tables, start, existing);
      return () => {
        const post = putRow() ? posts.new : posts.old;
        return { mail: this.mail.change(tables, { post }), result: undefined };
      };
    });
  }

  async send(messages: readonly TaskMessage[]): Promise<void> {
    await this.#change({ post: this.mail.prepare(messages) });
  }

  /** Ends an item whose messages have no effect, or had it before. */
  async finish(item: OrchestrationWorkItem, ending: Ending): Promise<void> {
    const { deferred } = ending;
    const handled = handledAtOnce(ending);
    if (handled.length + deferred.length > 0) await this.#change({ handled, deferred });
    this.endItem(item, ending);
  }

  /** The item is done, and what could be deleted at once is deleted. */
  endItem(item: OrchestrationWorkItem, ending: Ending): void {
    const { beforeDelete, deletesFirst = false } = ending;
    const end = (): void => {
      this.mail.finish(item.instanceId, ending.consumed);
    };
    if (beforeDelete === undefined || !deletesFirst) end();
    if (beforeDelete === undefined) return;
    const atOnce = handledAtOnce(ending);
    const left = ending.consumed.filter((message) => !atOnce.includes(message));
    this.#inBackground(async () => {
      try {
        if (await beforeDelete()) await this.#change({ handled: left });
        else await this.giveBack(left);
      } finally {
        if (deletesFirst) end();
      }
    });
  }

  /** All messages of the item come again. Never throws. */
  async giveBackItem(item: OrchestrationWorkItem): Promise<void> {
    await this.giveBack(item.messages);
    this.mail.finish(item.instanceId, []);
  }

  /** The messages come again after a growing pause. Never throws. */
  async giveBack(messages: readonly DeliveredMessage[]): Promise<void> {
    try {
      await this.#change({ deferred: messages });
    } catch {
      // The hub, which says so itself, still has them as they were: so they are at least not lost.
      this.mail.redeliver(messages);
    }
  }

  /** The answer stays here if it can, and its work item in the hub, until the history has it. */
  async answer(activity: ActivityWorkItem, response: TaskMessage): Promise<void> {
    if (this.mail.answer(activity, response)) return;
    await this.#change({ post: this.mail.prepare([response]), handled: [activity] });
  }

  /** Puts answers into the hub that are here alone. Never throws: where that fails, their activities run once more. */
  async store(answers: readonly StoredMessage[]): Promise<void> {
    try {
      await this.#change({ stored: answers });
    } catch (error) {
      this.#options.failed(error);
    }
  }

  /** Keeps messages among the poison. Rows that are none leave their queue at the same time. */
  async setAside(
    messages: readonly (DeliveredMessage | UnreadableMessage | TakenMessage)[],
    why: { readonly reason: string; readonly nowMs: number },
  ): Promise<void> {
    const poison = messages.map((message) => poisonOf(message, why));
    const rows = messages.filter((given) => given instanceof UnreadableRow);
    await this.#options.database.write((tables) => () => {
      for (const message of poison) putPoison(tables, message);
      for (const { queueOf, place } of rows) {
        removeMessage(queueOf === 'workItemSequence' ? tables.workItems : tables.control, place);
      }
    });
  }

  /** Puts a message of the poison back into its queue. @returns whether it was there. */
  async replay(id: string): Promise<boolean> {
    return await this.transact((tables) => {
      const poison = findPoison(tables, id);
      const message = poison && readableOf(poison.body);
      const post = this.mail.prepare(message === undefined ? [] : [message]);
      return () => {
        removePoison(tables, id);
        if (poison !== undefined && message === undefined) {
          const queue = originOf(tables, poison);
          const sequence = takeSequences(tables, queue, 1);
          putMessage(queue, { sequence, dueMs: undefined }, poison.body);
        }
        return { mail: this.mail.change(tables, { post }), result: poison !== undefined };
      };
    });
  }

  /** Resolves when nothing goes on in the background. */
  async settled(): Promise<void> {
    while (this.#background.size > 0) await Promise.all(this.#background);
  }

  async #change(change: Parameters<HubMail['change']>[1]): Promise<void> {
    await this.transact((tables) => () => ({
      mail: this.mail.change(tables, change),
      result: undefined,
    }));
  }

  #inBackground(work: () => Promise<void>): void {
    const running = work()
      .catch((error: unknown) => {
        this.#options.failed(error);
      })
      .finally(() => this.#background.delete(running));
    this.#background.add(running);
  }
}

/**
 * What is deleted with the commit itself. Where something has to be done before, one message is enough to come again; an answer
 * would have its activity run once more.
 */
export function handledAtOnce({
  consumed,
  beforeDelete,
}: Pick<Ending, 'consumed' | 'beforeDelete'>): readonly DeliveredMessage[] {
  if (beforeDelete === undefined) return consumed;
  const answers = consumed.filter((message) => storedOf(message).workItem !== undefined);
  return answers.length < consumed.length ? answers : [];
}

/** undefined for the text of a row that is no message. */
function readableOf(text: string): TaskMessage | undefined {
  try {
    return parseRow(text).message;
  } catch (error) {
    if (error instanceof CorruptMessageError) return undefined;
    throw error;
  }
}
