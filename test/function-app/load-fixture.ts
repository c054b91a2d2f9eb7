/** Loads a fixture app of test/apps with recorded log, bindings and starts. */
import path from 'node:path';
import type { BindingExtension } from '../../src/function-app/binding-extension.ts';
import { createAppInvoker } from '../../src/function-app/app-invoker.ts';
import {
  durableClientBinding,
  type StartRequest,
} from '../../src/function-app/durable-client-input.ts';
import type { FunctionApp } from '../../src/function-app/function-app.ts';
import type { LoadedFunction } from '../../src/function-app/function-declaration.ts';
import { loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import type { RpcTypedData } from '../../src/function-app/rpc-typed-data.ts';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';

export interface Fixture {
  readonly app: FunctionApp;
  readonly invoker: FunctionInvoker;
  readonly records: LogRecord[];
  readonly starts: StartRequest[];
  /** What queue outputs were given: function, queue, value. */
  readonly queued: { fn: string; queue: unknown; value: RpcTypedData }[];
  fn(name: string): LoadedFunction;
}

const APPS = path.join(import.meta.dirname, '..', 'apps');

const SETTINGS: Readonly<Record<string, string>> = { QUEUE: 'orders', SCHEDULE: '0 */5 * * * *' };

const TRIGGER_SETTINGS = {
  defaultHttpAsyncRequestSleepTimeMs: 30_000,
};

/** @param app a folder of test/apps, or an absolute path. */
export async function loadFixture(
  app: string,
  options: {
    readonly environment?: Readonly<Record<string, string>>;
    readonly functionsAllowList?: readonly string[];
  } = {},
): Promise<Fixture> {
  const records: LogRecord[] = [];
  const starts: StartRequest[] = [];
  const queued: Fixture['queued'] = [];
  const loaded = await loadFunctionApp({
    scriptRoot: path.resolve(APPS, app),
    environment: options.environment ?? {},
    functionsAllowList: options.functionsAllowList,
    log: { write: (record) => records.push(record) },
    bindings: [clientBinding(starts), queueBinding(queued)],
    resolveSetting,
  });
  return {
    app: loaded,
    invoker: createAppInvoker({ app: loaded, settings: TRIGGER_SETTINGS }),
    records,
    starts,
    queued,
    fn: (name) => {
      const found = loaded.functions.find((fn) => fn.name === name);
      if (found === undefined) throw new Error(`The fixture has no function ${name}.`);
      return found;
    },
  };
}

/** For a hook to return: ends the apps, which listen to the process until then. */
export function disposing(...fixtures: readonly Fixture[]): () => Promise<void> {
  return async () => {
    for (const { app } of fixtures) await app.dispose();
  };
}

function clientBinding(starts: StartRequest[]): BindingExtension {
  return durableClientBinding({
    clientData: () => ({
      taskHubName: 'Hub',
      creationUrls: {
        createNewInstancePostUri: 'http://localhost:7071/orchestrators/{functionName}',
      },
      managementUrls: {
        id: 'INSTANCEID',
        statusQueryGetUri: 'http://localhost:7071/instances/INSTANCEID',
      },
      baseUrl: 'http://localhost:7071',
      requiredQueryStringParameters: 'code=x',
      rpcBaseUrl: null,
    }),
    start: (request) => {
      starts.push(request);
      return Promise.resolve();
    },
  });
}

function queueBinding(queued: Fixture['queued']): BindingExtension {
  return {
    types: ['queue'],
    supports: () => undefined,
    write: (binding, value, fn) => {
      queued.push({ fn: fn.name, queue: binding['queueName'], value });
      return Promise.resolve();
    },
  };
}

function resolveSetting(text: string): string {
  return text.replace(/%([^%]+)%/g, (_match, name: string) => {
    const value = SETTINGS[name];
    if (value === undefined) throw new Error(`'%${name}%' does not resolve to a value.`);
    return value;
  });
}
