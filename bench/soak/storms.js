// A storage that has bad spells, as Azure's has: for the length of a storm some of its requests are refused, cut off, answered late, or
// done and not answered.
import { startReverseProxy } from '../reverse-proxy.js';

/** Of all requests of a storm. */
const SPOILT = 0.2;
/** Longer than what a worker renews by is never late on its own. */
const LATE_MS = 10_000;
const BUSY = {
  status: 503,
  headers: { 'x-ms-error-code': 'ServerBusy', 'retry-after': '1', 'content-length': '0' },
};

const SPELLS = [
  /** Not done, and said so. */
  () => BUSY,
  /** Not done: the connection breaks. */
  () => undefined,
  /** Done, but nobody hears of it. */
  async (forward) => {
    await forward();
    return undefined;
  },
  async (forward) => {
    await new Promise((resolve) => setTimeout(resolve, LATE_MS));
    return await forward();
  },
];

/**
 * @param {Record<'blob'|'queue'|'table', number>} targets ports of Azurite
 * @param random chooses the requests that suffer, and how.
 * @returns `ports` to be used in place of those; `rages` is whether there is a storm, to be set.
 */
export async function startStormyProxy(targets, random) {
  const state = { rages: false };
  const proxy = await startReverseProxy(targets, (_service, _request, forward) => {
    if (!state.rages || random() >= SPOILT) return forward();
    return Promise.resolve(SPELLS[Math.floor(random() * SPELLS.length)](forward));
  });
  return Object.assign(state, { ports: proxy.ports, close: () => proxy.close() });
}
