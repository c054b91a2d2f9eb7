/** A bounded number of things at once. Whoever waits for a slot goes before whoever only tries. */
import { onAbort } from './abort.ts';

export class Slots {
  #free: number;
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();
  readonly #listeners = new Set<() => void>();

  constructor(size: number) {
    this.#free = size;
  }

  get free(): number {
    return this.#free;
  }

  /** Takes a slot if one is free. */
  tryAcquire(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    this.#tell();
    return true;
  }

  /** Waits for a slot and takes it. Resolves false when `signal` aborts first. */
  async acquire(signal?: AbortSignal): Promise<boolean> {
    if (signal?.aborted === true) return false;
    if (this.tryAcquire()) return true;
    return new Promise<boolean>((resolve) => {
      const take = (): void => {
        takeOff?.();
        resolve(true);
      };
      const takeOff =
        signal &&
        onAbort(signal, () => {
          this.#waiting.delete(take);
          resolve(false);
        });
      this.#waiting.add(take);
    });
  }

  release(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#free++;
    } else {
      this.#waiting.delete(next);
      next();
    }
    this.#tell();
  }

  /** Calls `listener` whenever a slot was taken or became free. @returns ends that */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
