/**
 * The task hub in Azure Storage, byte for byte the one of DurableTask.AzureStorage, with far fewer requests: see
 * `queues/message-post.ts` for messages that are never polled for, and `complete-activity.ts` for answers that are never put.
 */
import { randomUUID } from 'node:crypto';
import { atMost } from '../base/at-most.ts';
import { scheduleOnSystem } from '../base/clock.ts';
import { passedTime } from '../base/passed-time.ts';
import { DurableError } from '../core/errors.ts';
import type { InstanceId } from '../core/ids.ts';
import { partitionOf } from '../core/partition-of.ts';
import { dueTimeMs, isActivityMessage, type TaskMessage } from '../core/task-message.ts';
import type { MovableTaskHubBackend } from '../engine/hub-archive.ts';
import type { Logger } from '../telemetry/log.ts';
import { appLeaseId } from './app-lease/app-lease-info.ts';
import { AppLease } from './app-lease/app-lease.ts';
import { AppTurns } from './app-lease/app-turns.ts';
import { BackgroundWork } from './background-work.ts';
import { ExecutionBlobs } from './blobs/execution-blobs.ts';
import { ImportMark } from './blobs/import-mark.ts';
import { PurgeNotes } from './blobs/purge-notes.ts';
import { LargePayloads } from './blobs/large-payloads.ts';
import type { AnswerListener, RequestListener } from './clients/request-listener.ts';
import type { StorageAccess } from './clients/storage-access.ts';
import { openStorage } from './clients/storage-clients.ts';
import { StorageHealth } from './clients/storage-health.ts';
import { commitOrchestration } from './commit-orchestration.ts';
import { completeActivity } from './complete-activity.ts';
import { Deliveries, RETURN_PATIENCE_MS } from './deliveries.ts';
import { createHubArchive } from './hub-archive.ts';
import { createHubStorage, deleteHubStorage, hubStorageExists } from './hub-storage.ts';
import { listHubUsers } from './hub-users.ts';
import { HubApps } from './hub-apps.ts';
import { AZURE_STORAGE_LIMITS } from './limits.ts';
import { hubNames } from './names.ts';
import type { PartitionListener, PartitionOwnership } from './partitions/partition-ownership.ts';
import { DEFAULT_LEASE_INTERVAL_MS, openPartitions } from './partitions/open-partitions.ts';
import type { PartitionOptions } from './partitions/partition-options.ts';
import { throughPassingFailures } from './passing-failure.ts';
import { PoisonStore } from './poison-store.ts';
import { purgeInstance } from './purge-instance.ts';
import { ControlQueue } from './queues/control-queue.ts';
import { LockKeeper } from './queues/lock-keeper.ts';
import type { QueueMessageEncoding } from './queues/message-codec.ts';
import { MessagePost, SELF_LEASE_MS } from './queues/message-post.ts';
import { MessageQueue } from './queues/message-queue.ts';
import { MessageReader } from './queues/message-reader.ts';
import { UnreadableMessages, unreadableOf } from './queues/unreadable-messages.ts';
import { WorkItemQueue } from './queues/work-item-queue.ts';
import { heldOf } from './queues/held-message.ts';
import { dropMessages, peekMessages } from './peek-messages.ts';
import { readBacklog } from './read-backlog.ts';
import { readContents } from './read-contents.ts';
import { listStrays } from './strays.ts';
import { readPartitionCount } from './read-partition-count.ts';
import { replayPoison, setAside } from './set-aside.ts';
import { startInstance } from './start-instance.ts';
import { HistoryTable } from './tables/history-table.ts';
import { InstancesTable } from './tables/instances-table.ts';
import type { Doorbell } from './wake-ups/doorbell.ts';
import { askRunning, ringDoorbell } from './wake-ups/call-doorbell.ts';
import { WakeUps } from './wake-ups/wake-ups.ts';

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
  /**
   * Where others tell this process of messages for it. With it, this process tells others, too, also when it receives nothing.
   * @default messages of others are found by polling
   */
  readonly doorbell?: Doorbell | undefined;
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
  /** Told what came of every HTTP request. */
  readonly onAnswer?: AnswerListener | undefined;
  /** For so long nothing may come from storage while an answer is due: then the request is tried again. @default 45 000 */
  readonly answerTimeoutMs?: number | undefined;
}

const DEFAULT_BUFFER_THRESHOLD = 256;
const MAX_ASKED_AT_ONCE = 16;

const SYSTEM = {
  now: () => Date.now(),
  newId: () => randomUUID().replaceAll('-', ''),
};

/** @throws {InvalidInputError} when the connection string cannot be understood. */
export function createAzureStorageBackend(
  options: AzureStorageBackendOptions,
): MovableTaskHubBackend {
  const { taskHub, partitionCount, log } = options;
  const ambient = options.ambient ?? SYSTEM;
  const now = () => ambient.now();
  const newId = () => ambient.newId();
  const maxPollingIntervalMs = options.maxQueuePollingIntervalMs;

  const names = hubNames(taskHub, partitionCount);
  const health = new StorageHealth({ taskHub, log, now });
  const { onRequest, onAnswer, answerTimeoutMs } = options;
  const storage = openStorage(options.account, onRequest, { health, onAnswer, answerTimeoutMs });
  const controlQueues = names.controlQueues.map(
    (name) => new MessageQueue(storage.queue(name), storage.messages(name), now),
  );
  const workItemQueue = new MessageQueue(
    storage.queue(names.workItemQueue),
    storage.messages(names.workItemQueue),
    now,
  );
  const largeMessageContainer = storage.container(names.largeMessageContainer);
  const payloads = new LargePayloads(largeMessageContainer);
  const historyTable = storage.table(names.historyTable);
  const instancesTable = storage.table(names.instancesTable);
  const history = new HistoryTable({
    table: historyTable,
    rows: storage.rows(names.historyTable),
    storeInputs: options.storeInputsInHistory,
    payloads,
    now,
    newId,
  });
  const instances = new InstancesTable({
    table: instancesTable,
    rows: storage.rows(names.instancesTable),
    taskHub,
    payloads,
    now,
    newId,
  });
  const poison = new PoisonStore(
    storage.container(names.poison),
    new MessageQueue(storage.queue(names.poison), storage.messages(names.poison), now),
  );
  const { doorbell } = options;
  const wakeUps =
    doorbell &&
    new WakeUps({
      readOwners: () => partitions.readWorkers(),
      ownName: () => partitions.workerName,
      ownKey: doorbell.key,
      ring: ringDoorbell,
      passedMs: passedTime(),
    });
  const apps = new HubApps({
    container: storage.container(names.leaseContainer),
    readWorkers: () => partitions.readWorkers(),
    leaseMs: options.partitions?.leaseIntervalMs ?? DEFAULT_LEASE_INTERVAL_MS,
    passedMs: passedTime(),
    log,
  });
  const partitions = openPartitions({
    ...options.partitions,
    taskHub,
    storage,
    names,
    isIdle: () => deliveries.isIdle,
    doorbell: () => doorbell?.address,
    onRead: (workers) => {
      if (workers === undefined) {
        wakeUps?.forget();
      } else {
        wakeUps?.learn(workers);
        apps.learn(workers);
      }
    },
    onHandedOver: (worker) => wakeUps?.tellWorker(worker),
    onAnnounced: () => wakeUps?.tell('partitions'),
    app: () => apps.ownId,
    now,
    log,
  });
  const hub = {
    taskHub,
    partitionCount,
    names,
    queues: [...controlQueues, workItemQueue],
    historyTable,
    instancesTable,
    partitionsTable: storage.table(names.partitionsTable),
    partitions,
    leaseContainer: storage.container(names.leaseContainer),
    appLeaseContainer: storage.container(names.appLeaseContainer),
    largeMessageContainer,
    poison,
    now,
  };

  const encoding = options.messageEncoding;
  const background = new BackgroundWork(log);
  const executionBlobs = new ExecutionBlobs();
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
      partitions.ownership,
    );
  const ownership: PartitionOwnership = turns ?? partitions.ownership;
  const selfLeaseMs = options.selfLeaseMs ?? SELF_LEASE_MS;
  const hidden = (message: TaskMessage, untilMs: number): void => {
    if (!isActivityMessage(message)) receiverOf(message)?.expectAt(untilMs);
    else scheduleOnSystem(Math.max(0, untilMs - now()), () => wakeUps?.tell('activities'));
  };
  const receiverOf = ({ target }: TaskMessage): ControlQueue | undefined =>
    receivers[partitionOf(target.instanceId, partitionCount)];
  /** A message that everybody sees has its reader look for it: this process, or the one that is told of it. */
  const arrived = (message: TaskMessage): void => {
    if ((dueTimeMs(message) ?? 0) > now()) return;
    if (isActivityMessage(message)) {
      workItems.wake();
      wakeUps?.tell('activities');
      return;
    }
    const partition = partitionOf(message.target.instanceId, partitionCount);
    if (ownership.owns(partition)) receivers[partition]?.wake();
    else wakeUps?.tell(partition);
  };
  /** Where workers share the hub, clients of all of them send: who comes after another must not be handed over in memory. */
  const mayBeOvertaken = ({ sender }: TaskMessage): boolean =>
    sender.instanceId === '' && isShared();
  const isShared = (): boolean => !receivers.every((_, partition) => ownership.owns(partition));
  const keeper = new LockKeeper({ taskHub, now, log });
  const unreadable = new UnreadableMessages({
    isBusy: (): boolean => !deliveries.inbox.isEmpty,
    now,
    log,
  });
  const reader = new MessageReader({ taskHub, payloads, keeper, unreadable, log });
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
    arrived,
  });
  const receivers = controlQueues.map(
    (queue, partition) =>
      new ControlQueue(queue, {
        taskHub,
        reader,
        log,
        isOwned: () => ownership.owns(partition),
        batchSize: options.controlQueueBatchSize,
        bufferThreshold: options.controlQueueBufferThreshold ?? DEFAULT_BUFFER_THRESHOLD,
        visibilityTimeoutMs: options.controlQueueVisibilityTimeoutMs,
        maxPollingIntervalMs,
        selfLeaseMs,
        deliver: (message) => {
          deliveries.deliver(message);
        },
        waitingCount: () => deliveries.inbox.waitingCount + deliveries.leftCount(partition),
        now,
      }),
  );
  const parts = {
    post,
    history,
    instances,
    deliveries,
    arrived,
    payloads,
    executionBlobs,
    background,
  };

  doorbell?.onRing((waiting) => {
    if (waiting === 'partitions') {
      if (!isWorking) return false;
      ownership.look();
      return true;
    }
    const queue = waiting === 'activities' ? workItems : receivers[waiting];
    if (queue?.isRunning !== true) return false;
    // Who has no room lets others find it.
    if (waiting !== 'activities' || workItems.isWanted) queue.wake();
    return true;
  });

  const purges = new PurgeNotes(largeMessageContainer);
  let isWorking = false;
  const work: PartitionListener = {
    began() {
      isWorking = true;
      workItems.start();
      deliveries.startActivities();
    },
    acquired: (partition) => receivers[partition]?.start(),
    async released(partition, signal) {
      await receivers[partition]?.stop();
      await deliveries.releasePartition(partition, signal);
    },
    async ended() {
      isWorking = false;
      await deliveries.stopActivities();
    },
  };

  return {
    ...createHubArchive({
      queues: hub.queues,
      payloads,
      history,
      instances,
      mark: new ImportMark(largeMessageContainer),
    }),
    limits: AZURE_STORAGE_LIMITS,
    createHub: () => throughPassingFailures(() => createHubStorage(hub)),
    deleteHub: (how = {}) => deleteHubStorage(hub, how),

    hubExists: () => hubStorageExists(hub),
    listHubUsers: () => listHubUsers(storage, names, { nowMs: now(), apps }),
    readPartitionCount: () => readPartitionCount(storage, names),
    readBacklog: () => readBacklog({ controlQueues, workItemQueue, partitions }),
    peekMessages: (query) => peekMessages(hub.queues, query),
    dropMessages: (queue, isMeant) => dropMessages(hub.queues, queue, isMeant),
    readContents: () =>
      readContents([
        { container: largeMessageContainer, what: 'large payloads' },
        { container: storage.container(names.poison), what: 'messages set aside' },
      ]),
    listStrays: (writtenTo) =>
      listStrays({ historyTable, instancesTable, largeMessageContainer }, writtenTo),
    async claimHub() {
      if (!turns) {
        throw new DurableError(
          'CONFIG',
          'Cannot force change app lease. UseAppLease is not enabled.',
        );
      }
      await turns.claim();
    },

    outage: () => health.outage,

    async start(app) {
      health.keepWhole(() => createHubStorage(hub));
      if (app !== undefined) await apps.publish(app);
      await ownership.start(work);
    },
    async stop() {
      // Whoever stops has waited for what runs, or does not want to: items still out may be committed afterwards.
      health.keepWhole(undefined);
      await ownership.stop(AbortSignal.abort());
      await unreadable.releaseAll();
      await background.settled();
      await keeper.releaseAll(RETURN_PATIENCE_MS);
      await ownership.release();
      // The process may end when this is done.
      await wakeUps?.settled();
    },

    createInstance: (start, existing) => startInstance(parts, start, existing),
    async sendMessage(message: TaskMessage) {
      if (!isActivityMessage(message) && !mayBeOvertaken(message) && deliveries.holds(message)) {
        deliveries.deliver((await post.putHeld(message)).held);
        return;
      }
      await post.put(message);
      arrived(message);
    },
    findInstance: (instanceId, { input = false, output = false, ...options } = {}) =>
      instances.find(instanceId, { input, output, ...options }),
    listInstances: (query) => instances.list(query),
    readHistory: async (instanceId, options) => (await history.load(instanceId, options)).events,
    purgeInstance: (instanceId, record) => purgeInstance(parts, instanceId, record),
    notePurge: (purge) => purges.write(purge),
    forgetPurge: (purge) => purges.delete(purge),
    listPurges: () => purges.list(),
    rewriteHistory: (instanceId, rewrite) => history.rewrite(instanceId, rewrite),
    reviveInstance: (record, lastUpdatedTime) => instances.revive(record, lastUpdatedTime),

    listPoison: (query) => poison.list(query),
    findPoison: (id) => poison.find(id),
    replayPoison: (id) => replayPoison({ poison, post, arrived, queues: hub.queues }, id),
    dropPoison: (id) => poison.delete(id),

    leads: () => ownership.owns(0),
    ownedPartitions: () => receivers.filter((_, partition) => ownership.owns(partition)).length,
    otherApps: () => apps.others,
    async runningElsewhere(count) {
      const others = [...((await wakeUps?.others()) ?? [])];
      return atMost(MAX_ASKED_AT_ONCE, others, async ([worker, door]) => ({
        worker,
        now: door && (await askRunning(door, count)),
      }));
    },
    lookForOthers: () => apps.refresh(),

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
    abandonOrchestration(item, { toAnyWorker = false, leftTo } = {}) {
      if (leftTo !== undefined) {
        const app = apps.idOf(leftTo);
        deliveries.leaveItem(item);
        if (app !== undefined) ownership.leaveTo(app, partitionOf(item.instanceId, partitionCount));
      } else if (toAnyWorker) deliveries.returnItem(item);
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
    abandonActivity(item, { isUntried = false, toOthers = false } = {}) {
      if (toOthers) deliveries.leaveToOthers(heldOf(item));
      else if (isUntried) deliveries.putBack(heldOf(item));
      else deliveries.redeliver([heldOf(item)]);
      return Promise.resolve();
    },

    nextUnreadable: (signal) => unreadable.next(signal),
    abandonUnreadable: (message) => unreadable.giveBack(unreadableOf(message)),
    setAside: (messages, reason) =>
      setAside(
        { poison, newId, now, queueOf: (message) => post.queueOf(message).name },
        messages,
        reason,
      ),
  };
}
