/**
 * A worker of the build as a process of its own, to be killed: runs the function app of a folder on a hub. Says `ready`, and
 * on any line of input starts the instance and raises its events, as a client in the same process.
 * Arguments: one JSON text of { scriptRoot, storage, commitWindowMs, name, instanceId, events, event }.
 */
import { once } from 'node:events';
import { createAzureStorageBackend } from '../../dist/azure-storage/azure-storage-backend.js';
import { TaskHubClient } from '../../dist/engine/task-hub-client.js';
import { createTaskHubWorker } from '../../dist/engine/task-hub-worker.js';
import { createAppInvoker } from '../../dist/function-app/app-invoker.js';
import { loadFunctionApp } from '../../dist/function-app/load-function-app.js';
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
} = JSON.parse(process.argv[2] ?? '');
const log = { write: () => undefined };
const ambient = { now: () => Date.now(), newId: () => randomUUID().replaceAll('-', '') };
const { taskHub } = storage;

const app = await loadFunctionApp({
  scriptRoot,
  environment: {},
  log,
  bindings: [],
  resolveSetting: (text) => text,
});
const backend = createAzureStorageBackend({ ...storage, log });
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
process.stdout.write('ready\n');
await once(process.stdin, 'data');
await client.start({ name, instanceId, input: null });
await Promise.all(
  events.map((eventName) => client.raiseEvent(instanceId, eventName, JSON.stringify(event))),
);
