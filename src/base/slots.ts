/** A bounded number of things at once. Whoever waits for a slot goes before whoever only tries. */
export class Slots {
  readonly size: number;
  #free: number;
  readonly #acquiring: (() => void)[] = [];
  #watching: { readonly isSatisfied: () => boolean; readonly notify: () => void }[] = [];

  constructor(size: number) {
    this.size = size;
    this.#free = size;
  }

  get free(): number {
    return this.#free;
  }

  /** Takes a slot if one is free. */
  tryAcquire(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  /** Waits for a slot and takes it. */
  async acquire(): Promise<void> {
    if (this.tryAcquire()) return;
    await new Promise<void>((resolve) => {
      this.#acquiring.push(resolve);
    });
  }

  release(): void {
    const next = this.#acquiring.shift();
    if (next) {
      next();
      return;
    }
    this.#free++;
    const satisfied = this.#watching.filter((watcher) => watcher.isSatisfied());
    for (const watcher of satisfied) watcher.notify();
  }

  /** Waits until more than `count` slots are free, without taking one. Resolves false when `signal` aborts first. */
  async whenMoreFreeThan(count: () => number, signal: AbortSignal): Promise<boolean> {
    const isSatisfied = (): boolean => this.#free > count();
    if (signal.aborted) return false;
    if (isSatisfied()) return true;
    return await new Promise<boolean>((resolve) => {
      const finish = (result: boolean): void => {
        this.#watching = this.#watching.filter((other) => other !== watcher);
        signal.removeEventListener('abort', aborted);
        resolve(result);
      };
      const aborted = (): void => {
        finish(false);
      };
      const watcher = {
        isSatisfied,
        notify: () => {
          finish(true);
        },
      };
      this.#watching.push(watcher);
      signal.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Has the watchers look again, when what they compare with changed. */
  recheck(): void {
    for (const watcher of this.#watching.filter(({ isSatisfied }) => isSatisfied())) {
      watcher.notify();
    }
  }
}
