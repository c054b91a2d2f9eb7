/**
 * Whether this process works on the hub, and which control queues it reads: the one door by which work begins and ends.
 * Everything that depends on it asks here, so that partitions can come and go while the process runs.
 */
export interface PartitionListener {
  /** This process works on the hub: activities may be received. Comes before the first partition. */
  began(): void;
  /** The partition is ours: its queue may be read. */
  acquired(partition: number): void;
  /**
   * The partition is about to be somebody else's. Resolves when nothing of it is here any more: no message waits and no item
   * is out. When `signal` aborts, items that are still out are left to lose their commit.
   */
  released(partition: number, signal: AbortSignal): Promise<void>;
  /** This process does not work on the hub any more. Resolves when no activity waits here. */
  ended(): Promise<void>;
}

export interface PartitionOwnership {
  start(listener: PartitionListener): Promise<void>;
  /** Releases every partition, and ends. Idempotent. @param signal ends the wait for items that are out. */
  stop(signal: AbortSignal): Promise<void>;
  owns(partition: number): boolean;
  /** How often the partition was acquired here. */
  epoch(partition: number): number;
}

/** One worker that owns all partitions while it runs. */
export class SoleOwnership implements PartitionOwnership {
  readonly #partitionCount: number;
  #listener: PartitionListener | undefined;
  #epoch = 0;

  constructor(partitionCount: number) {
    this.#partitionCount = partitionCount;
  }

  start(listener: PartitionListener): Promise<void> {
    this.#listener = listener;
    this.#epoch += 1;
    listener.began();
    for (const partition of this.#partitions()) listener.acquired(partition);
    return Promise.resolve();
  }

  async stop(signal: AbortSignal): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    const released = this.#partitions().map((partition) => listener.released(partition, signal));
    await Promise.all([...released, listener.ended()]);
  }

  owns(partition: number): boolean {
    return this.#listener !== undefined && partition < this.#partitionCount;
  }

  epoch(): number {
    return this.#epoch;
  }

  #partitions(): readonly number[] {
    return Array.from({ length: this.#partitionCount }, (_, partition) => partition);
  }
}
