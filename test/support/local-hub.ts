/** A task hub in a folder of its own that runs an app: worker, client, and what lies in the database. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SYSTEM_CLOCK } from '../../src/base/clock.ts';
import { isTerminal, type InstanceRecord } from '../../src/core/instance-status.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import {
  createTaskHubWorker,
  type TaskHubWorker,
  type TaskHubWorkerSettings,
} from '../../src/engine/task-hub-worker.ts';
import { HubDatabase } from '../../src/local/hub-database.ts';
import { HubHealth } from '../../src/local/hub-health.ts';
import type { HubTables } from '../../src/local/hub-tables.ts';
import { createLocalBackend, type LocalBackendOptions } from '../../src/local/local-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { eventually, type Patience } from './eventually.ts';

const newId = (): string => randomUUID().replaceAll('-', '');
export const TASK_HUB = 'LocalHub';

/** Removed by whoever made it. */
export function temporaryFolder(): string {
  return mkdtempSync(path.join(tmpdir(), 'local-hub-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** The file of the hub in such a folder. */
export function hubFile(folder: string): string {
  return path.join(folder, TASK_HUB, 'hub.mdb');
}

export function localOptions(
  folder: string,
  changes: Partial<LocalBackendOptions> = {},
): LocalBackendOptions {
  return { path: folder, taskHub: TASK_HUB, log: silentLogger, ...changes };
}

/** The database of a hub, beside the backend. */
export function openDatabase(folder: string): HubDatabase {
  return new HubDatabase({
    taskHub: TASK_HUB,
    folder: path.join(folder, TASK_HUB),
    health: new HubHealth(TASK_HUB, silentLogger),
  });
}

/** How many messages lie in the hub, those that wait for their time included. */
export function messageCount({ control, workItems }: HubTables): number {
  return [control, workItems]
    .flatMap(({ ready, due }) => [ready.getKeysCount(), due.getKeysCount()])
    .reduce((sum, count) => sum + count, 0);
}

/** A client of the hub; with an invoker a worker, too. */
export class LocalHub {
  readonly folder: string;
  readonly backend: TaskHubBackend;
  readonly client: TaskHubClient;
  readonly worker: TaskHubWorker | undefined;
  readonly #database: HubDatabase;

  constructor(
    folder: string,
    changes: Partial<LocalBackendOptions> = {},
    app?: {
      readonly invoker: FunctionInvoker;
      readonly settings?: Partial<TaskHubWorkerSettings>;
    },
  ) {
    this.folder = folder;
    const options = localOptions(folder, changes);
    const { log, clock = SYSTEM_CLOCK } = options;
    this.#database = openDatabase(folder);
    this.backend = createLocalBackend(options);
    const around = { backend: this.backend, ambient: { now: () => clock.now(), newId }, log };
    this.client = new TaskHubClient({ ...around, taskHub: TASK_HUB });
    this.worker =
      app &&
      createTaskHubWorker({
        ...around,
        invoker: app.invoker,
        settings: {
          taskHub: TASK_HUB,
          maxConcurrentActivities: 20,
          maxConcurrentOrchestrations: 20,
          ...app.settings,
        },
      });
  }

  async start(): Promise<void> {
    await this.backend.createHub();
    await this.worker?.start();
  }

  async stop(): Promise<void> {
    await this.worker?.stop();
    await this.#database.close();
  }

  /** @throws {Error} when it has not ended in time. */
  async ended(instanceId: string, patience: Patience = {}): Promise<InstanceRecord> {
    return eventually(
      async () => {
        const record = await this.client.findStatus(instanceId, { input: true });
        return record && isTerminal(record.runtimeStatus) ? record : undefined;
      },
      { timeoutMs: 20_000, intervalMs: 10, ...patience },
    );
  }

  messageCount(): number {
    return this.#database.read(messageCount);
  }
}
