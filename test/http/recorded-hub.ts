/** The recordings in test/golden/http, and hubs in memory that hold what they were about. */
import { readFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import type { InstanceRecord, RuntimeStatus } from '../../src/core/instance-status.ts';
import { TaskHubClient, type TaskHubClientOptions } from '../../src/engine/task-hub-client.ts';
import { createManagementApp, type ManagementAppOptions } from '../../src/http/app.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import { silentLogger } from '../../src/telemetry/log.ts';

export interface Exchange {
  readonly label: string;
  /** Instance ids with the status they have before the request. */
  readonly given?: Readonly<Record<string, RuntimeStatus>>;
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string | null;
  };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

export interface StoredInstance {
  readonly record: InstanceRecord;
  readonly history: readonly HistoryEvent[];
}

export function readGolden(file: string): unknown {
  const url = new URL(`../golden/http/${file}`, import.meta.url);
  return JSON.parse(readFileSync(url, 'utf8')) as unknown;
}

/** A client of a hub in memory, and its store to look into. */
export function memoryHub(
  taskHub = 'GoldenB',
  settings: Pick<TaskHubClientOptions, 'defaultVersion' | 'purgeIgnoresOpenStatuses'> = {},
): { client: TaskHubClient; store: MemoryStore } {
  const store = new MemoryStore();
  const client = new TaskHubClient({
    backend: createMemoryBackend({ store }),
    ambient: { now: () => Date.now(), newId: () => randomUUID().replaceAll('-', '') },
    log: silentLogger,
    taskHub,
    ...settings,
  });
  return { client, store };
}

/** An instance of `EventOrch` in the given status, with a short history. */
export function putInstance(
  store: MemoryStore,
  instanceId: string,
  runtimeStatus: RuntimeStatus,
  changes: Partial<InstanceRecord> = {},
): void {
  const isOver = ['Completed', 'Failed', 'Terminated', 'Canceled'].includes(runtimeStatus);
  const record: InstanceRecord = {
    instanceId: toInstanceId(instanceId),
    executionId: 'e1',
    parentInstanceId: null,
    name: 'EventOrch',
    version: null,
    runtimeStatus,
    input: '{"n":1}',
    output: isOver ? '"over"' : null,
    customStatus: null,
    createdTime: '2026-01-02T03:04:05.6789Z',
    lastUpdatedTime: '2026-01-02T03:04:06.1Z',
    completedTime: isOver ? '2026-01-02T03:04:06.1Z' : null,
    scheduledStartTime: null,
    generation: 0,
    tags: null,
    etag: '1',
    ...changes,
  };
  putStored(store, { record, history: [] });
}

export function putStored(store: MemoryStore, { record, history }: StoredInstance): void {
  store.instances.set(record.instanceId, record);
  store.histories.set(record.instanceId, {
    executionId: toExecutionId(record.executionId ?? ''),
    events: history,
    version: '1',
  });
}

/** The management API over one hub, as it was mounted for the recordings; other hubs are unknown. */
export function managementApp(client: TaskHubClient, options: Partial<ManagementAppOptions> = {}) {
  return createManagementApp({
    basePath: '/runtime/webhooks/durabletask',
    client: ({ taskHub = client.taskHub, connection = 'Storage' }) =>
      taskHub === client.taskHub && connection === 'Storage' ? client : undefined,
    urls: {
      webhookPath: '/runtime/webhooks/durabletask',
      taskHub: client.taskHub,
      code: 'REFKEY',
    },
    log: silentLogger,
    ...options,
  });
}
