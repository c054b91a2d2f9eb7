/** How the workers of a hub share its partitions, as users of the library say it: without types of the clients, which they do not have. */
export interface PartitionOptions {
  /**
   * By rows of a table; by two leases of blobs for each partition; or by one, the oldest way. The same for all workers of the hub: those
   * of another way cannot be seen, and read the same queues. @default 'table'
   */
  readonly way?: PartitionWay;
  /**
   * How long a partition is a worker's that does not renew its claim, because it was killed say. Leases of blobs last for 15 to 60 s.
   * @default 30000
   */
  readonly leaseIntervalMs?: number;
  /** Between two looks at what other workers have. @default 10000 */
  readonly acquireIntervalMs?: number;
  /** After this time a request to the table is given up; one about leases after two fifths of the lease. @default 2000 */
  readonly operationTimeoutMs?: number;
}

export type PartitionWay = 'table' | 'leases' | 'legacyLeases';
