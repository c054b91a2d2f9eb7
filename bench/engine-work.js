// How much of a message's cost is the engine's own, and how much is the replay of the SDK: a long chain on the memory
// backend with the real SDK, timed per step. The engine's share must not grow with the history.
import { symlinkSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './processes.js';

const STEPS = 1000;
const AROUND = [50, 100, 250, 500, 950];

export async function measureEngineWork() {
  const {
    createAppInvoker,
    createMemoryBackend,
    createTaskHubWorker,
    loadFunctionApp,
    TaskHubClient,
  } = await import('../dist/index.js');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'bench-work-'));
  cpSync(path.join(root, 'bench/app'), folder, { recursive: true });
  symlinkSync(path.join(root, 'node_modules'), path.join(folder, 'node_modules'));
  const log = { write: () => undefined };
  const app = await loadFunctionApp({
    scriptRoot: folder,
    environment: process.env,
    log,
    bindings: [],
    resolveSetting: (text) => text,
  });
  const invoker = createAppInvoker({
    app,
    log,
    settings: {
      longRunningTimerIntervalDuration: '3.00:00:00',
      maximumShortTimerDuration: '6.00:00:00',
      defaultHttpAsyncRequestSleepTimeMs: 30_000,
    },
  });
  const samples = [];
  let runEnded = 0;
  let activityMs = 0;
  const timed = {
    functions: invoker.functions,
    runEntity: (invocation) => invoker.runEntity(invocation),
    async runActivity(invocation) {
      const begun = performance.now();
      const outcome = await invoker.runActivity(invocation);
      activityMs += performance.now() - begun;
      return outcome;
    },
    async runOrchestrator(invocation) {
      const begun = performance.now();
      const engineMs = runEnded === 0 ? 0 : begun - runEnded - activityMs;
      activityMs = 0;
      const answer = await invoker.runOrchestrator(invocation);
      runEnded = performance.now();
      samples.push({ engineMs, sdkMs: runEnded - begun });
      return answer;
    },
  };
  const backend = createMemoryBackend();
  const ambient = { now: () => Date.now(), newId: () => crypto.randomUUID().replaceAll('-', '') };
  const worker = createTaskHubWorker({
    backend,
    invoker: timed,
    ambient,
    log,
    settings: { taskHub: 'Work', maxConcurrentActivities: 10, maxConcurrentOrchestrations: 10 },
  });
  await worker.start();
  const client = new TaskHubClient({ backend, ambient, log, taskHub: 'Work' });
  const id = await client.start({ name: 'Chain', input: String(STEPS) });
  await client.waitForTerminal(id, { timeoutMs: 300_000, intervalMs: 50 });
  await worker.stop();
  await app.dispose();
  rmSync(folder, { recursive: true, force: true });
  return AROUND.map((step) => {
    const window = samples.slice(step - 25, step + 25);
    const median = (key) => window.map((sample) => sample[key]).sort((a, b) => a - b)[25];
    return { step, engineMs: median('engineMs'), sdkMs: median('sdkMs') };
  });
}
