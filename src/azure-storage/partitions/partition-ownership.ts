/**
 * Whether this process works on the hub, and which control queues it reads: the one door by which work begins and ends.
 * Everything that depends on it asks here, so that partitions can come and go while the process runs.
 */
import type { DoorbellAddress } from '../wake-ups/doorbell.ts';

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

/** A worker of the hub, as storage tells of it. */
export interface HubWorker {
  /** One that it has; undefined when it has none. */
  readonly partition?: number | undefined;
  readonly owner: string | undefined;
  /** Where it is told of messages. */
  readonly doorbell?: DoorbellAddress | undefined;
  /** See `HubApps`. */
  readonly app?: string | undefined;
}

/** Who has a partition. */
export interface PartitionOwner extends HubWorker {
  readonly partition: number;
}

export interface PartitionOwnership {
  /** Resolves when it is known what can be had at once; others may come later. @throws {BackendUnavailableError} */
  start(listener: PartitionListener): Promise<void>;
  /** Lets go of every partition, and ends. Idempotent. @param signal ends the wait for items that are out. */
  stop(signal: AbortSignal): Promise<void>;
  /** Lets others have the partitions: after the stop, and best when all that was held here is back in the hub. */
  release(): Promise<void>;
  owns(partition: number): boolean;
  /** How often the partition was acquired here. */
  epoch(partition: number): number;
  /** Has this process look at once who has what: something may be for it. */
  look(): void;
  /**
   * Work waits in the partition that this process cannot do, and workers of the app can: one of them is to have it, as soon as it was ours
   * for a turn. Nothing happens when it is not ours, or when there is no such worker any more.
   * @param app see `HubApps`.
   */
  leaveTo(app: string, partition: number): void;
}
