// The processes of a benchmark: Azurite on disk, our host, and (when asked for) the .NET extension host. All on free ports.
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRequire } from 'node:module';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

async function freePort() {
  return await new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

export function connectionString(ports) {
  const endpoint = (name, port) => `${name}Endpoint=http://127.0.0.1:${port}/devstoreaccount1;`;
  return `DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=${ACCOUNT_KEY};${endpoint('Blob', ports.blob)}${endpoint('Queue', ports.queue)}${endpoint('Table', ports.table)}`;
}

export async function startAzurite() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-azurite-'));
  const ports = { blob: await freePort(), queue: await freePort(), table: await freePort() };
  const entry = path.join(
    path.dirname(require.resolve('azurite/package.json')),
    'dist/src/azurite.js',
  );
  const options = ['--silent', '--skipApiVersionCheck', '--disableTelemetry', '--location', folder];
  const child = run(process.execPath, [
    entry,
    ...options,
    ...['blob', 'queue', 'table'].flatMap((name) => [`--${name}Port`, String(ports[name])]),
  ]);
  for (const port of Object.values(ports)) await untilListening(port, child);
  return {
    ports,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Our host with the benchmark's app. */
export async function startOurs(connection, hub, environment = {}) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-app-'));
  cpSync(path.join(root, 'bench/app'), folder, { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const port = await freePort();
  const child = run(
    process.execPath,
    [path.join(root, 'dist/cli/func.js'), 'start', '--port', String(port)],
    {
      cwd: folder,
      env: {
        ...process.env,
        AzureWebJobsStorage: connection,
        FUNCTIONS_WORKER_RUNTIME: 'node',
        AzureFunctionsJobHost__extensions__durableTask__hubName: hub,
        AzureFunctionsJobHost__logging__logLevel__default: 'Warning',
        ...environment,
      },
    },
  );
  const origin = `http://127.0.0.1:${port}`;
  const management = `${origin}/runtime/webhooks/durabletask`;
  await untilAnswers(`${management}/instances/none?code=x`, child);
  return {
    management,
    async stop() {
      await child.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The .NET extension with the same orchestrations; undefined when this machine cannot run it. */
export async function startReference(connection, hub) {
  const reference = path.join(root, '../shared/reference');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-reference-'));
  mkdirSync(path.join(folder, 'node'));
  cpSync(path.join(reference, 'node'), path.join(folder, 'node'), { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node/node_modules'));
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
  await untilAnswers(
    `http://127.0.0.1:${webhookPort}/runtime/webhooks/durabletask/instances/none`,
    host,
  );
  return {
    management: `http://localhost:${webhookPort}/runtime/webhooks/durabletask`,
    async stop() {
      await host.stop();
      await bridge.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function run(command, args, options = {}) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  const output = [];
  child.stdout.on('data', (chunk) => output.push(chunk));
  child.stderr.on('data', (chunk) => output.push(chunk));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.once('error', (error) => output.push(Buffer.from(String(error))));
  return {
    get hasExited() {
      return child.exitCode !== null || child.signalCode !== null;
    },
    output: () => Buffer.concat(output).toString().slice(-3000),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const killer = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await exited;
      clearTimeout(killer);
    },
  };
}

async function untilListening(port, child) {
  await until(child, `port ${port}`, async () => {
    await new Promise((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.destroy();
        resolve();
      });
      socket.once('error', reject);
    });
  });
}

async function untilAnswers(url, child) {
  await until(child, url, async () => {
    const response = await fetch(url);
    await response.arrayBuffer();
    if (response.status >= 500) throw new Error(`status ${response.status}`);
  });
}

async function until(child, what, attempt) {
  const deadline = Date.now() + 60_000;
  for (;;) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (child.hasExited || Date.now() > deadline) {
        throw new Error(`${what} did not answer: ${String(error)}\n${child.output()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
