// All that is measured of one engine on one storage, as one object of numbers: see metrics.js.
import { watchUsage } from './process-usage.js';
import { runInstances } from './scenarios.js';
import { measureSilence, startFromAnotherProcess } from './silence.js';
import { medians } from './statistics.js';
import { countRequests } from './storage-requests.js';

/** How much is run. A slow engine is asked for less, or one run of the benchmark would take an hour. */
const SIZES = {
  full: { warmUp: { count: 1500, seconds: 20 }, alone: 50, loaded: 1000, mostRuns: Infinity },
  quick: { warmUp: { count: 300, seconds: 5 }, alone: 20, loaded: 300, mostRuns: Infinity },
  slow: { warmUp: { count: 100, seconds: 10 }, alone: 20, loaded: 300, mostRuns: 2 },
};

/** @param options.storagePid of the process that stores, whose CPU time is told apart. */
export async function measureTimes(target, { isQuick, isSlow = false, runs, storagePid }) {
  const sizes = isQuick ? SIZES.quick : isSlow ? SIZES.slow : SIZES.full;
  await warmUp(target, sizes.warmUp);
  const results = [];
  for (let run = 0; run < Math.min(runs, sizes.mostRuns); run++) {
    results.push({
      ...(await measureHello(target, { ...sizes, storagePid })),
      fanOut200: await timeOne(target, 'FanOut', 200),
      fanOut1000: isSlow ? undefined : await timeOne(target, 'FanOut', 1000),
      chain500: isSlow && run > 0 ? undefined : await timeOne(target, 'Chain', 500),
    });
  }
  return medians(results);
}

/** Cold code is not what is measured: as many instances as are needed for it, or as can be done in the time. */
async function warmUp(target, { count, seconds }) {
  const deadline = Date.now() + seconds * 1000;
  for (let done = 0; done < count && Date.now() < deadline; done += 100) {
    await runInstances(target, { name: 'HelloSequence', count: 100, inFlight: 100 });
  }
}

async function measureHello(target, { alone: aloneCount, loaded: count, storagePid }) {
  const hello = { name: 'HelloSequence' };
  const alone = await runInstances(target, { ...hello, count: aloneCount, inFlight: 1 });
  const storage = storagePid === undefined ? [] : [storagePid];
  const load = () => runInstances(target, { ...hello, count, inFlight: 100 });
  const watched = await watchUsage(target.pids, () => watchUsage(storage, load));
  return {
    helloP50: alone.p50,
    helloP95: alone.p95,
    helloRate: watched.result.result.perSecond,
    helloCpuMs: watched.cpuMs / count,
    helloStorageCpuMs: storagePid && watched.result.cpuMs / count,
    memoryMb: watched.memoryMb,
  };
}

async function timeOne(target, name, input) {
  return (await runInstances(target, { name, input, count: 1, inFlight: 1 })).totalMs;
}

/** @param proxy that counts what the engine asks of storage. */
export async function measureRequests(target, proxy) {
  await runInstances(target, { name: 'HelloSequence', count: 5, inFlight: 1 });
  const perInstance = async (scenario) =>
    (await countRequests(target, proxy, scenario)).perInstance;
  return {
    helloRequests: await perInstance({ name: 'HelloSequence', count: 20 }),
    fanOut200Requests: await perInstance({ name: 'FanOut', input: 200, count: 1 }),
    chain400Requests: await perInstance({ name: 'Chain', input: 400, count: 1 }),
  };
}

/** Nothing else can reach a hub in memory. */
export async function measureIdle(target, { storage, silenceSeconds }, proxy) {
  return {
    ...(await measureSilence(target, silenceSeconds, proxy)),
    startElsewhere: storage === 'memory' ? undefined : await startFromAnotherProcess(target),
  };
}
