/** A hub in Azurite that runs an app, and the storage behind it, past the engine. */
import {
  createAzureStorageBackend,
  type AzureStorageBackendOptions,
} from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { PartitionTable } from '../../src/azure-storage/partitions/partition-table.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { randomUUID } from 'node:crypto';
import { answeredId } from '../../src/core/answered-request.ts';
import { isTerminal, type InstanceRecord } from '../../src/core/instance-status.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import type { MovableTaskHubBackend } from '../../src/engine/hub-archive.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import {
  createTaskHubWorker,
  type TaskHubWorker,
  type TaskHubWorkerSettings,
} from '../../src/engine/task-hub-worker.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { eventually, type Patience } from './eventually.ts';

const AMBIENT = { now: () => Date.now(), newId: () => randomUUID().replaceAll('-', '') };

/** So short that what a fault left locked, and what a dead process owned, comes back soon. */
export const SHORT_LEASES = {
  selfLeaseMs: 3_000,
  controlQueueVisibilityTimeoutMs: 4_000,
  workItemQueueVisibilityTimeoutMs: 4_000,
  maxQueuePollingIntervalMs: 500,
  partitions: { leaseIntervalMs: 6_000, acquireIntervalMs: 1_000 },
} as const satisfies Partial<AzureStorageBackendOptions>;

/** A client of the hub; with an invoker a worker, too. */
export class AzureHub {
  readonly options: AzureStorageBackendOptions;
  readonly backend: MovableTaskHubBackend;
  readonly client: TaskHubClient;
  readonly worker: TaskHubWorker | undefined;

  constructor(
    changes: Partial<AzureStorageBackendOptions> = {},
    app?: {
      readonly invoker: FunctionInvoker;
      readonly settings?: Partial<TaskHubWorkerSettings>;
      /** By which other workers know it. @default they do not */
      readonly appName?: string;
      /** What the worker has in place of the backend. */
      readonly decorate?: (backend: TaskHubBackend) => TaskHubBackend;
    },
  ) {
    this.options = azureOptions({ partitionCount: 1, ...changes });
    const { taskHub, log, ambient = AMBIENT } = this.options;
    this.backend = createAzureStorageBackend(this.options);
    this.client = new TaskHubClient({ backend: this.backend, ambient, log, taskHub });
    this.worker =
      app &&
      createTaskHubWorker({
        backend: app.decorate?.(this.backend) ?? this.backend,
        invoker: app.invoker,
        ambient,
        log,
        appName: app.appName,
        settings: {
          taskHub,
          maxConcurrentActivities: 20,
          maxConcurrentOrchestrations: 20,
          ...app.settings,
        },
      });
  }

  /** Who has which partition. */
  partitionTable(): PartitionTable {
    const { names, storage } = this.storage();
    const { controlQueues, partitionsTable } = names;
    return new PartitionTable({
      table: storage.table(partitionsTable),
      rows: storage.rows(partitionsTable),
      controlQueues,
      timeoutMs: 30_000,
    });
  }

  /** The same hub without a worker, straight to storage. */
  observer(account: string): AzureHub {
    return new AzureHub({ ...this.options, account, log: silentLogger });
  }

  async start(): Promise<void> {
    await this.backend.createHub();
    await this.worker?.start();
  }

  async stop(): Promise<void> {
    await this.worker?.stop();
  }

  /** @throws {Error} when it has not ended in time: says how far it has come. */
  async ended(instanceId: string, patience: Patience = {}): Promise<InstanceRecord> {
    const find = async () => {
      const record = await this.client.findStatus(instanceId, { input: true });
      return record && isTerminal(record.runtimeStatus) ? record : undefined;
    };
    try {
      return await eventually(find, { timeoutMs: 20_000, intervalMs: 50, ...patience });
    } catch (cause) {
      const state = await this.#stateOf(instanceId);
      const messages = await this.messageCount();
      throw new Error(`Not ended: ${state}\n${messages} messages in the queues`, { cause });
    }
  }

  /** What is stored of an instance, and of the children that have not answered it. */
  async #stateOf(instanceId: string): Promise<string> {
    const record = await this.client.findStatus(instanceId, { input: false });
    const history = await this.client.readHistory(instanceId);
    const lines = history.map((event) => {
      const { EventType, EventId, Timestamp, ...rest } = event;
      const subject = answeredId(event) ?? ('Name' in rest ? rest.Name : '');
      return `  ${Timestamp} ${EventType} ${EventId} ${subject}`;
    });
    const answered = new Set(history.map(answeredId));
    const states: string[] = [];
    for (const event of history) {
      if (event.EventType !== 'SubOrchestrationInstanceCreated' || answered.has(event.EventId))
        continue;
      states.push(await this.#stateOf(event.InstanceId));
    }
    const status = record?.runtimeStatus ?? 'no row';
    return [`${instanceId}: ${status}`, ...lines, ...states].join('\n');
  }

  /** How many messages lie in the queues, hidden ones included. */
  async messageCount(): Promise<number> {
    const { names, storage } = this.storage();
    const queues = [...names.controlQueues, names.workItemQueue].map((name) => storage.queue(name));
    const counts = await Promise.all(
      queues.map(async (queue) => (await queue.getProperties()).approximateMessagesCount ?? 0),
    );
    return counts.reduce((sum, count) => sum + count, 0);
  }

  /** The names of all large payloads, sorted. */
  async payloadNames(): Promise<readonly string[]> {
    const { names, storage } = this.storage();
    const container = storage.container(names.largeMessageContainer);
    const found: string[] = [];
    if (!(await container.exists())) return found;
    for await (const { name } of container.listBlobsFlat()) found.push(name);
    return found.sort();
  }

  storage() {
    const { account, taskHub, partitionCount } = this.options;
    return {
      names: hubNames(taskHub, partitionCount),
      storage: openStorage(account, undefined),
    };
  }
}
