// What is measured, the same for every engine: instances are started over HTTP, and done when their outcome is stored. `target` is
// { management, outcomes? }: where there are `outcomes`, storage itself is asked, and else the start waits for its answer.
import { start, startAndWait } from './management-api.js';
import { percentile } from './statistics.js';

/** Light enough to be no load: one query for all instances. How long instances took does not depend on it. */
const POLL_MS = 10;
const NOW = () => performance.timeOrigin + performance.now();

/** Starts instances, `inFlight` at a time, and waits until all are done. Times are in ms, to the stored outcome. */
export async function runInstances(target, scenario) {
  const begun = NOW();
  const { latencies, lastStored } = await (target.outcomes === undefined
    ? waitForAnswers(target, scenario)
    : watchStorage(target, scenario));
  const totalMs = lastStored - begun;
  return {
    totalMs,
    perSecond: (scenario.count * 1000) / totalMs,
    p50: percentile(latencies, 50),
    p95: percentile(latencies, 95),
  };
}

async function waitForAnswers(target, { name, input, count, inFlight }) {
  const latencies = [];
  let toStart = count;
  const runOneAfterTheOther = async () => {
    while (toStart > 0) {
      toStart--;
      const at = NOW();
      await startAndWait(target, name, input);
      latencies.push(NOW() - at);
    }
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, runOneAfterTheOther));
  return { latencies, lastStored: NOW() };
}

async function watchStorage(target, { name, input, count, inFlight }) {
  const started = new Map();
  const latencies = [];
  let lastStored = 0;
  let toStart = count;
  const startOne = async () => {
    toStart--;
    const at = NOW();
    started.set(await start(target, name, input), at);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, startOne));
  /** Of those whose start is not answered yet. */
  let early = [];
  const deadline = Date.now() + 600_000;
  while (latencies.length < count) {
    if (Date.now() > deadline) throw new Error(`only ${latencies.length} of ${count} finished`);
    const ended = [...early, ...(await target.outcomes.ended())];
    const finished = ended.filter(({ id }) => started.has(id));
    early = ended.filter(({ id }) => !started.has(id));
    for (const { id, storedMs } of finished) {
      latencies.push(storedMs - started.get(id));
      lastStored = Math.max(lastStored, storedMs);
      started.delete(id);
    }
    await Promise.all(Array.from({ length: Math.min(finished.length, toStart) }, startOne));
    if (finished.length === 0) await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return { latencies, lastStored };
}
