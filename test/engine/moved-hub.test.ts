/** A hub that is moved with everything under way, from each storage to another: the other side finishes it with the right outcome. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { isTerminal, type InstanceRecord } from '../../src/core/instance-status.ts';
import { exportHub } from '../../src/engine/archive/export-hub.ts';
import { importHub } from '../../src/engine/archive/import-hub.ts';
import type { MovableTaskHubBackend } from '../../src/engine/hub-archive.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createTaskHubWorker } from '../../src/engine/task-hub-worker.ts';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { eventually } from '../support/eventually.ts';
import { LONG, patient } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SHORT_LEASES } from '../support/azure-hub.ts';

const root = mkdtempSync(path.join(tmpdir(), 'moved-hub-'));
const ambient = { now: Date.now, newId: () => randomUUID().replaceAll('-', '') };
let app: SdkApp;
let hubs = 0;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/moving.cjs');
});
afterAll(async () => {
  await app.dispose();
  rmSync(root, { recursive: true, force: true });
});

const STORES = {
  azure: () => createAzureStorageBackend({ ...azureOptions(SHORT_LEASES) }),
  local: () => createLocalBackend({ path: root, taskHub: `Moved${++hubs}`, log: silentLogger }),
  memory: () => createMemoryBackend(),
} as const satisfies Record<string, () => MovableTaskHubBackend>;

/** A host of the app on a hub. */
async function openHost(backend: MovableTaskHubBackend) {
  await backend.createHub();
  const taskHub = 'Moved';
  const log = silentLogger;
  const client = new TaskHubClient({ backend, ambient, log, taskHub });
  const settings = { taskHub, maxConcurrentActivities: 10, maxConcurrentOrchestrations: 10 };
  const worker = createTaskHubWorker({ backend, invoker: app.invoker, ambient, log, settings });
  const status = async (id: string): Promise<InstanceRecord | undefined> =>
    client.findStatus(id, { input: false, output: true });
  const reached = (id: string, is: (record: InstanceRecord) => boolean): Promise<InstanceRecord> =>
    eventually(
      async () => {
        const record = await status(id);
        return record !== undefined && is(record) ? record : undefined;
      },
      { timeoutMs: 30_000, intervalMs: 50 },
    );
  return {
    backend,
    client,
    worker,
    reached,
    ended: (id: string) => reached(id, ({ runtimeStatus }) => isTerminal(runtimeStatus)),
    async stop() {
      await worker.stop({ abort: AbortSignal.abort() });
    },
  };
}

type Host = Awaited<ReturnType<typeof openHost>>;

async function archiveOf(backend: MovableTaskHubBackend): Promise<readonly string[]> {
  const lines: string[] = [];
  const write = (line: string): Promise<void> => {
    lines.push(line);
    return Promise.resolve();
  };
  // What a host that was stopped at once had in its hands is hidden for some seconds.
  await eventually(
    async () => {
      lines.length = 0;
      await exportHub({ hub: backend, taskHub: 'Moved', ambient, write, leavesOut: false });
      return true;
    },
    { timeoutMs: 60_000, intervalMs: 1_000 },
  );
  return lines;
}

async function* asStream(lines: readonly string[]): AsyncGenerator<string> {
  for (const line of lines) yield await Promise.resolve(line);
}

const input = (value: unknown): string => JSON.stringify(value);
const LONG_TEXT = 'x'.repeat(100_000);

/** @returns when the timer is due. */
async function beginEverything({ client, reached }: Host, gate: string): Promise<void> {
  const due = new Date(Date.now() + patient(4_000)).toISOString();
  const start = (name: string, instanceId: string, value?: unknown) =>
    client.start({ name, instanceId, input: value === undefined ? null : input(value) });
  await start('Waits', 'waits');
  await start('Sleeps', 'sleeps', due);
  await start('Works', 'works', gate);
  await start('Calls', 'calls', 'child');
  await start('Waits', 'suspended');
  await start('Signals', 'signals');
  await start('Fails', 'fails');
  await client.entities.signal('Counter', 'one', 'add', '7');
  // Queues show it only when it is due.
  if (gate.startsWith('local')) {
    const scheduledTime = new Date(due);
    await client.entities.signal('Counter', 'one', 'add', '100', { scheduledTime });
  }
  await eventually(async () => (await client.entities.readState('Counter', 'one')) === '7');
  await start('Locks', 'locks');
  await client.start({
    name: 'Waits',
    instanceId: 'scheduled',
    input: null,
    scheduledStartTime: due,
  });
  const isRunning = ({ runtimeStatus }: InstanceRecord): boolean => runtimeStatus === 'Running';
  for (const id of ['waits', 'sleeps', 'works', 'calls', 'child', 'suspended', 'locks']) {
    await reached(id, isRunning);
  }
  for (const id of ['signals', 'fails']) {
    await reached(id, ({ runtimeStatus }) => isTerminal(runtimeStatus));
  }
  await client.suspend('suspended', 'for a while');
  await reached('suspended', ({ runtimeStatus }) => runtimeStatus === 'Suspended');
  await client.raiseEvent('suspended', 'first', input(1));
  await eventually(async () => (await client.entities.readState('Counter', 'two')) === '5');
}

/** On the other side. */
async function finishEverything({ client, ended }: Host): Promise<void> {
  await client.resume('suspended', null);
  for (const id of ['waits', 'child', 'scheduled']) {
    await client.raiseEvent(id, 'first', input(id));
    await client.raiseEvent(id, 'second', input(LONG_TEXT));
  }
  await client.raiseEvent('suspended', 'second', input(2));
  await client.raiseEvent('locks', 'plus', input(3));
  for (const id of ['waits', 'sleeps', 'works', 'calls', 'suspended', 'locks', 'scheduled']) {
    await ended(id);
  }
}

async function outcomes({ client }: Host): Promise<Readonly<Record<string, unknown>>> {
  const { instances } = await client.list({
    pageSize: 100,
    excludeEntities: true,
    includeInput: false,
    includeOutput: true,
  });
  const shown = instances.map(({ instanceId, runtimeStatus, output }): [string, unknown] => [
    instanceId,
    runtimeStatus === 'Completed' ? JSON.parse(output ?? 'null') : runtimeStatus,
  ]);
  return Object.fromEntries(shown.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function openGate(key: string): void {
  const holder = globalThis as unknown as Record<symbol, Map<string, string> | undefined>;
  (holder[Symbol.for('moving app')] ??= new Map()).set(key, 'open');
}

describe('a hub with everything under way', LONG, () => {
  it.each([
    ['local', 'azure'],
    ['azure', 'local'],
    ['local', 'memory'],
  ] as const)('is finished when it was moved from %s to %s', async (from, to) => {
    const gate = `${from} ${to}`;
    const sum = from === 'local' ? '110' : '10';
    const before = await openHost(STORES[from]());
    await before.worker.start();
    await beginEverything(before, gate);
    await before.stop();
    const lines = await archiveOf(before.backend);
    const after = await openHost(STORES[to]());

    await importHub({ hub: after.backend, lines: () => asStream(lines), merges: false });
    openGate(gate);
    await after.worker.start();
    await finishEverything(after);
    await eventually(
      async () => (await after.client.entities.readState('Counter', 'one')) === sum,
      { timeoutMs: 30_000 },
    );

    expect(await outcomes(after)).toEqual({
      calls: ['child', LONG_TEXT],
      child: ['child', LONG_TEXT],
      fails: 'Failed',
      locks: 7,
      scheduled: ['scheduled', LONG_TEXT],
      signals: 'sent',
      sleeps: 'awake',
      suspended: [1, 2],
      waits: ['waits', LONG_TEXT],
      works: [2, `through ${gate}`],
    });
    expect(await after.client.entities.readState('Counter', 'two')).toBe('5');
    await after.stop();
    await after.backend.deleteHub();
    await before.backend.deleteHub();
  });
});
