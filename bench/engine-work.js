// How much of a message's cost is the engine's own, and how much is the replay of the SDK: long chains on the memory backend
// with the real SDK, timed per step. Neither share must grow with the history.
import { symlinkSync, cpSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { root } from './engines.js';

/** Steps on either side of the one that is named: the median of them counts. */
const AROUND = 25;

/** @returns per chain: what each message cost around some of its steps, and all of them together, in ms. */
export async function measureEngineWork(chains) {
  const { createAppInvoker, loadFunctionApp } = await import('../dist/index.js');
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
  try {
    // Cold code is not what is measured.
    await runChain(invoker, log, 100);
    const results = [];
    for (const steps of chains) {
      const samples = await runChain(invoker, log, steps);
      const sum = (key) => samples.reduce((total, sample) => total + sample[key], 0);
      results.push({
        steps,
        engineMs: sum('engineMs'),
        sdkMs: sum('sdkMs'),
        around: placesIn(steps).map((step) => medianAround(samples, step)),
      });
    }
    return results;
  } finally {
    await app.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
}

function placesIn(steps) {
  return [50, steps / 4, steps / 2, steps - AROUND - 25];
}

function medianAround(samples, step) {
  const window = samples.slice(step - AROUND, step + AROUND);
  const median = (key) => window.map((sample) => sample[key]).sort((a, b) => a - b)[AROUND];
  return { step, engineMs: median('engineMs'), sdkMs: median('sdkMs') };
}

/** @returns per message that the orchestrator was shown, what that took, and what the engine took since the one before. */
async function runChain(invoker, log, steps) {
  const { createMemoryBackend, createTaskHubWorker, TaskHubClient } =
    await import('../dist/index.js');
  const { timed, samples } = timeRuns(invoker);
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
  const id = await client.start({ name: 'Chain', input: String(steps) });
  const { runtimeStatus } = await client.waitForTerminal(id, {
    timeoutMs: 600_000,
    intervalMs: 50,
  });
  await worker.stop();
  if (runtimeStatus !== 'Completed') throw new Error(`the chain of ${steps} is ${runtimeStatus}`);
  return samples;
}

/** The invoker with a stopwatch around each feed of an orchestrator; activities count for neither. */
function timeRuns(invoker) {
  const samples = [];
  let feedEnded = 0;
  let activityMs = 0;
  const timedFeed = async (run, events) => {
    const begun = performance.now();
    const engineMs = feedEnded === 0 ? 0 : begun - feedEnded - activityMs;
    activityMs = 0;
    const answer = await run.feed(events);
    feedEnded = performance.now();
    samples.push({ engineMs, sdkMs: feedEnded - begun });
    return answer;
  };
  const timed = {
    functions: invoker.functions,
    runEntity: (invocation) => invoker.runEntity(invocation),
    async runActivity(invocation) {
      const begun = performance.now();
      const outcome = await invoker.runActivity(invocation);
      activityMs += performance.now() - begun;
      return outcome;
    },
    openOrchestration(invocation) {
      const run = invoker.openOrchestration(invocation);
      return {
        get isReplayed() {
          return run.isReplayed;
        },
        feed: (events) => timedFeed(run, events),
        close: () => run.close(),
      };
    },
  };
  return { timed, samples };
}
