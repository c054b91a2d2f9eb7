/**
 * Ownership where apps take turns on a hub: partitions are owned as `inner` says, and only while this app holds the hub's app
 * lease. Whoever starts and stops work on the hub does so through ownership, and need not know that there is a lease.
 */
import type { PartitionListener, PartitionOwnership } from '../partitions/partition-ownership.ts';
import type { AppLease } from './app-lease.ts';

export class AppTurns implements PartitionOwnership {
  readonly #lease: AppLease;
  readonly #inner: PartitionOwnership;
  #stopping = new AbortController();

  constructor(lease: AppLease, inner: PartitionOwnership) {
    this.#lease = lease;
    this.#inner = inner;
  }

  /** Resolves also when it is another app's turn: then `listener` is told once it is ours. */
  async start(listener: PartitionListener): Promise<void> {
    this.#stopping = new AbortController();
    const { signal } = this.#stopping;
    await this.#lease.start({
      acquired: () => this.#inner.start(listener),
      // Another app works on the hub from now on, and does not wait. What is out here is waited for, unless this process stops.
      lost: async () => {
        const stopped = this.#inner.stop(signal);
        await this.#inner.release();
        await stopped;
      },
    });
  }

  async stop(signal: AbortSignal): Promise<void> {
    this.#stopping.abort();
    await this.#lease.stop();
    await this.#inner.stop(signal);
  }

  owns(partition: number): boolean {
    return this.#inner.owns(partition);
  }

  epoch(partition: number): number {
    return this.#inner.epoch(partition);
  }

  look(): void {
    this.#inner.look();
  }

  leaveTo(app: string, partition: number): void {
    this.#inner.leaveTo(app, partition);
  }

  /** Has this app have its turn next, at once. */
  async claim(): Promise<void> {
    await this.#lease.claim();
  }

  /** Lets another app have its turn, too. */
  async release(): Promise<void> {
    await this.#inner.release();
    await this.#lease.release();
  }
}
