/**
 * The clients of all three SDK generations against the real server, with and without the loopback endpoint:
 * every method, on instances that are missing, running and finished.
 */
import * as v3 from 'durable-functions';
import * as v1 from 'durable-functions-v1';
import * as v2 from 'durable-functions-v2';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RuntimeStatus } from '../../src/core/instance-status.ts';
import {
  durableClientInput,
  type DurableClientInput,
} from '../../src/http/management/management-urls.ts';
import { listen, type HttpServer } from '../../src/http/node-server.ts';
import { listenForRpc, RPC_BASE_PATH, type RpcListener } from '../../src/http/rpc-listener.ts';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

/** What the generations have in common, under one spelling. */
interface Client {
  startNew(name: string, instanceId?: string, input?: unknown): Promise<string>;
  getStatus(instanceId: string): Promise<unknown>;
  getStatusAll(): Promise<unknown[]>;
  getStatusBy(from: Date, statuses: string[]): Promise<unknown[]>;
  raiseEvent(instanceId: string, name: string, data?: unknown): Promise<void>;
  terminate(instanceId: string, reason: string): Promise<void>;
  rewind(instanceId: string, reason: string): Promise<void>;
  purge(instanceId: string): Promise<unknown>;
  purgeBy(from: Date, statuses: string[]): Promise<unknown>;
  wait(instanceId: string, timeoutMs: number): Promise<unknown>;
  payload(instanceId: string): object;
  signal(name: string, key: string, operation: string, input?: unknown): Promise<void>;
  readState(name: string, key: string): Promise<{ entityExists: boolean; entityState?: unknown }>;
}

type Classic = Pick<typeof v1, 'getClient' | 'EntityId'>;

function classicClient(sdk: Classic, value: DurableClientInput): Client {
  const client = sdk.getClient({ bindings: { starter: value } });
  const status = (names: string[]) => names as unknown as v1.OrchestrationRuntimeStatus[];
  return {
    startNew: (name, id, input) => client.startNew(name, id, input),
    getStatus: (id) => client.getStatus(id),
    getStatusAll: () => client.getStatusAll(),
    getStatusBy: (from, names) => client.getStatusBy(from, undefined, status(names)),
    raiseEvent: (id, name, data) => client.raiseEvent(id, name, data),
    terminate: (id, reason) => client.terminate(id, reason),
    rewind: (id, reason) => client.rewind(id, reason),
    purge: (id) => client.purgeInstanceHistory(id),
    purgeBy: (from, names) => client.purgeInstanceHistoryBy(from, undefined, status(names)),
    wait: async (id, ms) => {
      const request = { url: 'http://localhost:1/api/x', method: 'GET', headers: {} };
      const answer = await client.waitForCompletionOrCreateCheckStatusResponse(
        request as Parameters<typeof client.waitForCompletionOrCreateCheckStatusResponse>[0],
        id,
        ms,
        ms,
      );
      return answer.status;
    },
    payload: (id) => client.createHttpManagementPayload(id),
    signal: (name, key, op, data) => client.signalEntity(new sdk.EntityId(name, key), op, data),
    readState: (name, key) => client.readEntityState(new sdk.EntityId(name, key)),
  };
}

function modernClient(value: DurableClientInput): Client & { raw: v3.DurableClient } {
  const input = v3.input.durableClient();
  const context = { options: { extraInputs: [input] }, extraInputs: { get: () => value } };
  const client = v3.getClient(context as unknown as Parameters<typeof v3.getClient>[0]);
  const status = (names: string[]) => names as unknown as v3.OrchestrationRuntimeStatus[];
  return {
    raw: client,
    startNew: (name, instanceId, data) =>
      client.startNew(name, { ...(instanceId && { instanceId }), input: data }),
    getStatus: (id) => client.getStatus(id),
    getStatusAll: () => client.getStatusAll(),
    getStatusBy: (createdTimeFrom, names) =>
      client.getStatusBy({ createdTimeFrom, runtimeStatus: status(names) }),
    raiseEvent: (id, name, data) => client.raiseEvent(id, name, data),
    terminate: (id, reason) => client.terminate(id, reason),
    rewind: (id, reason) => client.rewind(id, reason),
    purge: (id) => client.purgeInstanceHistory(id),
    purgeBy: (createdTimeFrom, names) =>
      client.purgeInstanceHistoryBy({ createdTimeFrom, runtimeStatus: status(names) }),
    wait: async (id, ms) => {
      const request = { url: 'http://localhost:1/api/x' } as unknown as Parameters<
        typeof client.waitForCompletionOrCreateCheckStatusResponse
      >[0];
      const options = { timeoutInMilliseconds: ms, retryIntervalInMilliseconds: ms };
      const answer = await client.waitForCompletionOrCreateCheckStatusResponse(
        request,
        id,
        options,
      );
      return answer.status;
    },
    payload: (id) => client.createHttpManagementPayload(id),
    signal: (name, key, op, data) => client.signalEntity(new v3.EntityId(name, key), op, data),
    readState: (name, key) => client.readEntityState(new v3.EntityId(name, key)),
  };
}

const GENERATIONS = {
  '1.x': (value: DurableClientInput) => classicClient(v1, value),
  '2.x': (value: DurableClientInput) => classicClient(v2 as unknown as Classic, value),
  '3.x': modernClient,
};

const { client: hub, store } = memoryHub();
let server: HttpServer;
let rpc: RpcListener;

beforeAll(async () => {
  server = await listen(managementApp(hub), { port: 0 });
  rpc = await listenForRpc(managementApp(hub, { basePath: RPC_BASE_PATH, repeatsHistory: true }), {
    preferredPort: 0,
  });
  vi.stubEnv('WEBSITE_HOSTNAME', `127.0.0.1:${server.port}`);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([server.close(), rpc.close()]);
});

function bindingValue(transport: 'rpc' | 'webhooks'): DurableClientInput {
  const value = durableClientInput({
    origin: `http://127.0.0.1:${server.port}`,
    urls: { webhookPath: '/runtime/webhooks/durabletask', taskHub: hub.taskHub },
    rpcBaseUrl: transport === 'rpc' ? rpc.baseUrl : undefined,
  });
  return JSON.parse(JSON.stringify(value)) as DurableClientInput;
}

/** Puts the instance `id` into the state, or takes it away. */
function given(id: string, state: 'missing' | RuntimeStatus): void {
  store.clear();
  if (state !== 'missing') putInstance(store, id, state);
}

const COMBINATIONS = (['1.x', '2.x', '3.x'] as const).flatMap((sdk) =>
  (['rpc', 'webhooks'] as const).map((transport) => ({ sdk, transport })),
);

describe.each(COMBINATIONS)('the client of $sdk over $transport', ({ sdk, transport }) => {
  const client = () => GENERATIONS[sdk](bindingValue(transport));
  const isModern = sdk === '3.x';

  it('starts where the id is free, and says no where it runs', async () => {
    given('i', 'missing');
    expect(await client().startNew('A', 'i', { a: 1 })).toBe('i');
    expect((await hub.findStatus('i', { input: true }))?.input).toBe('{"a":1}');
    expect(await client().startNew('A')).toMatch(/^[0-9a-f]{32}$/);

    await expect(client().startNew('A', 'i')).rejects.toThrow(/409.*Pending already exists/);

    given('i', 'Completed');
    expect(await client().startNew('A', 'i')).toBe('i');
  });

  it('reads the status', async () => {
    given('i', 'missing');
    const missing = client().getStatus('i');
    if (isModern) await expect(missing).rejects.toThrow(/HTTP 404/);
    else expect(await missing).toBe('');

    for (const state of ['Running', 'Completed', 'Failed', 'Suspended', 'Pending'] as const) {
      given('i', state);
      expect(await client().getStatus('i')).toMatchObject({
        instanceId: 'i',
        runtimeStatus: state,
        input: { n: 1 },
      });
    }
  });

  it('lists all pages, and by filter', async () => {
    store.clear();
    for (let n = 0; n < 150; n++) putInstance(store, `i${n}`, n < 120 ? 'Completed' : 'Running');

    expect(await client().getStatusAll()).toHaveLength(150);
    expect(await client().getStatusBy(new Date(0), ['Completed'])).toHaveLength(120);
    expect(await client().getStatusBy(new Date('2090-01-01'), [])).toHaveLength(0);
  });

  it('B11: starts without input', async () => {
    store.clear();
    await client().startNew('A', 'i');

    // As with the .NET extension: 3.x and its axios post `""` for no input, and that is the input then.
    const official = isModern ? '""' : null;
    expect((await hub.findStatus('i', { input: true }))?.input).toBe(official);
  });

  it.each([{ data: { x: 1 } }, { data: undefined }])(
    'B12: raises an event with $data',
    async (event) => {
      const raise = () => client().raiseEvent('i', 'Ready', event.data);

      given('i', 'missing');
      await expect(raise()).rejects.toThrow("No instance with ID 'i' found.");
      given('i', 'Running');
      await expect(raise()).resolves.toBeUndefined();
      given('i', 'Completed');
      await expect(raise()).resolves.toBeUndefined();
    },
  );

  it('terminates', async () => {
    given('i', 'missing');
    await expect(client().terminate('i', 'why')).rejects.toThrow("No instance with ID 'i' found.");
    given('i', 'Running');
    await expect(client().terminate('i', 'why not?')).resolves.toBeUndefined();
    given('i', 'Completed');
    await expect(client().terminate('i', 'why')).resolves.toBeUndefined();
  });

  it('rewinds what failed, and is told why it cannot rewind the rest', async () => {
    given('i', 'missing');
    await expect(client().rewind('i', 'why')).rejects.toThrow(/No (orchestration|instance) with/);
    given('i', 'Completed');
    await expect(client().rewind('i', 'why')).rejects.toThrow(
      isModern ? /has status Completed/ : /412/,
    );
    given('i', 'Running');
    await expect(client().rewind('i', 'why')).rejects.toThrow(
      isModern ? /has status Running/ : /412/,
    );
    given('i', 'Failed');
    await expect(client().rewind('i', 'why')).resolves.toBeUndefined();
    expect((await hub.findStatus('i', { input: false }))?.runtimeStatus).toBe('Pending');
  });

  it('purges one', async () => {
    given('i', 'missing');
    expect(await client().purge('i')).toEqual({ instancesDeleted: 0 });
    given('i', 'Running');
    await expect(client().purge('i')).rejects.toThrow(/412.*terminal state.*has status Running/);
    given('i', 'Completed');
    expect(await client().purge('i')).toEqual({ instancesDeleted: 1 });
  });

  it('B18: purges by filter', async () => {
    given('i', 'Running');
    expect(await client().purgeBy(new Date(0), [])).toEqual({ instancesDeleted: 0 });
    given('i', 'Failed');
    expect(await client().purgeBy(new Date(0), ['Failed'])).toEqual({ instancesDeleted: 1 });
  });

  it('waits for completion', async () => {
    given('i', 'Completed');
    expect(await client().wait('i', 10)).toBe(200);
    given('i', 'Failed');
    expect(await client().wait('i', 10)).toBe(500);
    given('i', 'Running');
    expect(await client().wait('i', 10)).toBe(202);
    given('i', 'missing');
    // The older clients take a status without a runtimeStatus for one that is still to come.
    if (isModern) await expect(client().wait('i', 10)).rejects.toThrow(/404|found/);
    else expect(await client().wait('i', 10)).toBe(202);
  });

  it('signals an entity and reads its state', async () => {
    store.clear();
    await expect(client().signal('Counter', 'k', 'add', 5)).resolves.toBeUndefined();
    await expect(client().signal('Counter', 'k', 'reset')).resolves.toBeUndefined();
    expect(await client().readState('Counter', 'k')).toMatchObject({ entityExists: false });

    putInstance(store, '@counter@k', 'Running', { input: '{"exists":true,"state":"5"}' });
    expect(await client().readState('Counter', 'k')).toEqual({
      entityExists: true,
      entityState: 5,
    });
  });

  it('tells links that work', async () => {
    given('i', 'Running');
    const payload = client().payload('i') as Record<string, string>;

    expect((await fetch(payload['statusQueryGetUri'] ?? '')).status).toBe(202);
    for (const name of [
      'terminatePostUri',
      'suspendPostUri',
      'sendEventPostUri',
      'restartPostUri',
    ]) {
      const headers = { 'content-type': 'application/json' };
      const answer = await fetch(payload[name] ?? '', { method: 'POST', headers, body: '1' });
      expect([name, answer.status]).toEqual([name, 202]);
    }
  });
});

describe.each(['rpc', 'webhooks'] as const)('the client of 3.x over %s', (transport) => {
  const client = () => modernClient(bindingValue(transport)).raw;

  it('suspends and resumes', async () => {
    given('i', 'missing');
    await expect(client().suspend('i', 'why')).rejects.toThrow("No instance with ID 'i' found.");
    given('i', 'Running');
    await expect(client().suspend('i', 'why')).resolves.toBeUndefined();
    await expect(client().resume('i', 'why')).rejects.toThrow(/500.*in the Running state/);
    given('i', 'Suspended');
    await expect(client().resume('i', 'why')).resolves.toBeUndefined();
    await expect(client().suspend('i', 'why')).rejects.toThrow(/500.*in the Suspended state/);
    given('i', 'Completed');
    await expect(client().suspend('i', 'why')).resolves.toBeUndefined();
    await expect(client().resume('i', 'why')).resolves.toBeUndefined();
  });

  // The public API answers as the .NET extension does: with `historyEvents`, which the SDK does not read.
  it('B13: reads the history where the loopback endpoint gives it', async () => {
    given('i', 'Completed');

    const plain = await client().getStatus('i');
    const status = await client().getStatus('i', { showHistory: true });

    expect(plain.history).toBeUndefined();
    expect(status.history).toEqual(transport === 'rpc' ? [] : undefined);
  });

  it('reaches no hub that the host does not have', async () => {
    given('i', 'Running');

    await expect(client().raiseEvent('i', 'e', 1, { taskHubName: 'Other' })).rejects.toThrow(
      "No instance with ID 'i' found.",
    );
  });
});
