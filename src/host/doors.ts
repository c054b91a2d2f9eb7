/** What is behind the host's ports: the management and admin APIs and the app's HTTP functions, and the RPC endpoint of the SDKs. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { Config } from '../config/config.ts';
import { InvalidInputError } from '../core/errors.ts';
import { ReplayFailure } from '../core/replay-actions/scope.ts';
import { checkFunction } from '../engine/function-directory.ts';
import type { FunctionInvoker } from '../engine/function-invoker.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import { createAdminApp } from '../http/admin/admin-app.ts';
import type { AdminFunctions } from '../http/admin/functions.ts';
import type { AdminHost } from '../http/admin/host-status.ts';
import { createManagementApp, type ManagementAppOptions } from '../http/app.ts';
import type { FetchHandler } from '../http/fetch-handler.ts';
import { createHostApp } from '../http/host-app.ts';
import type { ManagementUrlOptions } from '../http/management/management-urls.ts';
import { RPC_BASE_PATH } from '../http/rpc-listener.ts';
import type { Logger } from '../telemetry/log.ts';
import type { HttpTriggerHandler } from '../triggers/http-trigger.ts';
import { runManually } from '../triggers/manual-run.ts';
import { hostIdOf } from './environment.ts';
import type { FunctionSummary } from './function-summary.ts';
import { isOwnHub, managementUrlOptions, webhookPaths } from './management-address.ts';

export interface DoorsOptions {
  readonly config: Config;
  readonly version: string;
  readonly client: TaskHubClient;
  readonly app: FunctionApp;
  readonly invoker: Pick<FunctionInvoker, 'functions'>;
  readonly http: HttpTriggerHandler;
  readonly functions: readonly FunctionSummary[];
  readonly problems: readonly FunctionProblem[];
  /** `http://localhost:7071` */
  readonly url: string;
  readonly log: Logger;
}

export interface Doors {
  readonly public: FetchHandler;
  /** For the loopback port. */
  readonly rpc: FetchHandler;
}

export function createDoors(options: DoorsOptions): Doors {
  const { config, client, log, url } = options;
  const managementAt = (
    basePath: string,
    urls: ManagementUrlOptions,
    door: Pick<ManagementAppOptions, 'publicOrigin' | 'repeatsHistory'> = {},
  ) =>
    createManagementApp({
      ...door,
      basePath,
      client: (hub) => (isOwnHub(hub, config) ? client : undefined),
      urls,
      checkEntity: (name) => {
        checkEntity(options.invoker, name);
      },
      log,
    });
  return {
    public: createHostApp({
      management: webhookPaths(config).map((path) => ({
        basePath: path,
        app: managementAt(path, managementUrlOptions(config, path)),
      })),
      admin: createAdminApp({
        host: adminHost(options),
        functions: adminFunctions(options),
        log,
      }),
      fallback: (request) => options.http.handle(request),
      hasHomePage: process.env['AzureWebJobsDisableHomepage']?.toLowerCase() !== 'true',
      log,
    }),
    rpc: managementAt(RPC_BASE_PATH, managementUrlOptions(config), {
      publicOrigin: url,
      repeatsHistory: true,
    }),
  };
}

/** Mirrors the check of DurableClient.SignalEntityAsync. @throws {InvalidInputError} naming the entities that there are. */
function checkEntity({ functions }: Pick<FunctionInvoker, 'functions'>, name: string): void {
  try {
    checkFunction(functions, 'entity', name);
  } catch (error) {
    if (!(error instanceof ReplayFailure)) throw error;
    throw new InvalidInputError(error.message);
  }
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
  const { app, functions, problems, log } = options;
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
      const fn = app.functions.find((each) => each.name.toLowerCase() === name.toLowerCase());
      if (fn === undefined) return false;
      void runManually({ app, fn, input, log });
      return true;
    },
  };
}

function reasonsOf(name: string, problems: readonly FunctionProblem[]): readonly string[] {
  return problems.filter(({ functionName }) => functionName === name).map(({ reason }) => reason);
}
