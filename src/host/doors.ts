/** What is behind the host's ports: the management and admin APIs and the app's HTTP functions, and the RPC endpoint of the SDKs. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Doorbell } from '../azure-storage/wake-ups/doorbell.ts';
import type { BlobTriggers } from '../bindings/blob-trigger/blob-triggers.ts';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import { createAdminApp, isPing } from '../http/admin/admin-app.ts';
import type { AdminFunctions } from '../http/admin/functions.ts';
import type { AdminHost, HostHealth } from '../http/admin/host-status.ts';
import type { AdminScale } from '../http/admin/scale.ts';
import { requireMasterKey } from '../http/auth.ts';
import { withCors } from '../http/cors.ts';
import { dashboardPath, withDashboard } from '../http/dashboard/dashboard.ts';
import type { FetchHandler } from '../http/responses.ts';
import { LocalCallers, refuseOthers } from '../http/local-callers.ts';
import { withForwardedHost } from '../http/forwarded-host.ts';
import { createHostApp } from '../http/host-app.ts';
import {
  createManagementAccess,
  type ManagementAccess,
} from '../http/management/management-access.ts';
import { isMetricsRequest, metricsResponse } from '../http/metrics.ts';
import { answerProbe } from '../http/probes.ts';
import { withPublicAddress } from '../http/public-address.ts';
import type { InstanceLog } from '../telemetry/instance-log.ts';
import type { Logger } from '../telemetry/log.ts';
import type { HttpTriggerHandler } from '../triggers/http-trigger.ts';
import { runManually } from '../triggers/manual-run.ts';
import { hostIdOf } from '../hub/host-id.ts';
import { doorbellAt, PUBLIC_DOORBELL_PATH, withDoorbell } from '../hub/doorbell-address.ts';
import type { FunctionSummary } from './function-summary.ts';
import { createRpcDoor } from '../hub/rpc-door.ts';
import type { WorkingHub } from '../hub/working-hub.ts';
import type { HostKeys } from '../hub/keys/host-keys.ts';
import {
  managementUrlOptions,
  notificationAddress,
  webhookPaths,
  offersDangerous,
} from '../hub/management-address.ts';

/** Why a host whose app could not be loaded does not work on the hub. */
export const HUB_LEFT_ALONE =
  'The instances of the task hub wait until what cannot be loaded is mended.';

export interface DoorsOptions {
  readonly config: Config;
  readonly version: string;
  readonly managementApp: WorkingHub['managementApp'];
  readonly doorbell: Doorbell;
  readonly scale: AdminScale;
  readonly outage: WorkingHub['outage'];
  readonly readMetrics: WorkingHub['readMetrics'];
  /** See `hubWaits`. */
  readonly isHubLeftAlone: boolean;
  readonly app: FunctionApp;
  readonly http: HttpTriggerHandler;
  readonly blobs: Pick<BlobTriggers, 'requestFor'>;
  readonly functions: readonly FunctionSummary[];
  readonly problems: readonly FunctionProblem[];
  /** `http://localhost:7071` */
  readonly url: string;
  /** What the public port listens on. */
  readonly address: string | undefined;
  /** undefined: everything is open. */
  readonly keys: HostKeys | undefined;
  readonly log: Logger;
  /** What this process has logged about instances. */
  readonly instanceLog: InstanceLog;
}

export interface Doors {
  readonly public: FetchHandler;
  /** For the loopback port. */
  readonly rpc: FetchHandler;
}

export function createDoors(options: DoorsOptions): Doors {
  const { config, doorbell, instanceLog, keys, log, managementApp, url } = options;
  const callers = keys === undefined ? localCallers(options) : undefined;
  const publicManagementAt = (path: string): FetchHandler => {
    const outside = notificationAddress(config, path);
    const basePath = outside?.path ?? path;
    const access = publicAccess(options, callers);
    const urls = managementUrlOptions(config, keys, path);
    const allowsDangerous = offersDangerous(config, callers);
    const door = { basePath, urls, access, instanceLog, mayDeleteHub: allowsDangerous };
    const api = withDashboard(managementApp(door), {
      basePath,
      access,
      allowsDangerous,
      taskHub: config.durableTask.hubName,
      version: options.version,
    });
    return outside === undefined ? api : withPublicAddress(api, path, outside);
  };
  const probes = { health: () => healthOf(options), tellsReason: keys === undefined };
  const metrics = config.durableTask.metricsEndpoint ? metricsDoor(options, callers) : undefined;
  const publicApp = createHostApp({
    webhooks: [
      ...publicPaths(config).map((path) => ({ basePath: path, app: publicManagementAt(path) })),
      ...(config.durableTask.wakeUpUrl === undefined
        ? []
        : [{ basePath: PUBLIC_DOORBELL_PATH, app: doorbellAt(PUBLIC_DOORBELL_PATH, doorbell) }]),
    ],
    admin: admin(options, callers),
    fallback: (request) => options.http.handle(request),
    afterFunctions: async (request) => answerProbe(probes, request) ?? (await metrics?.(request)),
    dashboard: publicPaths(config).map(dashboardPath)[0],
    hasHomePage: process.env['AzureWebJobsDisableHomepage']?.toLowerCase() !== 'true',
    log,
  });
  return {
    public: withSettings(publicApp, config),
    rpc: withDoorbell(
      doorbell,
      createRpcDoor({ config, urls: managementUrlOptions(config, keys), url, managementApp }),
    ),
  };
}

function withSettings(app: FetchHandler, { durableTask, localHttp }: Config): FetchHandler {
  const { cors } = localHttp;
  const atAddress = durableTask.httpSettings.useForwardedHost ? withForwardedHost(app) : app;
  if (cors === undefined) return atAddress;
  const { allowedOrigins: origins, allowCredentials } = cors;
  return withCors(atAddress, { origins, allowCredentials });
}

function publicPaths(config: Config): readonly string[] {
  return config.durableTask.managementApi === 'off' ? [] : webhookPaths(config);
}

/** Names by which this host is known to be called. */
function localCallers({ config, address, url }: DoorsOptions): LocalCallers {
  const site = findAppSetting(config.environment, 'WEBSITE_HOSTNAME');
  const outside = notificationAddress(config)?.origin;
  const hostNames = [new URL(url).host, address, site, outside && new URL(outside).host];
  const { cors } = config.localHttp;
  return new LocalCallers({
    hostNames: hostNames.flatMap((name) => (name === undefined || name === '' ? [] : [name])),
    cors: cors && { origins: cors.allowedOrigins },
  });
}

function publicAccess(
  { config, keys }: DoorsOptions,
  callers: LocalCallers | undefined,
): ManagementAccess {
  return createManagementAccess({
    keys: keys?.ring,
    signedLinks: keys?.signedLinks,
    isReadOnly: config.durableTask.managementApi === 'readOnly',
    callers,
  });
}

function admin(options: DoorsOptions, callers: LocalCallers | undefined): FetchHandler {
  const { app, keys, log } = options;
  const api = createAdminApp({
    host: adminHost(options),
    functions: adminFunctions(options),
    scale: options.scale,
    keys: { ring: keys?.ring, isFunction: (name) => findFunction(app, name) !== undefined },
    log,
  });
  if (keys !== undefined) return requireMasterKey(api, keys.ring, isPing);
  return callers === undefined ? api : refuseOthers(api, callers, isPing);
}

/** Whoever may use the admin API may read: names of functions are in it. */
function metricsDoor(
  { keys, readMetrics }: DoorsOptions,
  callers: LocalCallers | undefined,
): (request: Request) => Promise<Response | undefined> {
  const page: FetchHandler = { fetch: async () => metricsResponse(await readMetrics()) };
  const isOpen = (): boolean => false;
  let door = page;
  if (keys !== undefined) door = requireMasterKey(page, keys.ring, isOpen);
  else if (callers !== undefined) door = refuseOthers(page, callers, isOpen);
  return async (request) => (isMetricsRequest(request) ? await door.fetch(request) : undefined);
}

function healthOf({ outage, isHubLeftAlone }: DoorsOptions): HostHealth {
  if (isHubLeftAlone) return { status: 'degraded', reason: HUB_LEFT_ALONE };
  const found = outage();
  if (found === undefined) return { status: 'ok' };
  const { reason, sinceMs } = found;
  return { status: 'degraded', reason, since: new Date(sinceMs).toISOString() };
}

function adminHost(options: DoorsOptions): AdminHost {
  const { config, version, problems } = options;
  const instanceId = randomUUID();
  return {
    status: () => ({
      id: hostIdOf(config),
      state: 'Running',
      version,
      versionDetails: `durable-functions-extension ${version}, Node ${process.version}`,
      instanceId,
      computerName: hostname(),
      processUptimeMs: process.uptime() * 1000,
      errors: problems.map(({ functionName, reason }) => problemText(functionName, reason)),
      health: healthOf(options),
    }),
  };
}

/** As the Functions host words it. */
export function problemText(functionName: string, reason: string): string {
  return `The '${functionName}' function is in error: ${reason}`;
}

function adminFunctions(options: DoorsOptions): AdminFunctions {
  const { app, blobs, functions, problems, log } = options;
  return {
    list: () => [
      ...app.functions.map((fn) => ({
        name: fn.name,
        triggerType: fn.trigger.type,
        isDisabled: fn.isDisabled,
        config: { bindings: fn.bindings, scriptFile: fn.scriptFile },
        invokeUrlTemplate: functions.find((entry) => entry.name === fn.name)?.http?.url,
        errors: reasonsOf(fn.name, problems),
      })),
    ],
    run: (name, input) => {
      const fn = findFunction(app, name);
      if (fn === undefined) return false;
      const blobRequest = (of: LoadedFunction, path: string) => blobs.requestFor(of, path);
      void runManually({ app, fn, input, log, blobRequest });
      return true;
    },
  };
}

function findFunction(app: FunctionApp, name: string): LoadedFunction | undefined {
  return app.functions.find((each) => each.name.toLowerCase() === name.toLowerCase());
}

function reasonsOf(name: string, problems: readonly FunctionProblem[]): readonly string[] {
  return problems.filter(({ functionName }) => functionName === name).map(({ reason }) => reason);
}
