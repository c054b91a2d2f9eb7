// What is measured, the same for every engine: instances are started over HTTP, and done when storage says so. `target` is
// { management, outcomes }.

/** Light enough to be no load: one query for all instances. How long instances took does not depend on it. */
const POLL_MS = 10;
const NOW = () => performance.timeOrigin + performance.now();

/** Starts instances, `inFlight` at a time, and waits until all are done. Times are in ms, to the stored outcome. */
export async function runInstances(target, { name, input, count, inFlight }) {
  const started = new Map();
  const latencies = [];
  const begun = NOW();
  let lastStored = begun;
  let toStart = count;
  const startOne = async () => {
    toStart--;
    const at = NOW();
    const response = await fetch(`${target.management}/orchestrators/${name}?code=x`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input ?? null),
    });
    if (response.status !== 202) throw new Error(`start answered ${response.status}`);
    started.set((await response.json()).id, at);
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
  const totalMs = lastStored - begun;
  latencies.sort((a, b) => a - b);
  return {
    totalMs,
    perSecond: (count * 1000) / totalMs,
    p50: latencies[Math.floor(count * 0.5)],
    p95: latencies[Math.min(count - 1, Math.floor(count * 0.95))],
  };
}

/** Requests to storage for one instance of each kind. What the measuring itself asks does not go through the proxy. */
export async function countRequests(target, proxy, { name, input, count }) {
  await settle(proxy);
  proxy.reset();
  // One at a time, so that nothing is shared.
  await runInstances(target, { name, input, count, inFlight: 1 });
  await settle(proxy);
  const counts = proxy.counts();
  const total = Object.entries(counts)
    .filter(([operation]) => operation !== 'queue get (empty)' && !operation.startsWith('blob'))
    .reduce((sum, [, number]) => sum + number, 0);
  return { perInstance: total / count, operations: counts };
}

/** Waits until storage has been left alone, but for idle polls, for half a second. */
async function settle(proxy) {
  const busy = () =>
    Object.entries(proxy.counts())
      .filter(([operation]) => operation !== 'queue get (empty)')
      .reduce((sum, [, number]) => sum + number, 0);
  let before = -1;
  while (before !== busy()) {
    before = busy();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
