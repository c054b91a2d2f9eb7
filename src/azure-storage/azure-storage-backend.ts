/**
 * The task hub in Azure Storage, byte for byte the one of DurableTask.AzureStorage, with far fewer requests: see
 * `queues/message-post.ts` for messages that are never polled for, and `complete-activity.ts` for answers that are never put.
 */
import { randomUUID } from 'node:crypto';
import { DurableError } from '../core/errors.ts';
import type { InstanceId } from '../core/ids.ts';
import { partitionOf } from '../core/partition-of.ts';
import { isActivityMessage, type TaskMessage } from '../core/task-message.ts';
import type { TaskHubBackend } from '../engine/backend.ts';
import type { Logger } from '../telemetry/log.ts';
import { appLeaseId } from './app-lease/app-lease-info.ts';
import { AppLease } from './app-lease/app-lease.ts';
import { AppTurns } from './app-lease/app-turns.ts';
import { BackgroundWork } from './background-work.ts';
import { ExecutionBlobs } from './blobs/execution-blobs.ts';
import { LargePayloads } from './blobs/large-payloads.ts';
import type { RequestListener } from './clients/request-policy.ts';
import type { StorageAccess } from './clients/storage-access.ts';
import { openStorage } from './clients/storage-clients.ts';
import { StorageHealth } from './clients/storage-health.ts';
import { commitOrchestration } from './commit-orchestration.ts';
import { completeActivity } from './complete-activity.ts';
import { Deliveries, RETURN_PATIENCE_MS } from './deliveries.ts';
import { createHubStorage, deleteHubStorage, hubStorageExists } from './hub-storage.ts';
import { listHubUsers } from './hub-users.ts';
import { AZURE_STORAGE_LIMITS } from './limits.ts';
import { hubNames } from './names.ts';
import type { PartitionListener, PartitionOwnership } from './partitions/partition-ownership.ts';
import { PartitionTable } from './partitions/partition-table.ts';
import { TableOwnership } from './partitions/table-ownership.ts';
import { purgeInstance } from './purge-instance.ts';
import { ControlQueue } from './queues/control-queue.ts';
import { LockKeeper } from './queues/lock-keeper.ts';
import type { QueueMessageEncoding } from './queues/message-codec.ts';
import { MessagePost, SELF_LEASE_MS } from './queues/message-post.ts';
import { MessageQueue } from './queues/message-queue.ts';
import { MessageReader } from './queues/message-reader.ts';
import { WorkItemQueue } from './queues/work-item-queue.ts';
import { heldOf } from './queues/held-message.ts';
import { readPartitionCount } from './read-partition-count.ts';
import { startInstance } from './start-instance.ts';
import { HistoryTable } from './tables/history-table.ts';
import { InstancesTable } from './tables/instances-table.ts';

export interface PartitionOptions {
  /** How long a partition is a worker's that does not renew its claim, because it was killed say. @default 30000 */
  readonly leaseIntervalMs?: number;
  /** Between two looks at what other workers have. @default 10000 */
  readonly acquireIntervalMs?: number;
  /** After this time a request about partitions is given up. @default 2000 */
  readonly operationTimeoutMs?: number;
}

export interface AzureStorageBackendOptions {
  /** A connection string, or urls with a credential. */
  readonly account: StorageAccess;
  readonly taskHub: string;
  /** Must be the same in every process that uses the hub. */
  readonly partitionCount: number;
  /** 1 to 32. */
  readonly controlQueueBatchSize: number;
  /** With so many messages waiting here, no more are received. @default 256 */
  readonly controlQueueBufferThreshold?: number;
  readonly controlQueueVisibilityTimeoutMs: number;
  readonly workItemQueueVisibilityTimeoutMs: number;
  readonly maxQueuePollingIntervalMs: number;
  readonly messageEncoding: QueueMessageEncoding;
  /** How long a message that this process put for itself stays hidden when the process dies. @default 30000 */
  readonly selfLeaseMs?: number;
  /**
   * Timers and scheduled starts that are due later than this are not kept in memory: they lie hidden in their queue, which is
   * polled when they are due. @default twice `selfLeaseMs`
   */
  readonly holdAheadMs?: number;
  /** Whether the inputs of activities and sub-orchestrations are kept in the history. */
  readonly storeInputsInHistory: boolean;
  /** How the workers of the hub share its partitions. @default as .NET workers do it */
  readonly partitions?: PartitionOptions | undefined;
  /** Keeps other apps from working on the hub. @default every app that starts works on it */
  readonly appLease?:
    | {
        /** `WEBSITE_SITE_NAME`; empty outside of Azure. */
        readonly appName: string;
        readonly renewIntervalMs: number;
        readonly acquireIntervalMs: number;
        /** 15 to 60 s. */
        readonly leaseIntervalMs: number;
      }
    | undefined;
  readonly log: Logger;
  /** @default the system's clock, random ids */
  readonly ambient?: {
    /** Milliseconds since the epoch. */
    now(): number;
    /** 32 lower-case hex digits. */
    newId(): string;
  };
  /** Told of every HTTP request, retries included. */
  readonly onRequest?: RequestListener;
}

const DEFAULT_BUFFER_THRESHOLD = 256;
const DEFAULT_LEASE_INTERVAL_MS = 30_000;
const DEFAULT_ACQUIRE_INTERVAL_MS = 10_000;
const DEFAULT_OPERATION_TIMEOUT_MS = 2_000;

const SYSTEM = {
  now: () => Date.now(),
  newId: () => randomUUID().replaceAll('-', ''),
};

/** @throws {InvalidInputError} when the connection string cannot be understood. */
export function createAzureStorageBackend(options: AzureStorageBackendOptions): TaskHubBackend {
  const { taskHub, partitionCount, log } = options;
  const ambient = options.ambient ?? SYSTEM;
  const now = () => ambient.now();
  const newId = () => ambient.newId();
  const maxPollingIntervalMs = options.maxQueuePollingIntervalMs;

  const names = hubNames(taskHub, partitionCount);
  const health = new StorageHealth({ taskHub, log, now });
  const storage = openStorage(options.account, options.onRequest, health);
  const controlQueues = names.controlQueues.map(
    (name) => new MessageQueue(storage.queue(name), now),
  );
  const workItemQueue = new MessageQueue(storage.queue(names.workItemQueue), now);
  const largeMessageContainer = storage.container(names.largeMessageContainer);
  const payloads = new LargePayloads(largeMessageContainer);
  const historyTable = storage.table(names.historyTable);
  const instancesTable = storage.table(names.instancesTable);
  const history = new HistoryTable({
    table: historyTable,
    storeInputs: options.storeInputsInHistory,
    payloads,
    now,
    newId,
  });
  const instances = new InstancesTable({
    table: instancesTable,
    taskHub,
    payloads,
    now,
    newId,
  });
  const {
    leaseIntervalMs = DEFAULT_LEASE_INTERVAL_MS,
    acquireIntervalMs = DEFAULT_ACQUIRE_INTERVAL_MS,
    operationTimeoutMs = DEFAULT_OPERATION_TIMEOUT_MS,
  } = options.partitions ?? {};
  const partitionsTable = storage.table(names.partitionsTable);
  const partitions = new PartitionTable({
    table: partitionsTable,
    controlQueues: names.controlQueues,
    timeoutMs: operationTimeoutMs,
  });
  const hub = {
    taskHub,
    partitionCount,
    names,
    queues: [...controlQueues, workItemQueue],
    historyTable,
    instancesTable,
    partitionsTable,
    partitions,
    leaseContainer: storage.container(names.leaseContainer),
    appLeaseContainer: storage.container(names.appLeaseContainer),
    largeMessageContainer,
    now,
  };

  const encoding = options.messageEncoding;
  const background = new BackgroundWork(log);
  const executionBlobs = new ExecutionBlobs();
  const shared = new TableOwnership({
    taskHub,
    table: partitions,
    leaseIntervalMs,
    acquireIntervalMs,
    isIdle: () => deliveries.isIdle,
    log,
  });
  const turns =
    options.appLease &&
    new AppTurns(
      new AppLease({
        ...options.appLease,
        taskHub,
        container: hub.appLeaseContainer,
        infoBlob: names.appLeaseInfoBlob,
        id: appLeaseId(options.appLease.appName),
        now,
        log,
      }),
      shared,
    );
  const ownership: PartitionOwnership = turns ?? shared;
  const selfLeaseMs = options.selfLeaseMs ?? SELF_LEASE_MS;
  const hidden = (message: TaskMessage, untilMs: number): void => {
    if (!isActivityMessage(message)) receiverOf(message)?.expectAt(untilMs);
  };
  const receiverOf = ({ target }: TaskMessage): ControlQueue | undefined =>
    receivers[partitionOf(target.instanceId, partitionCount)];
  /** Where workers share the hub, clients of all of them send: who comes after another must not be handed over in memory. */
  const mayBeOvertaken = ({ sender }: TaskMessage): boolean =>
    sender.instanceId === '' && !receivers.every((_, partition) => ownership.owns(partition));
  const keeper = new LockKeeper({ taskHub, now, log });
  const reader = new MessageReader({ taskHub, payloads, keeper, log });
  const post = new MessagePost({
    controlQueues,
    workItemQueue,
    payloads,
    encoding,
    now,
    newId,
    hidden,
    selfLeaseMs,
  });
  const workItems = new WorkItemQueue(workItemQueue, {
    taskHub,
    reader,
    log,
    visibilityTimeoutMs: options.workItemQueueVisibilityTimeoutMs,
    maxPollingIntervalMs,
    selfLeaseMs,
  });
  const deliveries = new Deliveries({
    ownership,
    partitionOf: (instanceId: InstanceId) => partitionOf(instanceId, partitionCount),
    workItems,
    post,
    keeper,
    background,
    now,
    holdAheadMs: options.holdAheadMs ?? 2 * selfLeaseMs,
    hidden,
  });
  const receivers = controlQueues.map(
    (queue) =>
      new ControlQueue(queue, {
        taskHub,
        reader,
        log,
        batchSize: options.controlQueueBatchSize,
        bufferThreshold: options.controlQueueBufferThreshold ?? DEFAULT_BUFFER_THRESHOLD,
        visibilityTimeoutMs: options.controlQueueVisibilityTimeoutMs,
        maxPollingIntervalMs,
        selfLeaseMs,
        deliver: (message) => {
          deliveries.deliver(message);
        },
        waitingCount: () => deliveries.inbox.waitingCount,
        now,
      }),
  );
  const parts = {
    post,
    history,
    instances,
    deliveries,
    workItems,
    payloads,
    executionBlobs,
    background,
  };

  const work: PartitionListener = {
    began() {
      workItems.start();
      deliveries.startActivities();
    },
    acquired: (partition) => receivers[partition]?.start(),
    async released(partition, signal) {
      await receivers[partition]?.stop();
      await deliveries.releasePartition(partition, signal);
    },
    ended: () => deliveries.stopActivities(),
  };

  return {
    limits: AZURE_STORAGE_LIMITS,
    createHub: () => createHubStorage(hub),
    deleteHub: (how = {}) => deleteHubStorage(hub, how),

    hubExists: () => hubStorageExists(hub),
    listHubUsers: () => listHubUsers(storage, names, now()),
    readPartitionCount: () => readPartitionCount(storage, names),
    async claimHub() {
      if (!turns) {
        throw new DurableError(
          'CONFIG',
          'Cannot force change app lease. UseAppLease is not enabled.',
        );
      }
      await turns.claim();
    },

    start: () => ownership.start(work),
    async stop() {
      // Whoever stops has waited for what runs, or does not want to: items still out may be committed afterwards.
      await ownership.stop(AbortSignal.abort());
      await background.settled();
      await keeper.releaseAll(RETURN_PATIENCE_MS);
      await ownership.release();
    },

    createInstance: (start, existing) => startInstance(parts, start, existing),
    async sendMessage(message: TaskMessage) {
      if (!isActivityMessage(message) && !mayBeOvertaken(message) && deliveries.holds(message)) {
        deliveries.deliver((await post.putHeld(message)).held);
        return;
      }
      await post.put(message);
      if (isActivityMessage(message)) workItems.wake();
      else receiverOf(message)?.wake();
    },
    findInstance: (instanceId, { input = false, output = false, ...options } = {}) =>
      instances.find(instanceId, { input, output, ...options }),
    listInstances: (query) => instances.list(query),
    readHistory: async (instanceId, options) => (await history.load(instanceId, options)).events,
    purgeInstance: (instanceId, record) => purgeInstance(parts, instanceId, record),
    rewriteHistory: (instanceId, rewrite) => history.rewrite(instanceId, rewrite),
    reviveInstance: (record, lastUpdatedTime) => instances.revive(record, lastUpdatedTime),

    nextOrchestration: (signal) => deliveries.inbox.next(signal),
    async loadHistory(instanceId) {
      const { blobNames, ...loaded } = await history.recover(instanceId);
      executionBlobs.set(instanceId, blobNames);
      return loaded;
    },
    isCurrent: (instanceId, token) => history.isCurrent(instanceId, token),
    commitOrchestration: (item, request) => commitOrchestration(parts, item, request),
    settleOrchestration(item, messages) {
      deliveries.finishItem(item, messages);
      return Promise.resolve();
    },
    abandonOrchestration(item, { toAnyWorker = false } = {}) {
      if (toAnyWorker) deliveries.returnItem(item);
      else deliveries.finishItem(item, { consumed: [], deferred: item.messages });
      return Promise.resolve();
    },
    async repairInstance({ instanceId, instance }, etag) {
      if (instance === undefined) return;
      if (etag === undefined) await instances.merge(instanceId, instance, []);
      else await instances.mergeExisting(instanceId, instance, [], etag);
    },

    nextActivity: (signal) => workItems.next(signal),
    completeActivity: (item, response) => completeActivity(parts, item, response),
    abandonActivity(item, { isUntried = false } = {}) {
      if (isUntried) deliveries.putBack(heldOf(item));
      else deliveries.redeliver(heldOf(item));
      return Promise.resolve();
    },
  };
}
