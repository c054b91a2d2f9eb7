/** Entities on the real storage: how many requests they cost, and states that fit in no row. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createTaskHubWorker, type TaskHubWorker } from '../../src/engine/task-hub-worker.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { eventually } from '../support/eventually.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const POLL = 'queue get';
let nextId = 0;
const ambient = { now: () => Date.now(), newId: () => String(nextId++).padStart(32, 'b') };

describe('entities in Azure Storage', () => {
  let app: SdkApp;
  let backend: TaskHubBackend;
  let worker: TaskHubWorker;
  let client: TaskHubClient;
  const requests: string[] = [];
  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', 'orchestrations/entities.cjs');
  });
  afterAll(async () => {
    await app.dispose();
  });
  afterEach(async () => {
    await worker.stop();
    await backend.deleteHub();
  });

  async function startHub(): Promise<void> {
    const onRequest = (kind: string, operation: string): void => {
      requests.push(`${kind} ${operation}`);
    };
    backend = createAzureStorageBackend(azureOptions({ onRequest }));
    await backend.createHub();
    const common = { backend, ambient, log: silentLogger };
    const settings = {
      taskHub: 'Azurite',
      maxConcurrentActivities: 4,
      maxConcurrentOrchestrations: 4,
    };
    worker = createTaskHubWorker({ ...common, invoker: app.invoker, settings });
    client = new TaskHubClient({ ...common, taskHub: 'Azurite' });
    await worker.start();
    await eventually(() => requests.filter((name) => name === POLL).length >= 4);
  }

  async function run(name: string, input: unknown): Promise<unknown> {
    const id = await client.start({ name, input: JSON.stringify(input) });
    const record = await client.waitForTerminal(id, { timeoutMs: 20_000, intervalMs: 50 });
    const output = record?.output ?? null;
    return record?.runtimeStatus === 'Completed' && output !== null ? JSON.parse(output) : output;
  }

  async function stateIs(key: string, state: string): Promise<void> {
    await eventually(async () => (await client.entities.readState('counter', key)) === state, {
      timeoutMs: 20_000,
    });
  }

  it('take four requests for a signal, none of them to read', async () => {
    await startHub();
    await client.entities.signal('Counter', 'k', 'add', '1');
    await stateIs('k', '1');
    await eventually(() => requests.filter((name) => name === 'queue delete').length === 1);
    requests.length = 0;

    await client.entities.signal('Counter', 'k', 'add', '1');
    await eventually(() => requests.includes('queue delete'));

    expect(requests.filter((name) => name !== POLL).sort()).toEqual([
      'queue delete',
      'queue put',
      'table batch',
      'table merge',
    ]);
    await stateIs('k', '2');
  });

  it('keep states of any size', async () => {
    await startHub();

    expect(
      await run('Calls', [
        ['big', 'fill', 200_000],
        ['big', 'length'],
        ['big', 'fill', 100_000],
        ['big', 'length'],
      ]),
    ).toEqual([null, 200_000, null, 100_000]);
    expect(await client.entities.readState('Counter', 'big')).toBe(`"${'x'.repeat(100_000)}"`);
  });

  it('exclude orchestrations from each other, and from what was purged', async () => {
    await startHub();

    const others = await Promise.all([1, 2, 3, 4].map(() => run('Increments', 'shared')));

    expect(others).toEqual([0, 0, 0, 0]);
    await stateIs('shared', '4');
    expect(await client.purge('@counter@shared')).toBe(1);
    expect(await run('Calls', [['shared', 'add', 1]])).toEqual([1]);
  });

  it('are locked in a ring without a deadlock, and released by what ends', async () => {
    await startHub();
    const keys = ['a', 'b', 'c'];
    const transfers = keys.map((from, n) => ({ from, to: keys[(n + 1) % keys.length] }));
    await client.start({ name: 'Holds', input: '["a","b"]', instanceId: 'holds' });
    await eventually(async () => {
      const status = await client.findStatus('holds', { input: false });
      return status?.customStatus === '"holding"';
    });
    await client.terminate('holds', null);

    await Promise.all(transfers.map((input) => run('Transfers', input)));

    for (const key of keys) await stateIs(key, '0');
  });
});
