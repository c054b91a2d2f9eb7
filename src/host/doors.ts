/** What is behind the host's ports: the management and admin APIs and the app's HTTP functions, and the RPC endpoint of the SDKs. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { BlobTriggers } from '../bindings/blob-trigger/blob-triggers.ts';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import type { FunctionApp, FunctionProblem, LoadedFunction } from '../function-app/function-app.ts';
import { createAdminApp, isPing } from '../http/admin/admin-app.ts';
import type { AdminFunctions } from '../http/admin/functions.ts';
import type { AdminHost } from '../http/admin/host-status.ts';
import type { ManagementAppOptions } from '../http/app.ts';
import { requireMasterKey } from '../http/auth.ts';
import { withCors } from '../http/cors.ts';
import type { FetchHandler } from '../http/responses.ts';
import { LocalCallers, refuseOthers } from '../http/local-callers.ts';
import { withForwardedHost } from '../http/forwarded-host.ts';
import { createHostApp } from '../http/host-app.ts';
import { createManagementAccess } from '../http/management/management-access.ts';
import { withPublicAddress } from '../http/public-address.ts';
import { RPC_BASE_PATH } from '../http/rpc-listener.ts';
import type { Logger } from '../telemetry/log.ts';
import type { HttpTriggerHandler } from '../triggers/http-trigger.ts';
import { runManually } from '../triggers/manual-run.ts';
import { hostIdOf } from './environment.ts';
import type { FunctionSummary } from './function-summary.ts';
import { withHubInQuery } from './hub-path.ts';
import type { WorkingHub } from './hub/working-hub.ts';
import type { HostKeys } from './keys/host-keys.ts';
import {
  linkOrigin,
  managementUrlOptions,
  notificationAddress,
  webhookPaths,
} from './management-address.ts';

export interface DoorsOptions {
  readonly config: Config;
  readonly version: string;
  readonly managementApp: WorkingHub['managementApp'];
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
}

export interface Doors {
  readonly public: FetchHandler;
  /** For the loopback port. */
  readonly rpc: FetchHandler;
}

/** For the app's own clients. */
const OPEN = { keys: undefined, signedLinks: undefined, isReadOnly: false } as const;

export function createDoors(options: DoorsOptions): Doors {
  const { config, keys, log, managementApp, url } = options;
  const callers = keys === undefined ? localCallers(options) : undefined;
  const publicManagementAt = (path: string): FetchHandler => {
    const outside = notificationAddress(config);
    const api = managementApp({
      basePath: outside?.path ?? path,
      urls: managementUrlOptions(config, keys, path),
      access: publicAccess(options, callers),
    });
    return outside === undefined ? api : withPublicAddress(api, path, outside);
  };
  const publicApp = createHostApp({
    management: publicPaths(config).map((path) => ({
      basePath: path,
      app: publicManagementAt(path),
    })),
    admin: admin(options, callers),
    fallback: (request) => options.http.handle(request),
    hasHomePage: process.env['AzureWebJobsDisableHomepage']?.toLowerCase() !== 'true',
    log,
  });
  return {
    public: withSettings(publicApp, config),
    rpc: withHubInQuery(
      managementApp({
        basePath: RPC_BASE_PATH,
        urls: managementUrlOptions(config, keys),
        publicOrigin: linkOrigin(config, url),
        access: createManagementAccess({ ...OPEN, callers: new LocalCallers() }),
        repeatsHistory: true,
      }),
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
): ManagementAppOptions['access'] {
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
    keys: { ring: keys?.ring, isFunction: (name) => findFunction(app, name) !== undefined },
    log,
  });
  if (keys !== undefined) return requireMasterKey(api, keys.ring, isPing);
  return callers === undefined ? api : refuseOthers(api, callers, isPing);
}

function adminHost({ config, version, problems }: DoorsOptions): AdminHost {
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
