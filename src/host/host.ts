/**
 * The composition root: configuration → storage → app → worker → doors. What it starts stops in reverse order. No rules live
 * here; whoever wants to know what the product consists of reads `start`.
 */
import type { Config } from '../config/config.ts';
import { workerProcessCount } from '../config/worker-process-count.ts';
import type { FunctionInvoker } from '../engine/function-invoker.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import type { DeclaredApp } from '../function-app/load-function-app.ts';
import { DASHBOARD_PATH } from '../http/host-app.ts';
import { listenForRpc, type RpcListener } from '../http/rpc-listener.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import { InstanceLog } from '../telemetry/instance-log.ts';
import type { Logger } from '../telemetry/log.ts';
import { createBindings } from '../hub/bindings.ts';
import { hangDoorbell } from '../hub/doorbell-address.ts';
import { createDoors, HUB_LEFT_ALONE, problemText } from './doors.ts';
import { type Emulator, startMissingEmulator, type StartEmulator } from './emulator.ts';
import { applyEnvironment } from './environment.ts';
import type { FunctionSummary } from './function-summary.ts';
import { openWorkingHub } from '../hub/working-hub.ts';
import { isLoopback, openKeys, type HostKeys } from '../hub/keys/host-keys.ts';
import { findHubStore, type HubStore, storeText } from './hub-store.ts';
import { bindApp, declareApp } from './load-app.ts';
import { openPublicPort, type OpenPort } from './public-port.ts';
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
  /** @default a port of this process alone */
  readonly openPort?: OpenPort | undefined;
  /**
   * Whether timers and the triggers of queues and blobs run here: of several processes of an app, they run in one. @default true
   */
  readonly runsTriggers?: boolean | undefined;
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
  /** undefined when the management API is off. */
  readonly dashboardUrl: string | undefined;
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
  const log = new InstanceLog({ next: options.log });
  const { version } = options;
  const { address: hostname } = options;
  const stopping = new AbortController();

  // The process: what only a host may do to it.
  const door = await openPublicPort(
    { port: options.port, ...(hostname && { hostname }) },
    options.openPort,
  );
  teardown.add('public port', () => door.close());
  const { url } = door;
  applyEnvironment(options.config, door.port);
  const emulator = createEmulator(options, teardown);
  const guard = guardAgainstUserCode(log);
  teardown.add('guard around user code', () => {
    guard.dispose();
  });

  // The app; where its hub is follows from its functions, when nothing else says so.
  const declared = await declareApp(options.config, log);
  const life: { app?: FunctionApp } = {};
  teardown.add('function app', async () => {
    if (life.app === undefined) declared.dispose();
    else await life.app.dispose();
  });
  const store = await findStore(options, declared);
  const { config } = store;
  if (store.usesEmulator) await emulator.start(store);

  // The hub, and the app on it.
  const bindings = createBindings(config);
  let rpc: RpcListener | undefined;
  const hub = await openWorkingHub(
    config,
    async (hubOfApp) => {
      const keys = await keysFor({ ...options, config }, url);
      const bound = await bindApp(declared, config, {
        ...hubOfApp,
        bindings: bindings.extensions,
        log,
        version,
        url,
        rpcBaseUrl: () => rpc?.baseUrl,
        keys,
      });
      life.app = bound.app;
      guard.watch(bound.app);
      const invoker = recordedInvoker(bound.invoker, { ...options, config }, teardown);
      return { ...bound, invoker, keys };
    },
    log,
  );

  // What is behind the ports; then they open, one after the other.
  const { worker, managementApp, doorbell, createScale } = hub;
  const { app, invoker, keys } = hub.app;
  const triggers = createTriggers({ config, app, bindings, keys, url, log });
  reportProblems(triggers.problems, log);
  const broken = app.problems.map(({ functionName }) => functionName);
  const { knownBroken } = options;
  const isWorking = !hubWaits({ broken, knownBroken, functions: invoker.functions });
  const doors = createDoors({
    ...triggers,
    config,
    version,
    managementApp,
    doorbell,
    scale: createScale(),
    outage: hub.outage,
    readMetrics: hub.readMetrics,
    isHubLeftAlone: !isWorking,
    app,
    keys,
    url,
    address: hostname,
    log,
    instanceLog: log,
  });
  if (config.durableTask.localRpcEndpointEnabled) {
    const listener = await listenForRpc(doors.rpc);
    teardown.add('RPC endpoint', () => listener.close(stopping.signal));
    rpc = listener;
  }
  const hasPublicPort = options.openPort === undefined || workerProcessCount(config) === 1;
  hangDoorbell(doorbell, { config, rpc, hasPublicPort });
  teardown.add('task hub worker', () => worker.stop({ abort: stopping.signal }));
  if (isWorking) await worker.start();
  else text(log, 'warning', 'Host.Startup', HUB_LEFT_ALONE);
  door.serve(doors.public);
  teardown.add('HTTP server', () => door.close(stopping.signal));
  teardown.add('clients that wait', () => {
    hub.client.stopWaiting();
  });
  if (options.runsTriggers !== false) {
    teardown.add('timers', () => triggers.timers.stop());
    await triggers.timers.start();
    teardown.add('queue triggers', () => triggers.queues.stop(stopping.signal));
    triggers.queues.start();
    teardown.add('blob triggers', () => triggers.blobs.stop(stopping.signal));
    triggers.blobs.start();
  }

  const hasDashboard = config.durableTask.managementApi !== 'off';
  return {
    url,
    dashboardUrl: hasDashboard ? `${url}${DASHBOARD_PATH}` : undefined,
    functions: triggers.functions,
    broken,
    isWorking,
    failed: Promise.race([guard.failed, emulator.died]),
    stop: async (abort) => {
      if (abort.aborted) stopping.abort(abort.reason);
      abort.addEventListener('abort', () => {
        stopping.abort(abort.reason);
      });
      await teardown.run();
    },
  };
}

/** Tells people what the configuration left open. */
async function findStore(
  { config, say }: HostOptions,
  { functions }: Pick<DeclaredApp, 'functions'>,
): Promise<HubStore> {
  const store = await findHubStore(config, functions);
  if (store.reason !== undefined) say(store.reason);
  if (config.storeSetting === 'emulator') say(`Storage:  ${storeText(store.config)}`);
  return store;
}

/** Ends last of what uses it: therefore it is known before it is started. */
function createEmulator(
  { say, startEmulator }: HostOptions,
  teardown: Teardown,
): { start(store: HubStore): Promise<void>; readonly died: Promise<Error> } {
  let emulator: Emulator | undefined;
  let isDead: (reason: Error) => void = () => undefined;
  const died = new Promise<Error>((resolve) => {
    isDead = resolve;
  });
  teardown.add('storage emulator', () => emulator?.stop());
  return {
    died,
    async start(store) {
      emulator = await startMissingEmulator(store, say, startEmulator);
      void emulator?.died.then(isDead);
    },
  };
}

function recordedInvoker(
  invoker: FunctionInvoker,
  { runRecord, log, config }: HostOptions,
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
  const maxEnds = config.durableTask.poisonMessageThreshold;
  return withRunRecord(invoker, { record, log, maxEnds });
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
