// The engines that run the benchmark's orchestrations behind the management API: our host, and the .NET extension.
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, run, runToEnd, untilAnswers } from './child-process.js';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const func = path.join(root, 'dist/cli/func.js');

/** A copy of an app with its packages. @param source within the repository. @default the benchmark's app */
export function copyApp(source = 'bench/app') {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-app-'));
  cpSync(path.join(root, source), folder, { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Our host with the benchmark's app, as it is deployed: nobody watches its files.
 * @param storage local, azurite or memory. @param connection of azurite.
 */
export async function startOurs({ storage, connection, hub, environment = {} }) {
  const app = copyApp();
  const port = await freePort();
  const where = storage === 'azurite' ? [] : ['--storage', storage];
  const env = {
    ...process.env,
    AzureWebJobsStorage: connection,
    FUNCTIONS_WORKER_RUNTIME: 'node',
    AzureFunctionsJobHost__extensions__durableTask__hubName: hub,
    AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
    // For `func durable`, too, which has no option for it.
    ...(storage === 'local' && {
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'local',
    }),
    ...environment,
  };
  if (connection === undefined) delete env.AzureWebJobsStorage;
  const child = run(
    process.execPath,
    [func, 'start', '--no-reload', '--port', String(port), ...where],
    { cwd: app.folder, env },
  );
  const management = `http://127.0.0.1:${port}/runtime/webhooks/durabletask`;
  await untilAnswers(`${management}/instances/none?code=x`, child);
  return {
    management,
    pids: [child.pid],
    durable: (...args) => durable(args, { cwd: app.folder, env }),
    async stop() {
      await child.stop();
      app.remove();
    },
  };
}

/**
 * The .NET extension with the same orchestrations.
 * @param folder where its programs are.
 */
export async function startReference({ folder: reference, connection, hub }) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-reference-'));
  mkdirSync(path.join(folder, 'node'));
  cpSync(path.join(reference, 'node'), path.join(folder, 'node'), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node/node_modules'));
  const app = copyApp();
  const nodePort = await freePort();
  const webhookPort = await freePort();
  const bridge = run(process.execPath, ['bridge.js', './app.js', String(nodePort)], {
    cwd: path.join(folder, 'node'),
  });
  await untilAnswers(`http://127.0.0.1:${nodePort}/functions`, bridge);
  const { CONTAINER_NAME: _ignored, ...environment } = process.env;
  const host = run('dotnet', [path.join(reference, 'bin/extension-host/HostB.dll')], {
    env: {
      ...environment,
      CONN: connection,
      HUB: hub,
      NODE_URL: `http://127.0.0.1:${nodePort}`,
      WEBHOOK_PORT: String(webhookPort),
    },
  });
  const management = `http://localhost:${webhookPort}/runtime/webhooks/durabletask`;
  await untilAnswers(`${management}/instances/none`, host);
  const env = { ...process.env, AzureWebJobsStorage: connection };
  return {
    management,
    pids: [host.pid, bridge.pid],
    durable: (...args) => durable([...args, '--task-hub-name', hub], { cwd: app.folder, env }),
    async stop() {
      await host.stop();
      await bridge.stop();
      app.remove();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `func durable` as a process of its own, which knows nothing but the storage. @returns what it prints. */
export async function durable(args, options) {
  return JSON.parse(
    await runToEnd(process.execPath, [func, 'durable', ...args, '--json'], options),
  );
}
