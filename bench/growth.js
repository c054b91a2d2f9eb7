// How times grow with the size of what is run, and with what the hub holds: nothing may get slower than in proportion.
import { send, start } from './management-api.js';
import { watchUsage } from './process-usage.js';
import { runInstances } from './scenarios.js';
import { percentile } from './statistics.js';

/** Azurite looks through all rows of a table for each one that it writes: more than this measures nothing but that. */
const SIZES = {
  azurite: { chains: [100, 200, 500, 1000], atOnce: 1000, finished: 0 },
  other: { chains: [100, 200, 500, 1000, 2000, 5000], atOnce: 10_000, finished: 100_000 },
};
const PAGE_SIZE = 100;

/** @returns numbers for the table, and the curve of the chains. */
export async function measureGrowth(target, { storage, isQuick }) {
  const sizes = SIZES[storage === 'azurite' ? 'azurite' : 'other'];
  const share = isQuick ? 0.1 : 1;
  await runInstances(target, { name: 'HelloSequence', count: 50, inFlight: 10 });
  const chains = [];
  for (const steps of sizes.chains) {
    const { totalMs } = await runInstances(target, {
      name: 'Chain',
      input: steps,
      count: 1,
      inFlight: 1,
    });
    chains.push({ steps, ms: totalMs });
  }
  const atOnce = await runAtOnce(target, sizes.atOnce * share);
  const finished = sizes.finished * share;
  return { chains, atOnce, finished: finished > 0 ? await fill(target, finished) : undefined };
}

/** All are started before anybody looks whether they are done. */
async function runAtOnce(target, count) {
  const { result, memoryMb } = await watchUsage(target.pids, async () => {
    const begun = performance.now();
    await inParallel(200, count, () => start(target, 'HelloSequence'));
    const startedMs = performance.now() - begun;
    while (await isAnyUnderWay(target)) await new Promise((resolve) => setTimeout(resolve, 100));
    return { count, startedMs, totalMs: performance.now() - begun };
  });
  return { ...result, perSecond: (count * 1000) / result.totalMs, memoryMb };
}

async function isAnyUnderWay({ management }) {
  const query = 'code=x&runtimeStatus=Pending,Running&top=1';
  const { text } = await send('GET', `${management}/instances?${query}`);
  return JSON.parse(text).length > 0;
}

async function fill(target, count) {
  const before = await looks(target);
  const begun = performance.now();
  await inParallel(200, count, () => start(target, 'Nothing'));
  while (await isAnyUnderWay(target)) await new Promise((resolve) => setTimeout(resolve, 100));
  const fillMs = performance.now() - begun;
  const after = await looks(target);
  const { purged, purgeMs } = await purgeAll(target);
  return { count, perSecond: (count * 1000) / fillMs, before, after, purged, purgeMs };
}

/** What clients do, in ms: p50 of a start with its outcome, and of a page of the list. */
async function looks(target) {
  const { p50 } = await runInstances(target, { name: 'HelloSequence', count: 20, inFlight: 1 });
  const pages = [];
  for (let look = 0; look < 10; look++) {
    const begun = performance.now();
    const { status } = await send(
      'GET',
      `${target.management}/instances?code=x&top=${PAGE_SIZE}&runtimeStatus=Completed`,
    );
    if (status !== 200) throw new Error(`a list answered ${status}`);
    pages.push(performance.now() - begun);
  }
  return { helloMs: p50, pageMs: percentile(pages, 50) };
}

/** A purge answers in time with what it got done: the same request goes on. */
async function purgeAll({ management }) {
  const begun = performance.now();
  let purged = 0;
  for (;;) {
    const query = 'code=x&createdTimeFrom=2020-01-01&runtimeStatus=Completed';
    const { status, text } = await send('DELETE', `${management}/instances?${query}`);
    if (status === 404) return { purged, purgeMs: performance.now() - begun };
    if (status !== 200) throw new Error(`a purge answered ${status}: ${text}`);
    purged += JSON.parse(text).instancesDeleted;
  }
}

async function inParallel(width, count, run) {
  let left = count;
  const next = async () => {
    while (left > 0) {
      left--;
      await run();
    }
  };
  await Promise.all(Array.from({ length: width }, next));
}
