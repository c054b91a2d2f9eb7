/** A partition table without storage, on the clock of the test, and what listens to the ownership of a worker. */
import { RestError } from '@azure/data-tables';
import { pause } from '../../src/base/pause.ts';
import type { PartitionListener } from '../../src/azure-storage/partitions/partition-ownership.ts';
import type {
  PartitionRow,
  PartitionTable,
  StoredPartitionRow,
} from '../../src/azure-storage/partitions/partition-table.ts';

export type TableOfPartitions = Pick<PartitionTable, 'read' | 'write'>;

/** Answers after `latencyMs`, and tells its time in whole seconds, as storage does. */
export class PartitionTableModel implements TableOfPartitions {
  readonly #latencyMs: () => number;
  #rows: StoredPartitionRow[];
  #version = 0;
  requestCount = 0;

  constructor(partitionCount: number, latencyMs: () => number = () => 10) {
    this.#latencyMs = latencyMs;
    this.#rows = Array.from({ length: partitionCount }, (_, partition) => ({
      partition,
      owner: undefined,
      nextOwner: undefined,
      isDraining: false,
      ownedSinceMs: undefined,
      lastRenewalMs: undefined,
      expiresAtMs: undefined,
      etag: '0',
      writtenMs: Date.now(),
    }));
  }

  get rows(): readonly StoredPartitionRow[] {
    return this.#rows;
  }

  /** As another program would write it. */
  set(partition: number, changes: Partial<StoredPartitionRow>): void {
    this.#rows = this.#rows.map((row) =>
      row.partition === partition
        ? { ...row, writtenMs: Date.now(), ...changes, etag: String(++this.#version) }
        : row,
    );
  }

  async read(): ReturnType<TableOfPartitions['read']> {
    await this.#travel();
    const answer = { rows: this.#rows, storageTimeMs: Math.floor(Date.now() / 1000) * 1000 };
    await this.#travel();
    return answer;
  }

  async write(
    rows: readonly (PartitionRow & { readonly etag: string | undefined })[],
  ): Promise<readonly (string | undefined)[]> {
    await this.#travel();
    if (rows.some(({ partition, etag }) => this.#rows[partition]?.etag !== etag)) {
      throw new RestError('A row is not what it was.', { statusCode: 412 });
    }
    for (const row of rows) this.set(row.partition, { ...row, writtenMs: Date.now() });
    const etags = rows.map(({ partition }) => this.#rows[partition]?.etag);
    await this.#travel();
    return etags;
  }

  async #travel(): Promise<void> {
    this.requestCount += 0.5;
    await pause(this.#latencyMs());
  }
}

/** Notes what an ownership tells. */
export function notingListener(
  told: string[] = [],
  released: (partition: number, signal: AbortSignal) => Promise<void> = () => Promise.resolve(),
): PartitionListener {
  return {
    began: () => void told.push('began'),
    acquired: (partition) => void told.push(`acquired ${partition}`),
    async released(partition, signal) {
      await released(partition, signal);
      told.push(`released ${partition}`);
    },
    ended: () => {
      told.push('ended');
      return Promise.resolve();
    },
  };
}
