/** The second composition root: an app that the official worker has loaded → configuration → its durable functions at work. */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Config } from '../config/config.ts';
import { loadConfig } from '../config/load-config.ts';
import type { FetchHandler } from '../http/responses.ts';
import { DurableError } from '../core/errors.ts';
import { listenForRpc, RPC_BASE_PATH } from '../http/rpc-listener.ts';
import { createCategoryFilter } from '../telemetry/category-filter.ts';
import { text } from '../telemetry/log-events.ts';
import { registerClassicFunctions } from './classic-functions.ts';
import { reportCodeChecks } from './code-checks.ts';
import { Engine } from './engine.ts';
import type { AppLife, AppStart } from './interception.ts';
import { registerManagementFunction } from './management-function.ts';
import { isDevelopment } from './public-address.ts';
import type { OpenHub, OpenHubOptions, WorkerRpc } from './open-hub.ts';
import { reportLimits } from './plan-limits.ts';
import { withoutRepeatedWarnings } from '../telemetry/repeated-warnings.ts';
import { createWorkerLog } from './worker-log.ts';

/** The host kills its worker some 5 s after it has asked it to end. */
const DRAIN_MS = 4000;
const RPC_SECRET_BYTES = 24;

/**
 * Resolves as soon as the host can be told of all functions; the hub is opened meanwhile.
 * @returns stops what was started; undefined in a process that waits for its app.
 * @throws {ConfigError} that lists every problem.
 */
export async function startApp(
  life: AppLife,
  { functionAppDirectory }: AppStart,
): Promise<(() => Promise<void>) | undefined> {
  if (process.env['WEBSITE_PLACEHOLDER_MODE'] === '1') return undefined;
  const config = await readConfig(functionAppDirectory);
  checkStorage(config);
  const log = withoutRepeatedWarnings(
    createWorkerLog(life, createCategoryFilter({ rules: config.logLevels })),
  );
  for (const notice of config.notices) text(log, 'warning', 'Host.Startup', notice);
  if (!life.hasRegistered) await registerClassicFunctions(life, functionAppDirectory, log);

  const open: { rpc?: WorkerRpc } = {};
  const engine = new Engine({
    open: () => loadAndOpenHub({ config, life, log, rpc: open.rpc }),
    log,
  });
  registerManagementFunction(life, config, engine.door('public'));
  reportLimits(config, life, log);
  reportCodeChecks(config, log);
  life.clients.serve({
    read: async (binding) => (await engine.hub()).client.read(binding),
    write: async (binding, value) => (await engine.hub()).client.write(binding, value),
  });
  if (config.durableTask.localRpcEndpointEnabled) open.rpc = await openRpc(engine.door('rpc'));
  engine.start();
  return async () => {
    const abort = AbortSignal.timeout(DRAIN_MS);
    await engine.stop(abort);
    await open.rpc?.listener.close(abort);
  };
}

/** Any free port: several workers of a machine have one each. */
async function openRpc(app: FetchHandler): Promise<WorkerRpc> {
  const secret = randomBytes(RPC_SECRET_BYTES).toString('hex');
  const listener = await listenForRpc(app, { preferredPort: 0 });
  const baseUrl = `http://127.0.0.1:${listener.port}/${secret}${RPC_BASE_PATH}/`;
  return { listener, secret, baseUrl };
}

/** The clients of storage take longer to load than all the rest: the host does not wait for them. */
async function loadAndOpenHub(options: OpenHubOptions): Promise<OpenHub> {
  const { openHub } = await import('./open-hub.ts');
  return await openHub(options);
}

/** The disk of a worker is no place for what has to outlive it. @throws {DurableError} `CONFIG` */
function checkStorage(config: Config): void {
  if (config.connection !== undefined || isDevelopment(config)) return;
  throw new DurableError(
    'CONFIG',
    'Where an app is deployed, its task hub needs a storage account. Set AzureWebJobsStorage, or AzureWebJobsStorage__accountName for one by identity, and leave extensions.durableTask.storageProvider.type at its default.',
  );
}

/** In Azure nobody says what the environment is: there it is production, not a developer's machine. */
async function readConfig(scriptRoot: string): Promise<Config> {
  return await loadConfig({
    scriptRoot,
    env: { AZURE_FUNCTIONS_ENVIRONMENT: 'Production', ...process.env },
    cpuCount: availableParallelism(),
  });
}
