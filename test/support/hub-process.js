/**
 * A worker of the build as a process of its own, to be killed: runs the function app of a folder on a hub. Says `ready`, and
 * on any line of input starts the instance and raises its events, as a client in the same process. SIGTERM stops the worker.
 * Arguments: one JSON text of { scriptRoot, storage, commitWindowMs, name, instanceId, events, event, logFile }. A storage with a path is a
 * folder; there the process can end by its own hand, at transaction `killAt`, while that is `killWhen` ('committing', 'committed').
 */
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import {
  createAppInvoker,
  createAzureStorageBackend,
  createTaskHubWorker,
  loadFunctionApp,
  TaskHubClient,
} from '../../dist/index.js';
import { createLocalBackend } from '../../dist/local/local-backend.js';
import { randomUUID } from 'node:crypto';

const {
  scriptRoot,
  storage,
  triggers,
  commitWindowMs,
  name,
  instanceId,
  events = ['Go'],
  event,
  logFile,
} = JSON.parse(process.argv[2] ?? '');
/** @param {{ level: string, message: string }} record */
function write({ level, message }) {
  const isLoud = level === 'warning' || level === 'error';
  if (isLoud && logFile !== undefined) {
    appendFileSync(logFile, `${new Date().toISOString()} ${message}\n`);
  }
}
const log = { write };
const ambient = { now: () => Date.now(), newId: () => randomUUID().replaceAll('-', '') };
const { taskHub } = storage;

const app = await loadFunctionApp({
  scriptRoot,
  environment: {},
  log,
  bindings: [],
  resolveSetting: (text) => text,
});
const backend =
  storage.path === undefined
    ? createAzureStorageBackend({ ...storage, log })
    : createLocalBackend({ ...storage, log, transactions: { [storage.killWhen]: endAt } });
let isArmed = false;
/** @param {number} transaction */
function endAt(transaction) {
  if (isArmed && transaction === storage.killAt) process.kill(process.pid, 'SIGKILL');
}
await backend.createHub();
const worker = createTaskHubWorker({
  backend,
  invoker: createAppInvoker({ app, settings: triggers }),
  ambient,
  log,
  settings: {
    taskHub,
    commitWindowMs,
    maxConcurrentActivities: 20,
    maxConcurrentOrchestrations: 20,
  },
});
const client = new TaskHubClient({ backend, ambient, log, taskHub });
await worker.start();
process.once('SIGTERM', () => {
  void worker.stop().then(() => process.exit(0));
});
process.stdout.write('ready\n');
await once(process.stdin, 'data');
isArmed = true;
await client.start({ name, instanceId, input: null });
await Promise.all(
  events.map((eventName) => client.raiseEvent(instanceId, eventName, JSON.stringify(event))),
);
