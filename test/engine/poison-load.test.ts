/**
 * Many messages that cannot be read among many instances: they keep nobody from anything. A sample; the real thing, with its times, is
 * DURABLE_POISON_LOAD=1000 npx vitest run test/engine/poison-load.test.ts
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createTaskHubWorker } from '../../src/engine/task-hub-worker.ts';
import { putMessage, takeSequences } from '../../src/local/queue-rows.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import {
  localOptions,
  openDatabase,
  removeFolder,
  TASK_HUB,
  temporaryFolder,
} from '../support/local-hub.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const COUNT = Number(process.env['DURABLE_POISON_LOAD'] ?? 40);
const AT_ONCE = 32;

interface LoadedHub {
  readonly backend: TaskHubBackend;
  readonly taskHub: string;
  /** Puts a text among the messages of instances. */
  putText(text: string): Promise<void>;
  end(): Promise<void>;
}

function azureHub(): LoadedHub {
  const hub = new AzureHub({ partitionCount: 4 });
  const { backend, options } = hub;
  const { storage, names } = hub.storage();
  let next = 0;
  return {
    backend,
    taskHub: options.taskHub,
    async putText(text) {
      const queue = names.controlQueues[next++ % names.controlQueues.length] ?? '';
      await storage.messages(queue).put(text, 0);
    },
    end: () => backend.deleteHub(),
  };
}

function localHub(): LoadedHub {
  const folder = temporaryFolder();
  const backend = createLocalBackend(localOptions(folder));
  return {
    backend,
    taskHub: TASK_HUB,
    async putText(text) {
      const database = openDatabase(folder);
      await database.write((tables) => () => {
        const sequence = takeSequences(tables, tables.control, 1);
        putMessage(tables.control, { sequence, dueMs: undefined }, text);
      });
      await database.close();
    },
    end() {
      removeFolder(folder);
      return Promise.resolve();
    },
  };
}

describe.each([
  ['Azure Storage', azureHub],
  ['a folder', localHub],
])('in %s', (place, createHub) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', 'orchestrations/poison.cjs');
  });
  afterAll(() => app.dispose());

  /** @returns how long the instances took from the start of their worker, in ms. */
  async function run(poisonCount: number): Promise<number> {
    const hub = createHub();
    const { backend, taskHub } = hub;
    await backend.createHub();
    const ambient = { now: Date.now, newId: () => crypto.randomUUID().replaceAll('-', '') };
    const client = new TaskHubClient({ backend, ambient, log: silentLogger, taskHub });
    const numbers = [...Array(COUNT).keys()];
    while (numbers.length > 0) {
      const some = numbers.splice(0, AT_ONCE);
      await Promise.all(
        some.map(async (number) => {
          if (number < poisonCount) await hub.putText(`no message ${number}`);
          const instanceId = `order-${number}`;
          await client.start({ name: 'CallActivity', input: String(number), instanceId });
        }),
      );
    }
    const worker = createTaskHubWorker({
      backend,
      invoker: app.invoker,
      ambient,
      log: silentLogger,
      settings: {
        taskHub,
        maxConcurrentActivities: 20,
        maxConcurrentOrchestrations: 20,
        poisonMessageThreshold: COUNT > 100 ? 5 : 2,
      },
    });
    const startedMs = performance.now();
    await worker.start();
    try {
      await eventually(
        async () => {
          const query = { pageSize: 1, includeInput: false, includeOutput: false } as const;
          const runtimeStatuses = ['Pending', 'Running'] as const;
          return (await client.list({ ...query, runtimeStatuses })).instances.length === 0;
        },
        { timeoutMs: 120_000, intervalMs: 50 },
      );
      const tookMs = performance.now() - startedMs;
      await eventually(async () => (await countOf(client)) === poisonCount, {
        timeoutMs: 120_000,
        intervalMs: 250,
      });
      const { instances } = await client.list({
        pageSize: COUNT,
        includeInput: false,
        includeOutput: false,
        runtimeStatuses: ['Completed'],
      });
      expect(instances.length).toBeGreaterThan(0);
      return tookMs;
    } finally {
      await worker.stop();
      await hub.end();
    }
  }

  async function countOf({ poison }: TaskHubClient): Promise<number> {
    let count = 0;
    for await (const message of poison.all()) if (message.body.startsWith('no message')) count++;
    return count;
  }

  it(`${COUNT} bad messages keep none of ${COUNT} instances from its end`, LONG, async () => {
    // The first run of a process is slower.
    if (COUNT > 100) await run(0);
    const withPoison = [await run(COUNT)];
    if (COUNT <= 100) return;
    const without = [await run(0)];
    withPoison.push(await run(COUNT));
    without.push(await run(0));
    const text = (times: readonly number[]): string => times.map((ms) => Math.round(ms)).join(', ');
    process.stdout.write(
      `${place}: ${COUNT} instances: ${text(without)} ms; among as many bad messages: ${text(withPoison)} ms\n`,
    );
  });
});
