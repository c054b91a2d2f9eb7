/** Callers that wait for something to take, served in the order they came; each may give up through its signal. */
type Settle<Item> = (item: Item | undefined) => void;

export class WaitingLine<Item> {
  readonly #take: () => Item | undefined;
  readonly #waiters = new Map<Settle<Item>, AbortSignal>();
  /** One listener per signal, not per waiter: all slots of a worker wait with the same one. */
  readonly #listeners = new Map<AbortSignal, { count: number; readonly giveUp: () => void }>();

  /** @param take takes what is there now, or answers undefined */
  constructor(take: () => Item | undefined) {
    this.#take = take;
  }

  /** How many callers wait. */
  get length(): number {
    return this.#waiters.size;
  }

  /** Resolves with the next item; undefined when the signal aborts first. */
  async next(signal: AbortSignal): Promise<Item | undefined> {
    if (signal.aborted) return undefined;
    if (this.#waiters.size === 0) {
      const item = this.#take();
      if (item !== undefined) return item;
    }
    return new Promise((settle) => {
      this.#join(settle, signal);
    });
  }

  /** Hands out what can be taken now. */
  serve(): void {
    for (const settle of this.#waiters.keys()) {
      const item = this.#take();
      if (item === undefined) return;
      this.#leave(settle);
      settle(item);
    }
  }

  #join(settle: Settle<Item>, signal: AbortSignal): void {
    this.#waiters.set(settle, signal);
    const listener = this.#listeners.get(signal);
    if (listener !== undefined) {
      listener.count += 1;
      return;
    }
    const giveUp = (): void => {
      this.#giveUp(signal);
    };
    this.#listeners.set(signal, { count: 1, giveUp });
    signal.addEventListener('abort', giveUp);
  }

  #leave(settle: Settle<Item>): void {
    const signal = this.#waiters.get(settle);
    this.#waiters.delete(settle);
    if (signal === undefined) return;
    const listener = this.#listeners.get(signal);
    if (listener === undefined) return;
    listener.count -= 1;
    if (listener.count > 0) return;
    this.#listeners.delete(signal);
    signal.removeEventListener('abort', listener.giveUp);
  }

  #giveUp(signal: AbortSignal): void {
    for (const [settle, itsSignal] of this.#waiters) {
      if (itsSignal !== signal) continue;
      this.#leave(settle);
      settle(undefined);
    }
  }
}
