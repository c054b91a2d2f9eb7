// `npm run demo`: the hello sequence, from nothing to its result. Builds, starts the host on a port that is free, with its task hub in a
// temporary folder, runs samples/typescript, and cleans up. Exit code 0 when the result is right.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const EXPECTED = ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'];
const STORAGE_PATH = 'AzureFunctionsJobHost__extensions__durableTask__storageProvider__path';
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
  console.log('1. Build: npm run build, which takes some seconds');
  const { status } = spawnSync(process.execPath, [path.join(ROOT, 'scripts', 'build.js')], {
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('npm run build has failed.');

  const folder = await mkdtemp(path.join(tmpdir(), 'durable-demo-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));

  const port = await freePort();
  console.log(`2. Storage: a folder, ${folder}`);

  console.log(`3. Host: func start --script-root samples/typescript --port ${port}`);
  const host = startHost(port, folder);
  cleanups.push(() => stop(host));
  await hostIsUp(host, port);

  const url = `http://localhost:${port}/api/orchestrators/E1_HelloSequence/wait?timeout=15&retryInterval=0.1`;
  console.log(`4. Start and wait: curl -X POST '${url}'`);
  const response = await fetch(url, { method: 'POST' });
  const text = await response.text();
  console.log(`5. Result: ${response.status} ${text}`);
  if (response.status !== 200 || text !== JSON.stringify(EXPECTED)) {
    throw new Error(
      `expected 200 ${JSON.stringify(EXPECTED)}. The host printed:\n${host.printed()}`,
    );
  }
}

function startHost(port, folder) {
  const program = path.join(ROOT, 'dist', 'cli', 'func.js');
  const app = path.join(ROOT, 'samples', 'typescript');
  const args = ['start', '--script-root', app, '--port', port, '--storage', 'local', '--no-reload'];
  const child = spawn(process.execPath, [program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, [STORAGE_PATH]: folder, NO_COLOR: '1' },
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

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
