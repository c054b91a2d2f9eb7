// What is measured, over HTTP only, the same for every engine: `target` is { management, done }.

/** Starts instances, `inFlight` at a time, and waits until all are done. Times are in ms. */
export async function runInstances(target, { name, input, count, inFlight }) {
  const from = (await done(target, 0)).length;
  const started = new Map();
  const latencies = [];
  const begun = performance.now();
  let toStart = count;
  let seen = from;
  const startOne = async () => {
    toStart--;
    const at = performance.now();
    const response = await fetch(`${target.management}/orchestrators/${name}?code=x`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(input ?? null),
    });
    if (response.status !== 202) throw new Error(`start answered ${response.status}`);
    started.set((await response.json()).id, at);
  };
  await Promise.all(Array.from({ length: Math.min(inFlight, count) }, startOne));
  const early = new Set();
  const deadline = Date.now() + 300_000;
  while (latencies.length < count) {
    if (Date.now() > deadline) throw new Error(`only ${latencies.length} of ${count} finished`);
    const ids = await done(target, seen);
    const now = performance.now();
    seen += ids.length;
    const finished = [...early, ...ids].filter((id) => started.has(id));
    for (const id of ids) early.add(id);
    for (const id of finished) {
      early.delete(id);
      latencies.push(now - started.get(id));
      started.delete(id);
    }
    await Promise.all(Array.from({ length: Math.min(finished.length, toStart) }, startOne));
    if (finished.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
  }
  const totalMs = performance.now() - begun;
  latencies.sort((a, b) => a - b);
  return {
    totalMs,
    perSecond: (count * 1000) / totalMs,
    p50: latencies[Math.floor(count * 0.5)],
    p95: latencies[Math.min(count - 1, Math.floor(count * 0.95))],
  };
}

async function done(target, from) {
  const response = await fetch(`${target.done}?from=${from}`);
  return await response.json();
}

/** Requests to storage for one instance of each kind. */
export async function countRequests(target, proxy, { name, input, count }) {
  // Ids repeat between start and done only here; one at a time, so that nothing is shared.
  await settle(proxy);
  proxy.reset();
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
