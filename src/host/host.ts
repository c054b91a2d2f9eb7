/**
 * The composition root: configuration → storage → app → worker → doors. What it starts stops in reverse order. No rules live
 * here; whoever wants to know what the product consists of reads `start`.
 */
import type { Config } from '../config/config.ts';
import type { FunctionInvoker } from '../engine/function-invoker.ts';
import type { FunctionProblem } from '../function-app/function-app.ts';
import { listenForRpc, type RpcListener } from '../http/rpc-listener.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { createBindings } from './bindings.ts';
import { createDoors, problemText } from './doors.ts';
import { startMissingEmulator, type StartEmulator } from './emulator.ts';
import { applyEnvironment } from './environment.ts';
import type { FunctionSummary } from './function-summary.ts';
import { openWorkingHub } from './hub/working-hub.ts';
import { isLoopback, openKeys, type HostKeys } from './keys/host-keys.ts';
import { loadApp } from './load-app.ts';
import { openPublicPort } from './public-port.ts';
import { hubWaits } from './reload/hub-waits.ts';
import { withRunRecord } from './reload/recorded-invoker.ts';
import { RunRecord } from './reload/run-record.ts';
import { Teardown } from './teardown.ts';
import { createTriggers } from './triggers.ts';
import { guardAgainstUserCode } from './user-code-guard.ts';

export interface HostOptions {
  readonly config: Config;
  /** Of the package; the admin API tells it. */
  readonly version: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** @default '127.0.0.1' */
  readonly address?: string;
  /** Asks callers for keys; always so when the address is not of this machine alone. @default false */
  readonly enableAuth?: boolean | undefined;
  readonly log: Logger;
  /** Takes lines that people should see whatever the log shows. */
  readonly say: (line: string) => void;
  /** @default as a child of this process */
  readonly startEmulator?: StartEmulator | undefined;
  /**
   * What could not be loaded before the app was changed, by name: see `hubWaits`. @default this is the first host
   */
  readonly knownBroken?: readonly string[] | undefined;
  /**
   * The file that says what runs, and ran in the process before: see `reload/run-record.ts`. @default nobody wants to know
   */
  readonly runRecord?: string | undefined;
}

export interface Host {
  /** `http://localhost:7071` */
  readonly url: string;
  /** Those that run, and those that are disabled. */
  readonly functions: readonly FunctionSummary[];
  /** What could not be loaded, by name. */
  readonly broken: readonly string[];
  /** False when the hub is left alone, see `knownBroken`. */
  readonly isWorking: boolean;
  /** Resolves with the reason when something dies that the host cannot go on without. */
  readonly failed: Promise<Error>;
  /** Stops receiving, finishes what runs, releases. When `abort` fires, what still runs is left to the next host. */
  stop(abort: AbortSignal): Promise<void>;
}

const DEFAULT_ADDRESS = '127.0.0.1';
const HUB_LEFT_ALONE = 'The instances of the task hub wait until what cannot be loaded is mended.';

/** @throws {DurableError} whose message is one line that names what could not be started; nothing is left running. */
export async function startHost(options: HostOptions): Promise<Host> {
  const teardown = new Teardown(options.log);
  try {
    return await start(options, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function start(options: HostOptions, teardown: Teardown): Promise<Host> {
  const { config, log, version } = options;
  const { address: hostname } = options;
  const stopping = new AbortController();

  // The process: what only a host may do to it.
  const door = await openPublicPort({ port: options.port, ...(hostname && { hostname }) });
  teardown.add('public port', () => door.close());
  const { url } = door;
  applyEnvironment(config, door.port);
  const emulator = await startMissingEmulator(config, options.say, options.startEmulator);
  if (emulator !== undefined) teardown.add('storage emulator', () => emulator.stop());

  const guard = guardAgainstUserCode(log);
  teardown.add('guard around user code', () => {
    guard.dispose();
  });

  // The hub, and the app that works on it.
  const bindings = createBindings(config);
  let rpc: RpcListener | undefined;
  const hub = await openWorkingHub(
    config,
    async (hubOfApp) => {
      const keys = await keysFor(options, url);
      const loaded = await loadApp(config, {
        ...hubOfApp,
        bindings: bindings.extensions,
        log,
        version,
        url,
        rpcBaseUrl: () => rpc?.baseUrl,
        keys,
      });
      guard.watch(loaded.app);
      teardown.add('function app', () => loaded.app.dispose());
      const invoker = recordedInvoker(loaded.invoker, options, teardown);
      return { ...loaded, invoker, keys };
    },
    log,
  );

  // What is behind the ports; then they open, one after the other.
  const { worker, managementApp } = hub;
  const { app, invoker, keys } = hub.app;
  const triggers = createTriggers({ config, app, bindings, keys, url, log });
  reportProblems(triggers.problems, log);
  const doors = createDoors({
    ...triggers,
    config,
    version,
    managementApp,
    app,
    keys,
    url,
    address: hostname,
    log,
  });
  if (config.durableTask.localRpcEndpointEnabled) {
    const listener = await listenForRpc(doors.rpc);
    teardown.add('RPC endpoint', () => listener.close(stopping.signal));
    rpc = listener;
  }
  teardown.add('task hub worker', () => worker.stop({ abort: stopping.signal }));
  const broken = app.problems.map(({ functionName }) => functionName);
  const { knownBroken } = options;
  const isWorking = !hubWaits({ broken, knownBroken, functions: invoker.functions });
  if (isWorking) await worker.start();
  else text(log, 'warning', 'Host.Startup', HUB_LEFT_ALONE);
  door.serve(doors.public);
  teardown.add('HTTP server', () => door.close(stopping.signal));
  teardown.add('timers', () => triggers.timers.stop());
  await triggers.timers.start();
  teardown.add('queue triggers', () => triggers.queues.stop(stopping.signal));
  triggers.queues.start();
  teardown.add('blob triggers', () => triggers.blobs.stop(stopping.signal));
  triggers.blobs.start();

  return {
    url,
    functions: triggers.functions,
    broken,
    isWorking,
    failed: Promise.race([guard.failed, ...(emulator ? [emulator.died] : [])]),
    stop: async (abort) => {
      if (abort.aborted) stopping.abort(abort.reason);
      abort.addEventListener('abort', () => {
        stopping.abort(abort.reason);
      });
      await teardown.run();
    },
  };
}

function recordedInvoker(
  invoker: FunctionInvoker,
  { runRecord, log }: HostOptions,
  teardown: Teardown,
): FunctionInvoker {
  if (runRecord === undefined) return invoker;
  const record = new RunRecord(runRecord, (error) => {
    const message = `A function that ends the process will not be known any more: ${errorText(error)}`;
    text(log, 'warning', 'Host.General', message, error);
  });
  teardown.add('run record', () => {
    record.close();
  });
  return withRunRecord(invoker, { record, log });
}

async function keysFor(options: HostOptions, url: string): Promise<HostKeys | undefined> {
  const { address = DEFAULT_ADDRESS, config, log } = options;
  const isPublic = !isLoopback(address);
  if (!isPublic && options.enableAuth !== true) return undefined;
  const keys = await openKeys(config, { hostName: new URL(url).host, log });
  const reason = isPublic ? `, as others than this machine can call ${address}` : '';
  options.say(`Keys are required${reason}; they are in ${keys.place}`);
  return keys;
}

function reportProblems(problems: readonly FunctionProblem[], log: Logger): void {
  for (const { functionName, reason } of problems) {
    text(log, 'error', 'Host.Startup', problemText(functionName, reason));
  }
}
