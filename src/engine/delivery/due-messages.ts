/**
 * Messages whose time has not come: timers, scheduled starts, and messages that pause before they are delivered again. However
 * many there are, one timer waits for the earliest.
 */
import { type Clock, MAX_TIMER_MS } from '../../base/clock.ts';
import { Heap } from '../../base/heap.ts';

interface Entry<Message> {
  readonly message: Message;
  readonly dueMs: number;
  /** Messages of the same time are delivered in the order in which they came. */
  readonly order: number;
}

export class DueMessages<Message> {
  readonly #clock: Clock;
  readonly #deliver: (messages: readonly Message[]) => void;
  readonly #entries = new Heap<Entry<Message>>(
    (a, b) => a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order),
  );
  #order = 0;
  #timer: { readonly dueMs: number; readonly cancel: () => void } | undefined;

  /** @param deliver told of those together that are due together, in their order. */
  constructor(clock: Clock, deliver: (messages: readonly Message[]) => void) {
    this.#clock = clock;
    this.#deliver = deliver;
  }

  /** How many wait. */
  get size(): number {
    return this.#entries.size;
  }

  /** When the next one is due, in ms since the epoch; undefined when none waits. */
  get firstDueMs(): number | undefined {
    return this.#entries.first()?.dueMs;
  }

  /** Those that are due first, which stay. */
  first(count: number): readonly { readonly message: Message; readonly dueMs: number }[] {
    return [...this.#entries.values()]
      .sort((a, b) => a.dueMs - b.dueMs || a.order - b.order)
      .slice(0, count);
  }

  /** Delivers the message at `dueMs` (since the epoch), at once if that has come, and not before those that were due by then. */
  add(message: Message, dueMs: number): void {
    if (dueMs <= this.#clock.now()) {
      this.#deliverDue();
      this.#deliver([message]);
      return;
    }
    this.#entries.add({ message, dueMs, order: this.#order++ });
    this.#setTimer();
  }

  /** Takes out the messages that `belongs` names, in the order in which they would have come. */
  drain(
    belongs: (message: Message) => boolean,
  ): readonly { readonly message: Message; readonly dueMs: number }[] {
    const drained = [...this.#entries.takeAll(({ message }) => belongs(message))].sort(
      (a, b) => a.dueMs - b.dueMs || a.order - b.order,
    );
    this.#setTimer();
    return drained;
  }

  #setTimer(): void {
    const dueMs = this.#entries.first()?.dueMs;
    if (dueMs === this.#timer?.dueMs) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (dueMs === undefined) return;
    // At least 1 ms: timers of Node may fire a little early, and the clock decides.
    const delayMs = Math.min(Math.max(dueMs - this.#clock.now(), 1), MAX_TIMER_MS);
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#timer = undefined;
      this.#deliverDue();
    });
    this.#timer = { dueMs, cancel };
  }

  #deliverDue(): void {
    const nowMs = this.#clock.now();
    const due: Message[] = [];
    for (let next = this.#entries.first(); next !== undefined; next = this.#entries.first()) {
      if (next.dueMs > nowMs) break;
      this.#entries.takeFirst();
      due.push(next.message);
    }
    if (due.length > 0) this.#deliver(due);
    this.#setTimer();
  }
}
