/** Messages whose time has not come: timers, scheduled starts, and messages that pause before they are delivered again. */
import type { HeldMessage } from '../queues/held-message.ts';

/** Longest delay that a timer of Node can hold. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class DueMessages {
  readonly #now: () => number;
  readonly #deliver: (message: HeldMessage) => void;
  readonly #timers = new Map<HeldMessage, NodeJS.Timeout>();

  constructor(now: () => number, deliver: (message: HeldMessage) => void) {
    this.#now = now;
    this.#deliver = deliver;
  }

  /** Delivers the message when its time comes, at once if it has come. */
  add(message: HeldMessage): void {
    // Timers of Node may fire a millisecond early: the clock decides.
    const delayMs = message.deliverFromMs - this.#now();
    if (delayMs <= 0) {
      this.#timers.delete(message);
      this.#deliver(message);
      return;
    }
    const again = (): void => {
      this.add(message);
    };
    this.#timers.set(message, setTimeout(again, Math.min(delayMs, MAX_TIMER_MS)).unref());
  }

  /** Takes out the messages that `belongs` names. */
  drain(belongs: (message: HeldMessage) => boolean): readonly HeldMessage[] {
    const drained = [...this.#timers.keys()].filter(belongs);
    for (const message of drained) {
      clearTimeout(this.#timers.get(message));
      this.#timers.delete(message);
    }
    return drained;
  }
}
