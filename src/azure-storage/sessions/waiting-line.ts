/** Callers that wait for something to take, served in the order they came; each may give up through its signal. */
export class WaitingLine<Item> {
  readonly #take: () => Item | undefined;
  readonly #waiters = new Set<(item: Item | undefined) => void>();

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
    return new Promise((resolve) => {
      const settle = (item: Item | undefined): void => {
        this.#waiters.delete(settle);
        signal.removeEventListener('abort', giveUp);
        resolve(item);
      };
      const giveUp = (): void => {
        settle(undefined);
      };
      signal.addEventListener('abort', giveUp);
      this.#waiters.add(settle);
    });
  }

  /** Hands out what can be taken now. */
  serve(): void {
    for (const settle of this.#waiters) {
      const item = this.#take();
      if (item === undefined) return;
      settle(item);
    }
  }
}
