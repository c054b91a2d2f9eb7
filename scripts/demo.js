// `npm run demo`: the hello sequence, from nothing to its result. Starts storage and the host on ports that are free, in a
// temporary folder, runs samples/typescript, and cleans up. Exit code 0 when the result is right.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startAzurite } from '../dist/host/azurite.js';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const ACCOUNT = 'devstoreaccount1';
// The well-known key of every storage emulator; not a secret.
const ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const EXPECTED = ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'];
const START_DEADLINE_MS = 20_000;
const STOP_DEADLINE_MS = 10_000;

const cleanups = [];
let exitCode = 1;
try {
  await demo();
  exitCode = 0;
} catch (error) {
  console.error(`The demo failed: ${error.message}`);
} finally {
  for (const cleanup of cleanups.reverse()) await cleanup();
}
process.exit(exitCode);

async function demo() {
  const folder = await mkdtemp(path.join(tmpdir(), 'durable-demo-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));

  const [blob, queue, table, port] = await freePorts(4);
  const ports = { blob, queue, table };
  console.log(
    `1. Storage: Azurite on the ports ${Object.values(ports).join(', ')}, data in ${folder}`,
  );
  const azurite = await startAzurite({ location: folder, ports });
  cleanups.push(() => azurite.stop());

  console.log(`2. Host: func start --script-root samples/typescript --port ${port}`);
  const host = startHost(port, connectionString(ports));
  cleanups.push(() => stop(host));
  await hostIsUp(host, port);

  const url = `http://localhost:${port}/api/orchestrators/E1_HelloSequence/wait?timeout=15&retryInterval=0.1`;
  console.log(`3. Start and wait: curl -X POST '${url}'`);
  const response = await fetch(url, { method: 'POST' });
  const text = await response.text();
  console.log(`4. Result: ${response.status} ${text}`);
  if (response.status !== 200 || text !== JSON.stringify(EXPECTED)) {
    throw new Error(
      `expected 200 ${JSON.stringify(EXPECTED)}. The host printed:\n${host.printed()}`,
    );
  }
}

function startHost(port, storage) {
  const program = path.join(ROOT, 'dist', 'cli', 'func.js');
  const app = path.join(ROOT, 'samples', 'typescript');
  const child = spawn(process.execPath, [program, 'start', '--script-root', app, '--port', port], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, AzureWebJobsStorage: storage, NO_COLOR: '1' },
  });
  let printed = '';
  child.stdout.on('data', (chunk) => (printed += chunk));
  child.stderr.on('data', (chunk) => (printed += chunk));
  return {
    child,
    printed: () => printed,
    exited: new Promise((resolve) => child.once('exit', resolve)),
  };
}

async function hostIsUp(host, port) {
  const deadline = Date.now() + START_DEADLINE_MS;
  for (;;) {
    if (host.child.exitCode !== null) throw new Error(`the host ended:\n${host.printed()}`);
    if (await answers(`http://localhost:${port}/admin/host/status`)) return;
    if (Date.now() > deadline) throw new Error(`the host does not answer:\n${host.printed()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function answers(url) {
  try {
    const response = await fetch(url);
    return response.ok && (await response.json()).state === 'Running';
  } catch {
    return false; // Not listening yet.
  }
}

async function stop(host) {
  const kill = setTimeout(() => host.child.kill('SIGKILL'), STOP_DEADLINE_MS);
  host.child.kill('SIGTERM');
  await host.exited;
  clearTimeout(kill);
}

function connectionString({ blob, queue, table }) {
  const endpoint = (port) => `http://127.0.0.1:${port}/${ACCOUNT}`;
  return [
    'DefaultEndpointsProtocol=http',
    `AccountName=${ACCOUNT}`,
    `AccountKey=${ACCOUNT_KEY}`,
    `BlobEndpoint=${endpoint(blob)}`,
    `QueueEndpoint=${endpoint(queue)}`,
    `TableEndpoint=${endpoint(table)}`,
  ].join(';');
}

/** Ports that nobody listens on; all held open until the last one is known, so that they differ. */
async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, listenAnywhere));
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listenAnywhere() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });
}
