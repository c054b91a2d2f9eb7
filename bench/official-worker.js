// The official Node worker of Azure Functions with the benchmark's app, under the Functions host that the tests play.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { copyApp, durable, root } from './engines.js';
import { median } from './statistics.js';

const HOST_SOURCE = path.join(root, 'test/support/functions-host/functions-host.ts');
/** Inside the repository, so that it finds its packages. */
const HOST_FOLDER = path.join(root, 'node_modules/.cache/functions-host');
const PRELOAD = { NODE_OPTIONS: `--require ${path.join(root, 'dist/worker/preload.js')}` };
const STARTS = 5;

/** The host of the tests is TypeScript, which not every Node runs. */
async function loadHost(workerFolder) {
  const tsc = path.join(root, 'node_modules/typescript/bin/tsc');
  const options = [
    ...['--outDir', HOST_FOLDER, '--rootDir', path.join(root, 'test/support')],
    ...['--module', 'nodenext', '--target', 'es2023', '--types', 'node'],
    ...['--rewriteRelativeImportExtensions', '--skipLibCheck', '--noCheck', '--ignoreConfig'],
  ];
  const { status, stdout } = spawnSync(process.execPath, [tsc, HOST_SOURCE, ...options]);
  if (status !== 0) throw new Error(`tsc: ${stdout}`);
  process.env.OFFICIAL_FUNCTIONS_WORKER = workerFolder;
  const file = path.join(HOST_FOLDER, 'functions-host/functions-host.js');
  return (await import(pathToFileURL(file))).FunctionsHost;
}

/** @param folder of the worker. @param connection of Azurite. */
export async function startOfficialWorker({ folder, connection, hub }) {
  const FunctionsHost = await loadHost(folder);
  const app = copyApp();
  const env = {
    AzureWebJobsStorage: connection,
    AzureFunctionsJobHost__extensions__durableTask__hubName: hub,
    AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
  };
  const host = await FunctionsHost.start({ appFolder: app.folder, env: { ...env, ...PRELOAD } });
  return {
    management: `${host.url}/durabletask`,
    pids: [host.pid],
    durable: (...args) => durable(args, { cwd: app.folder, env: { ...process.env, ...env } }),
    async stop() {
      await host.terminate();
      app.remove();
    },
  };
}

/** From the start of the worker's process until the host knows all functions, without this package and with it. */
export async function measureWorkerStart({ folder, connection, hub }) {
  const FunctionsHost = await loadHost(folder);
  const app = copyApp();
  const settings = {
    AzureWebJobsStorage: connection,
    AzureFunctionsJobHost__extensions__durableTask__hubName: hub,
  };
  const timeStart = async (env) => {
    const begun = performance.now();
    const host = await FunctionsHost.start({ appFolder: app.folder, env });
    const ms = performance.now() - begun;
    await host.kill();
    return ms;
  };
  const plain = [];
  const withUs = [];
  for (let start = 0; start < STARTS; start++) {
    plain.push(await timeStart(settings));
    withUs.push(await timeStart({ ...settings, ...PRELOAD }));
  }
  app.remove();
  return { workerStart: median(withUs), workerStartAdded: median(withUs) - median(plain) };
}
