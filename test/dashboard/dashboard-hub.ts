/** A hub of an app in a folder, with its dashboard behind a port of this process. */
import { createHostApp } from '../../src/http/host-app.ts';
import { dashboardPath, withDashboard } from '../../src/http/dashboard/dashboard.ts';
import { createManagementApp } from '../../src/http/app.ts';
import type { KeyRing } from '../../src/http/keys/key-ring.ts';
import { LocalCallers } from '../../src/http/local-callers.ts';
import { createManagementAccess } from '../../src/http/management/management-access.ts';
import { listen } from '../../src/http/node-server.ts';
import { emptyResponse } from '../../src/http/responses.ts';
import { type Clock, SYSTEM_CLOCK } from '../../src/base/clock.ts';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import { InstanceReplayer } from '../../src/engine/examine/instance-replayer.ts';
import { RunningFunctions } from '../../src/engine/running-functions.ts';
import type { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import type { InstanceLog } from '../../src/telemetry/instance-log.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { putPoison } from '../../src/local/poison-rows.ts';
import { eventRaised } from '../contract/sample-messages.ts';
import { LocalHub, openDatabase, removeFolder, temporaryFolder } from '../support/local-hub.ts';

export const API = '/runtime/webhooks/durabletask';
/** What a text must never become. */
export const HOSTILE = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>';

export interface DashboardHub {
  readonly client: TaskHubClient;
  /** Of the code of the app as it is now. */
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

export interface AppOfHub {
  readonly invoker: FunctionInvoker;
  /** What the app was loaded with. */
  readonly instanceLog: InstanceLog;
  readonly dispose: () => Promise<void>;
}

/**
 * @param how.clock of the hub and its worker. Default: the system's
 * @param how.invokerOfToday what replays run on, where that is not what the worker runs.
 */
export async function openDashboardHub(
  { invoker, instanceLog, dispose }: AppOfHub,
  {
    clock = SYSTEM_CLOCK,
    invokerOfToday = invoker,
  }: { readonly clock?: Clock; readonly invokerOfToday?: FunctionInvoker } = {},
): Promise<DashboardHub> {
  const folder = temporaryFolder();
  const runningFunctions = new RunningFunctions({ now: () => clock.now() });
  const hub = new LocalHub(
    folder,
    { log: instanceLog, clock },
    { invoker: runningFunctions.watch(invoker) },
  );
  await hub.start();
  const { backend } = hub;
  const replayer = new InstanceReplayer({ backend, invoker: invokerOfToday, settings: {} });
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
      await dispose();
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
