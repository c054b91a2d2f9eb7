/** A hub of the shop (test/apps/orchestrations/shop.cjs) in a folder, with its dashboard behind a port of this process. */
import { createHostApp } from '../../src/http/host-app.ts';
import { dashboardPath, withDashboard } from '../../src/http/dashboard/dashboard.ts';
import { createManagementApp } from '../../src/http/app.ts';
import type { KeyRing } from '../../src/http/keys/key-ring.ts';
import { LocalCallers } from '../../src/http/local-callers.ts';
import { createManagementAccess } from '../../src/http/management/management-access.ts';
import { listen } from '../../src/http/node-server.ts';
import { emptyResponse } from '../../src/http/responses.ts';
import { InstanceReplayer } from '../../src/engine/examine/instance-replayer.ts';
import { RunningFunctions } from '../../src/engine/running-functions.ts';
import type { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { InstanceLog } from '../../src/telemetry/instance-log.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { putPoison } from '../../src/local/poison-rows.ts';
import { eventRaised } from '../contract/sample-messages.ts';
import { eventually } from '../support/eventually.ts';
import { LocalHub, openDatabase, removeFolder, temporaryFolder } from '../support/local-hub.ts';
import { loadSdkApp } from '../support/sdk-app.ts';

export const API = '/runtime/webhooks/durabletask';
/** What a text must never become. */
export const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

export interface ShopHub {
  readonly client: TaskHubClient;
  /** Of the code of the shop. */
  readonly replayer: InstanceReplayer;
  /** Of the worker and its app. */
  readonly instanceLog: InstanceLog;
  /** Of the worker. */
  readonly runningFunctions: RunningFunctions;
  /** Serves the hub at one more port. @returns `http://localhost:<port>` */
  serve(how?: { readonly keys?: KeyRing; readonly isReadOnly?: boolean }): Promise<string>;
  /** Sets a message aside: the approval of an order, as if it had been tried in vain. @param n above 0, another one for each */
  setApprovalAside(n: number, instanceId: string, reason: string): Promise<void>;
  stop(): Promise<void>;
}

export async function openShopHub(): Promise<ShopHub> {
  const folder = temporaryFolder();
  const instanceLog = new InstanceLog({ next: silentLogger });
  const app = await loadSdkApp('3.5.0', 'orchestrations/shop.cjs', { log: instanceLog });
  const runningFunctions = new RunningFunctions({ now: Date.now });
  const hub = new LocalHub(
    folder,
    { log: instanceLog },
    {
      invoker: runningFunctions.watch(app.invoker),
    },
  );
  await hub.start();
  const { backend } = hub;
  const replayer = new InstanceReplayer({ backend, invoker: app.invoker, settings: {} });
  const closings: (() => Promise<void>)[] = [];
  return {
    client: hub.client,
    replayer,
    instanceLog,
    runningFunctions,
    serve: async (how) => {
      const server = await serveDashboard(hub.client, {
        ...how,
        replayer,
        instanceLog,
        runningFunctions,
      });
      closings.push(() => server.close());
      return server.url;
    },
    setApprovalAside: (n, instanceId, reason) => setAside(folder, n, { instanceId, reason }),
    stop: async () => {
      await Promise.all(closings.map((close) => close()));
      await hub.stop();
      await app.dispose();
      removeFolder(folder);
    },
  };
}

async function setAside(
  folder: string,
  n: number,
  { instanceId, reason }: { readonly instanceId: string; readonly reason: string },
): Promise<void> {
  const message = eventRaised(toInstanceId(instanceId), 'Approval', '{"by":"Grace"}');
  const database = openDatabase(folder);
  await database.write((tables) => () => {
    putPoison(tables, {
      id: `control-${String(n).padStart(16, '0')}`,
      setAsideTime: new Date().toISOString(),
      reason,
      origin: 'control',
      dequeueCount: 5,
      instanceId,
      eventType: 'EventRaised',
      taskEventId: null,
      body: JSON.stringify({ message, dequeueCount: 1 }),
    });
  });
  await database.close();
}

/** A hub behind a port of this process. */
export async function serveDashboard(
  client: TaskHubClient,
  {
    keys,
    isReadOnly = false,
    replayer,
    instanceLog,
    runningFunctions,
  }: {
    readonly keys?: KeyRing;
    readonly isReadOnly?: boolean;
    readonly replayer?: InstanceReplayer;
    readonly instanceLog?: InstanceLog;
    readonly runningFunctions?: RunningFunctions;
  } = {},
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const access = createManagementAccess({
    keys,
    signedLinks: undefined,
    isReadOnly,
    callers: keys === undefined ? new LocalCallers() : undefined,
  });
  const api = createManagementApp({
    basePath: API,
    client: () => client,
    replayer: () => replayer,
    instanceLog: () => instanceLog,
    runningFunctions: () => runningFunctions,
    mayDeleteHub: keys === undefined,
    urls: { webhookPath: API, taskHub: client.taskHub },
    access,
    log: silentLogger,
  });
  const options = {
    basePath: API,
    access,
    allowsDangerous: keys === undefined,
    taskHub: client.taskHub,
    version: '1.2.3',
  };
  const server = await listen(
    createHostApp({
      webhooks: [{ basePath: API, app: withDashboard(api, options) }],
      admin: { fetch: () => emptyResponse(404) },
      fallback: () => Promise.resolve(undefined),
      dashboard: dashboardPath(API),
      log: silentLogger,
    }),
    { port: 0 },
  );
  return {
    url: `http://localhost:${server.port}`,
    close: () => server.close(AbortSignal.abort()),
  };
}

export function startOrder(
  { client }: Pick<ShopHub, 'client'>,
  id: string,
  changes: object = {},
): Promise<string> {
  const input = JSON.stringify({ ...ORDER, id, ...changes });
  return client.start({ name: 'ProcessOrder', instanceId: id, input });
}

/** Orders in every state, and a catalog that cannot be read. Resolves when all have got there. */
export async function fillShop(hub: Pick<ShopHub, 'client'>): Promise<void> {
  const { client } = hub;
  const order = (id: string, changes: object = {}): Promise<string> => startOrder(hub, id, changes);
  await Promise.all([
    ...Array.from({ length: 12 }, (_, n) => order(`order-${1001 + n}`)),
    order('order-2001', { card: 'slow' }),
    order('order-2002', { card: 'declined' }),
    order('order-2003', { card: 'declined' }),
    order('order-2004', { needsApproval: true }),
    order('order-2005', { needsApproval: true }),
    order('order-2006', { needsApproval: true }),
    order('order-2007', { pickUpInMs: 86_400_000 }),
    ...[17, 40_121].map((line) =>
      client.start({ name: 'ImportCatalog', input: JSON.stringify({ line, name: 'spring.csv' }) }),
    ),
  ]);
  const reached = (id: string, status: string): Promise<true> =>
    eventually(
      async () =>
        (await client.findStatus(id, { input: false }))?.runtimeStatus === status
          ? true
          : undefined,
      { timeoutMs: 30_000 },
    );
  const isWaiting = (id: string, step: string): Promise<true> =>
    eventually(
      async () => {
        const status = await client.findStatus(id, { input: false });
        return status?.customStatus?.includes(step) === true ? true : undefined;
      },
      { timeoutMs: 30_000 },
    );
  await Promise.all([
    ...Array.from({ length: 12 }, (_, n) => reached(`order-${1001 + n}`, 'Completed')),
    reached('order-2001', 'Completed'),
    reached('order-2002', 'Failed'),
    reached('order-2003', 'Failed'),
    ...['4', '5', '6'].map((n) => isWaiting(`order-200${n}`, 'approval')),
    isWaiting('order-2007', 'shipping'),
  ]);
  await client.suspend('order-2005', 'the customer asked for it');
  await client.terminate('order-2006', 'cancelled');
  await reached('order-2005', 'Suspended');
  await reached('order-2006', 'Terminated');
}

const ORDER = {
  customer: { name: 'Ada Lovelace', city: 'London' },
  items: ['lamp', 'teapot', 'chair'],
  total: 129.5,
  account: 1,
};
