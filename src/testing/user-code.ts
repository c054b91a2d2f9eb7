/** The user code under way, so that a test hub can wait for it, and knows when it is user code that asks. */
import { AsyncLocalStorage } from 'node:async_hooks';

export class UserCode {
  readonly #running = new Set<Promise<unknown>>();
  readonly #inside = new AsyncLocalStorage<true>();

  /** Whether the caller is user code: to wait for it would be to wait for oneself. */
  get isCaller(): boolean {
    return this.#inside.getStore() === true;
  }

  async run<Result>(code: () => Promise<Result>): Promise<Result> {
    const running = this.#inside.run(true, code);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Resolves when none runs. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }
}
