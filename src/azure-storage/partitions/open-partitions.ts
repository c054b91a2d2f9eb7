/** How the workers of a hub share its partitions, opened: what is created for it, who has them, and where that is looked up. */
import type { Logger } from '../../telemetry/log.ts';
import type { StorageClients } from '../clients/storage-clients.ts';
import type { HubNames } from '../names.ts';
import type { DoorbellAddress } from '../wake-ups/doorbell.ts';
import { AnnouncedOwnership, asWorker, type LookListener } from './announced-ownership.ts';
import { claimEndMs } from './claim-end.ts';
import { IdleWorkers } from './idle-workers.ts';
import { LeaseBlobs } from './lease-blobs.ts';
import { LeaseOwnership, ownersOf } from './lease-ownership.ts';
import { LegacyLeases } from './legacy-leases.ts';
import type { HubWorker, PartitionOwner, PartitionOwnership } from './partition-ownership.ts';
import type { LiveWorker } from './partition-turns.ts';
import type { PartitionOptions, PartitionWay } from './partition-options.ts';
import { PartitionTable } from './partition-table.ts';
import { SafeLeases } from './safe-leases.ts';
import { TableOwnership } from './table-ownership.ts';
import { isKnownDead, newWorkerName } from './worker-name.ts';

export interface OpenPartitionsOptions extends PartitionOptions {
  readonly taskHub: string;
  readonly storage: StorageClients;
  readonly names: HubNames;
  readonly isIdle: () => boolean;
  readonly doorbell: () => DoorbellAddress | undefined;
  /** Told who works on the hub as often as it is looked at; `undefined`: it is not looked at any more. */
  readonly onRead: (workers: readonly HubWorker[] | undefined) => void;
  /** Told that a worker can have partitions which it does not know of yet. */
  readonly onHandedOver: (worker: string) => void;
  /** Told that this worker has come, owns nothing, and can be known by all who look. */
  readonly onAnnounced: () => void;
  /** The app of this worker, for others to know it by: see `HubApps`. */
  readonly app: () => string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
}

export interface OpenPartitions {
  /** Of this process. */
  readonly workerName: string;
  /** What the workers agree on, and in what. Idempotent. */
  readonly create: () => Promise<void>;
  readonly ownership: PartitionOwnership;
  /** The names of those who own something, each once, and whose claims hold by the clock of storage. */
  readonly readLiveOwners: () => Promise<ReadonlySet<string>>;
  /** Those that own nothing included. */
  readonly readWorkers: () => Promise<readonly HubWorker[]>;
}

export const DEFAULT_LEASE_INTERVAL_MS = 30_000;
const DEFAULT_ACQUIRE_INTERVAL_MS = 10_000;
const DEFAULT_OPERATION_TIMEOUT_MS = 2_000;
/** Of a lease. What is renewed in time can be renewed again when no answer has come within this. */
const REQUEST_SHARE = 0.4;

export function openPartitions(options: OpenPartitionsOptions): OpenPartitions {
  const { way = 'table', storage, names, doorbell, app } = options;
  const workerName = newWorkerName();
  const idle = new IdleWorkers({
    container: storage.container(names.leaseContainer),
    me: workerName,
    leaseMs: options.leaseIntervalMs ?? DEFAULT_LEASE_INTERVAL_MS,
    note: () => ({ doorbell: doorbell(), app: app() }),
    isKnownDead,
  });
  const shared = { ...options, workerName, idleWorkers: () => idle.known };
  const opened = way === 'table' ? openTable(shared) : openLeases(shared, way);
  const partitionCount = names.controlQueues.length;
  return {
    workerName,
    create: opened.create,
    ownership: new AnnouncedOwnership({ ...options, ...opened, idle, partitionCount }),
    readLiveOwners: opened.readLiveOwners,
    readWorkers: async () => {
      const [owners, others] = await Promise.all([opened.readOwners(), idle.list()]);
      return [...owners, ...others.map(asWorker)];
    },
  };
}

interface WayOptions extends Omit<OpenPartitionsOptions, 'onRead'> {
  readonly workerName: string;
  readonly idleWorkers: () => readonly LiveWorker[];
}

interface OpenWay extends Pick<OpenPartitions, 'create' | 'readLiveOwners'> {
  readonly readOwners: () => Promise<readonly PartitionOwner[]>;
  readonly open: (told: LookListener) => PartitionOwnership;
}

function openTable(options: WayOptions): OpenWay {
  const {
    storage,
    names,
    leaseIntervalMs = DEFAULT_LEASE_INTERVAL_MS,
    acquireIntervalMs = DEFAULT_ACQUIRE_INTERVAL_MS,
    operationTimeoutMs = DEFAULT_OPERATION_TIMEOUT_MS,
  } = options;
  const table = new PartitionTable({
    table: storage.table(names.partitionsTable),
    rows: storage.rows(names.partitionsTable),
    controlQueues: names.controlQueues,
    timeoutMs: operationTimeoutMs,
    longestTimeoutMs: Math.max(operationTimeoutMs, leaseIntervalMs / 2),
  });
  return {
    create: () => table.create(),
    open: (told) =>
      new TableOwnership({ ...options, ...told, table, leaseIntervalMs, acquireIntervalMs }),
    readOwners: async () => (await table.read()).rows,
    readLiveOwners: async () => {
      const { rows, storageTimeMs = options.now() } = await table.read();
      return liveOwners(rows, (owner, row) => (claimEndMs(owner, row) ?? Infinity) > storageTimeMs);
    },
  };
}

function openLeases(options: WayOptions, way: Exclude<PartitionWay, 'table'>): OpenWay {
  const {
    storage,
    names,
    leaseIntervalMs: leaseMs = DEFAULT_LEASE_INTERVAL_MS,
    acquireIntervalMs = DEFAULT_ACQUIRE_INTERVAL_MS,
  } = options;
  const isLegacy = way === 'legacyLeases';
  const store = new LeaseBlobs({
    container: storage.container(names.leaseContainer),
    folders: isLegacy ? ['default'] : ['intent', 'ownership'],
    controlQueues: names.controlQueues,
    leaseMs,
    timeoutMs: leaseMs * REQUEST_SHARE,
  });
  const readOwners = async (): Promise<readonly PartitionOwner[]> =>
    ownersOf((await store.read())[isLegacy ? 'default' : 'ownership']);
  return {
    create: () => store.create(),
    open: (told) =>
      new LeaseOwnership({
        ...options,
        ...told,
        store,
        acquireIntervalMs,
        way: (parts) => (isLegacy ? new LegacyLeases(parts) : new SafeLeases(parts)),
      }),
    readOwners,
    // Of a lease storage itself says whether it runs.
    readLiveOwners: async () => liveOwners(await readOwners()),
  };
}

function liveOwners<Row extends PartitionOwner>(
  rows: readonly Row[],
  holds: (owner: string, row: Row) => boolean = () => true,
): ReadonlySet<string> {
  return new Set(
    rows.flatMap((row) => {
      const { owner } = row;
      const isLive = owner !== undefined && !isKnownDead(owner) && holds(owner, row);
      return isLive ? [owner] : [];
    }),
  );
}
