// How many requests to storage an instance of each kind takes, and a process that has nothing to do.
import { runInstances } from './scenarios.js';

const EMPTY_GET = 'queue get (empty)';

/** Empty polls, and requests for leases of blobs, are not the instance's. What the measuring itself asks does not go through the proxy. */
export async function countRequests(target, proxy, { name, input, count }) {
  await settle(proxy);
  proxy.reset();
  // One at a time, so that nothing is shared.
  await runInstances(target, { name, input, count, inFlight: 1 });
  await settle(proxy);
  const counts = proxy.counts();
  const total = sum(
    counts,
    (operation) => operation !== EMPTY_GET && !operation.startsWith('blob'),
  );
  return { perInstance: total / count, operations: counts };
}

/** All that has been asked since `proxy.reset()`. */
export function countAll(proxy) {
  return sum(proxy.counts(), () => true);
}

/** Waits until storage has been left alone, but for idle polls, for half a second. */
async function settle(proxy) {
  const busy = () => sum(proxy.counts(), (operation) => operation !== EMPTY_GET);
  let before = -1;
  while (before !== busy()) {
    before = busy();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function sum(counts, includes) {
  return Object.entries(counts)
    .filter(([operation]) => includes(operation))
    .reduce((total, [, number]) => total + number, 0);
}
