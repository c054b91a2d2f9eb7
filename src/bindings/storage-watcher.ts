/**
 * Tells queue and blob triggers of this host about what its own functions put into queues and containers, so that it need not be
 * polled for. Mirrors SharedQueueWatcher and BlobWrittenWatcher.
 */
export class StorageWatcher {
  readonly #wakers = new Map<string, (() => void)[]>();

  /** @param place the url of a queue or container, which names the account too. */
  register(place: string, wake: () => void): void {
    this.#wakers.set(place, [...(this.#wakers.get(place) ?? []), wake]);
  }

  /** There is a new message in the queue, a new blob in the container. */
  notify(place: string): void {
    for (const wake of this.#wakers.get(place) ?? []) wake();
  }
}
