/**
 * Which control queues this process reads. Everything that depends on it asks here, so that partitions can come and go while
 * the process runs.
 */
export interface PartitionListener {
  /** The partition is ours: its queue may be read. */
  acquired(partition: number): void;
  /** The partition is about to be somebody else's. Resolves when nothing of it is waiting here any more. */
  released(partition: number): Promise<void>;
}

export interface PartitionOwnership {
  start(listener: PartitionListener): Promise<void>;
  /** Releases every partition. Idempotent. */
  stop(): Promise<void>;
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
    for (const partition of this.#partitions()) listener.acquired(partition);
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    await Promise.all(this.#partitions().map((partition) => listener.released(partition)));
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
