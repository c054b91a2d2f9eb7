/**
 * Tells queue triggers of this host about messages that its own functions put, so that those need not be polled for. Mirrors
 * SharedQueueWatcher.
 */
export class QueueWatcher {
  readonly #wakers = new Map<string, (() => void)[]>();

  /** @param queue its url, which names the account too. */
  register(queue: string, wake: () => void): void {
    this.#wakers.set(queue, [...(this.#wakers.get(queue) ?? []), wake]);
  }

  /** There is a new message in the queue. */
  notify(queue: string): void {
    for (const wake of this.#wakers.get(queue) ?? []) wake();
  }
}
