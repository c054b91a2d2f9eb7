/** Callers that wait for something to take, served in the order they came; each may give up through its signals. */
type Settle<Item> = (item: Item | undefined) => void;

export class WaitingLine<Item> {
  readonly #take: () => Item | undefined;
  readonly #waiters = new Map<Settle<Item>, readonly AbortSignal[]>();
  /** One listener per signal, not per waiter: many may wait with the same one. */
  readonly #listeners = new Map<AbortSignal, { count: number; readonly giveUp: () => void }>();

  /** @param take takes what is there now, or answers undefined */
  constructor(take: () => Item | undefined) {
    this.#take = take;
  }

  /** How many callers wait. */
  get length(): number {
    return this.#waiters.size;
  }

  /** Resolves with the next item; undefined when one of the signals aborts first. */
  async next(...signals: readonly AbortSignal[]): Promise<Item | undefined> {
    if (signals.some(({ aborted }) => aborted)) return undefined;
    if (this.#waiters.size === 0) {
      const item = this.#take();
      if (item !== undefined) return item;
    }
    return new Promise((settle) => {
      this.#join(settle, signals);
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

  #join(settle: Settle<Item>, signals: readonly AbortSignal[]): void {
    this.#waiters.set(settle, signals);
    for (const signal of signals) this.#listen(signal);
  }

  #listen(signal: AbortSignal): void {
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
    const signals = this.#waiters.get(settle) ?? [];
    this.#waiters.delete(settle);
    for (const signal of signals) this.#unlisten(signal);
  }

  #unlisten(signal: AbortSignal): void {
    const listener = this.#listeners.get(signal);
    if (listener === undefined) return;
    listener.count -= 1;
    if (listener.count > 0) return;
    this.#listeners.delete(signal);
    signal.removeEventListener('abort', listener.giveUp);
  }

  #giveUp(signal: AbortSignal): void {
    for (const [settle, signals] of this.#waiters) {
      if (!signals.includes(signal)) continue;
      this.#leave(settle);
      settle(undefined);
      if (!this.#listeners.has(signal)) return;
    }
  }
}
