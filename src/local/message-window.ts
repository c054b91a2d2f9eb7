/**
 * The part of a queue that its worker has in memory: what can be delivered, up to a bound, and what is due soon. The rest stays in
 * the hub until there is room, or its time comes near. Nothing is read that this process put itself while there is room for it.
 *
 * W1 `#held` has every message that is here, or on its way: what is read is passed over when it is in it.
 * W2 Every ready message up to `#scannedTo` is here, or was. New ones are taken over without being read only while nothing was
 *    left behind, so that they are delivered in the order in which they came.
 * W3 Every message that is due up to `#dueTo` is here.
 */
import type { Clock } from '../base/clock.ts';
import { CorruptMessageError } from '../core/errors.ts';
import type { TaskMessage } from '../core/task-message.ts';
import { DueMessages } from '../engine/delivery/due-messages.ts';
import type { HubTables, QueueTables } from './hub-tables.ts';
import {
  lastSequence,
  type MessagePlace,
  parseRow,
  putMessage,
  takeSequences,
} from './queue-rows.ts';
import type { StoredMessage } from './stored-message.ts';
import { UnreadableRow } from './unreadable-row.ts';

export interface MessageWindowOptions {
  readonly queueOf: (tables: HubTables) => QueueTables;
  /** Tells which queue it is. */
  readonly counter: QueueTables['counter'];
  readonly read: <Result>(look: (tables: HubTables) => Result) => Result;
  readonly clock: Clock;
  readonly deliver: (messages: readonly StoredMessage[]) => void;
  /** Told of each row that is no message, once. */
  readonly unreadable: (row: UnreadableRow) => void;
  /** Told of what could not be read; it is tried again. */
  readonly failed: (error: unknown) => void;
  /** In messages. @default 5000 */
  readonly maxHeld?: number | undefined;
}

/** What is put, and what is known of it. */
export interface NewMessage {
  readonly message: TaskMessage;
  readonly text: string;
  /** As it is in the text. */
  readonly dequeueCount: number;
  /** undefined: it can be delivered now. */
  readonly dueMs: number | undefined;
  /** For a caller who hands it out himself. */
  readonly isReserved: boolean;
  readonly hasNoHistory: boolean;
}

/** What was put in one transaction. */
export interface PutMessages {
  readonly messages: readonly StoredMessage[];
  readonly reserved: ReadonlySet<StoredMessage>;
}

const DEFAULT_MAX_HELD = 5_000;
/** In characters of the stored texts. */
const MAX_HELD_LENGTH = 64 * 1024 * 1024;
/** Read in one turn of the event loop. */
const MAX_READ_AT_ONCE = 500;
/** What is due later is not read before half of it has passed. */
const HORIZON_MS = 60_000;
const MAX_DUE = 2_000;
const RETRY_MS = 1_000;

type DueKey = readonly [dueMs: number, sequence: number];

export class MessageWindow {
  readonly #options: MessageWindowOptions;
  readonly #maxHeld: number;
  readonly #due: DueMessages<StoredMessage>;
  readonly #held = new Map<number, StoredMessage>();
  /** The numbers of rows that are no messages: they are somebody else's business until they are gone. */
  readonly #unreadable = new Set<number>();
  #heldLength = 0;
  #isOpen = false;
  #scannedTo = 0;
  #seen = 0;
  /** Ready messages were left in the hub, after `#scannedTo`. */
  #isBehind = false;
  #isReadComing = false;
  #dueTo: DueKey = [0, 0];
  /** There was no room for more that is due soon. */
  #isDueCut = false;
  #cancelDueRead: (() => void) | undefined;
  #dueReadMs = Infinity;

  constructor(options: MessageWindowOptions) {
    this.#options = options;
    this.#maxHeld = options.maxHeld ?? DEFAULT_MAX_HELD;
    this.#due = new DueMessages(options.clock, (messages) => {
      options.deliver(messages);
      if (this.#isDueCut && this.#due.size < MAX_DUE / 2) this.#readDueSoon(0);
    });
  }

  /** How many messages are here: waiting, or in the hands of the engine. */
  get heldCount(): number {
    return this.#held.size;
  }

  /** Begins to deliver what is in the hub. What is still in the hands of the engine is not delivered again. */
  open(): void {
    this.#isOpen = true;
    this.#scannedTo = 0;
    this.#dueTo = [0, 0];
    this.look();
  }

  /** Forgets what waits for its time. @param isOut whether the engine has the message; then it stays known. */
  close(isOut: (message: StoredMessage) => boolean): void {
    this.#isOpen = false;
    this.#cancelDueRead?.();
    this.#cancelDueRead = undefined;
    this.#dueReadMs = Infinity;
    this.#due.drain(() => true);
    this.#unreadable.clear();
    for (const message of this.#held.values()) {
      if (!isOut(message)) this.#drop(message);
    }
  }

  /** Whether others put messages that this process has not seen. */
  hasNews(tables: HubTables): boolean {
    return lastSequence(tables, this.#options.queueOf(tables)) > this.#seen;
  }

  /** Reads what others may have put. */
  look(): void {
    if (!this.#isOpen) return;
    this.#guarded(() => {
      this.#seen = this.#options.read((tables) =>
        lastSequence(tables, this.#options.queueOf(tables)),
      );
      this.#isBehind = true;
      this.#readReady();
      this.#dueTo = [0, 0];
      this.#readDue();
    });
  }

  /** Within a transaction: writes messages. Their fate is told by `accept` or `undo`. */
  put(tables: HubTables, news: readonly NewMessage[]): PutMessages {
    if (news.length === 0) return { messages: [], reserved: new Set() };
    const queue = this.#options.queueOf(tables);
    const first = takeSequences(tables, queue, news.length);
    const messages: StoredMessage[] = [];
    const reserved = new Set<StoredMessage>();
    try {
      for (const [index, each] of news.entries()) {
        const place = { sequence: first + index, dueMs: each.dueMs };
        const message = this.#messageOf(each.message, place, each);
        messages.push(message);
        putMessage(queue, place, each.text);
        if (each.isReserved) reserved.add(message);
        if (each.isReserved || this.#takes(place)) this.#hold(message);
      }
    } catch (error) {
      this.undo({ messages, reserved });
      throw error;
    }
    return { messages, reserved };
  }

  /** The transaction is stored: delivers what is to be delivered here. */
  accept({ messages, reserved }: PutMessages): void {
    const [first, last] = [messages[0], messages.at(-1)];
    if (!this.#isOpen || first === undefined || last === undefined) return;
    if (first.place.sequence > this.#seen + 1) this.look();
    this.#seen = Math.max(this.#seen, last.place.sequence);
    for (const message of messages) {
      if (!reserved.has(message)) this.#acceptOne(message);
    }
    if (this.#isBehind) this.#readReadySoon();
  }

  /** The transaction failed: its messages do not exist, or do where only the answer was lost. The next look tells. */
  undo({ messages }: PutMessages): void {
    for (const message of messages) this.#drop(message);
    const before = (messages[0]?.place.sequence ?? Infinity) - 1;
    this.#seen = Math.min(this.#seen, before);
    // They may have been passed over meanwhile, as being here (W1).
    this.#scannedTo = Math.min(this.#scannedTo, before);
  }

  /** A message that is here moved to another place, where it is due. */
  moved(message: StoredMessage, place: MessagePlace): void {
    message.place = place;
    if (!this.#isOpen || !this.#isDueSoon(place)) {
      this.#drop(message);
      if (this.#isOpen) this.#readDueBefore(place.dueMs ?? 0);
      return;
    }
    this.#due.add(message, place.dueMs ?? 0);
  }

  /** Delivers a message that is here after a pause, without a word to the hub: where it could not be told. */
  redeliver(message: StoredMessage, dueMs: number): void {
    if (this.#isOpen) this.#due.add(message, dueMs);
    else this.#drop(message);
  }

  /** Delivers what is here before its time, of that which `belongs` names. */
  deliverNow(belongs: (message: StoredMessage) => boolean): void {
    const early = this.#due.drain(belongs);
    if (early.length > 0) this.#options.deliver(early.map(({ message }) => message));
  }

  /** The message is handled, and gone from the hub. */
  remove(message: StoredMessage): void {
    this.#drop(message);
  }

  #acceptOne(message: StoredMessage): void {
    const { place } = message;
    const { sequence, dueMs } = place;
    const isHeld = this.#held.get(sequence) === message;
    if (dueMs === undefined) {
      if (isHeld) this.#options.deliver([message]);
      else this.#isBehind = true;
      if (!this.#isBehind) this.#scannedTo = Math.max(this.#scannedTo, sequence);
    } else if (isHeld) {
      this.#due.add(message, dueMs);
    } else if (this.#held.has(sequence)) {
      // It was read meanwhile.
    } else if (this.#isDueSoon(place)) {
      this.#hold(message);
      this.#due.add(message, dueMs);
    } else {
      this.#readDueBefore(dueMs);
    }
  }

  /** Whether a message that is put now is kept here. */
  #takes(place: MessagePlace): boolean {
    if (!this.#isOpen) return false;
    if (place.dueMs !== undefined) return this.#isDueSoon(place);
    // Those that come after one that was left behind are left behind, too (W2).
    this.#isBehind ||= this.isFull();
    return !this.#isBehind;
  }

  /** Whether there is no room for more. */
  isFull(): boolean {
    return this.#held.size >= this.#maxHeld || this.#heldLength >= MAX_HELD_LENGTH;
  }

  #isDueSoon({ sequence, dueMs = 0 }: MessagePlace): boolean {
    return isUpTo([dueMs, sequence], this.#dueTo);
  }

  #readReadySoon(): void {
    if (this.#isReadComing) return;
    this.#isReadComing = true;
    setImmediate(() => {
      this.#isReadComing = false;
      if (!this.#isOpen) return;
      this.#guarded(() => {
        this.#readReady();
      });
    });
  }

  #readReady(): void {
    if (!this.#isBehind || this.isFull()) return;
    const found = this.#options.read((tables) => [
      ...this.#options
        .queueOf(tables)
        .ready.getRange({ start: this.#scannedTo + 1, limit: MAX_READ_AT_ONCE }),
    ]);
    this.#isBehind = found.length === MAX_READ_AT_ONCE;
    for (const { key: sequence, value } of found) {
      if (!this.#held.has(sequence)) {
        if (this.isFull()) {
          this.#isBehind = true;
          return;
        }
        const message = this.#readMessage({ sequence, dueMs: undefined }, value);
        if (message !== undefined) {
          this.#hold(message);
          this.#options.deliver([message]);
        }
      }
      this.#scannedTo = sequence;
    }
    if (this.#isBehind) this.#readReadySoon();
  }

  #readDue(): void {
    const horizonMs = this.#options.clock.now() + HORIZON_MS;
    const room = MAX_DUE - this.#due.size;
    const limit = this.#held.size + MAX_READ_AT_ONCE;
    const start: [number, number] = [...this.#dueTo];
    const found = this.#options.read((tables) => [
      ...this.#options.queueOf(tables).due.getRange({ start, exclusiveStart: true, limit }),
    ]);
    let taken = 0;
    for (const { key, value } of found) {
      const [dueMs, sequence] = key;
      if (dueMs > horizonMs) {
        this.#covered([horizonMs, Infinity], false);
        this.#readDueBefore(dueMs);
        return;
      }
      if (!this.#held.has(sequence)) {
        if (taken >= room) break;
        const message = this.#readMessage({ sequence, dueMs }, value);
        if (message !== undefined) {
          this.#hold(message);
          this.#due.add(message, dueMs);
          taken += 1;
        }
      }
      this.#covered(key, true);
    }
    const isAll = found.length < limit && taken < room;
    if (isAll) this.#covered([horizonMs, Infinity], false);
    else if (this.#due.size < MAX_DUE / 2) this.#readDueSoon(0);
  }

  #covered(key: DueKey, isCut: boolean): void {
    if (!isUpTo(key, this.#dueTo)) this.#dueTo = key;
    this.#isDueCut = isCut;
  }

  /** Reads in time for what is due then. */
  #readDueBefore(dueMs: number): void {
    this.#readDueSoon(Math.max(0, dueMs - HORIZON_MS / 2 - this.#options.clock.now()));
  }

  #readDueSoon(delayMs: number): void {
    const atMs = this.#options.clock.now() + delayMs;
    if (!this.#isOpen || atMs >= this.#dueReadMs) return;
    this.#cancelDueRead?.();
    this.#dueReadMs = atMs;
    this.#cancelDueRead = this.#options.clock.schedule(Math.min(delayMs, 2 ** 30), () => {
      this.#dueReadMs = Infinity;
      this.#cancelDueRead = undefined;
      this.#guarded(() => {
        this.#readDue();
      });
    });
  }

  /** What fails here was not asked for by anybody: it is said, and tried again. */
  #guarded(read: () => void): void {
    try {
      read();
    } catch (error) {
      this.#options.failed(error);
      this.#options.clock.schedule(RETRY_MS, () => {
        this.look();
      });
    }
  }

  /** undefined for a row that is none: it keeps no other from being read. */
  #readMessage(place: MessagePlace, text: string): StoredMessage | undefined {
    try {
      const { message, dequeueCount } = parseRow(text);
      return this.#messageOf(message, place, { text, dequeueCount, hasNoHistory: false });
    } catch (error) {
      if (!(error instanceof CorruptMessageError)) throw error;
      if (this.#unreadable.has(place.sequence)) return undefined;
      this.#unreadable.add(place.sequence);
      this.#options.unreadable(new UnreadableRow(this.#options.counter, { place, text }, error));
      return undefined;
    }
  }

  #messageOf(
    message: TaskMessage,
    place: MessagePlace,
    {
      text,
      dequeueCount,
      hasNoHistory,
    }: Pick<NewMessage, 'text' | 'dequeueCount' | 'hasNoHistory'>,
  ): StoredMessage {
    return { message, dequeueCount, hasNoHistory, place, length: text.length };
  }

  #hold(message: StoredMessage): void {
    this.#held.set(message.place.sequence, message);
    this.#heldLength += message.length;
  }

  #drop(message: StoredMessage): void {
    if (this.#held.get(message.place.sequence) !== message) return;
    this.#held.delete(message.place.sequence);
    this.#heldLength -= message.length;
    if (this.#isBehind && this.#held.size < this.#maxHeld / 2) this.#readReadySoon();
  }
}

function isUpTo([dueMs, sequence]: DueKey, [toMs, toSequence]: DueKey): boolean {
  return dueMs < toMs || (dueMs === toMs && sequence <= toSequence);
}
