// Several hosts on one hub: what more of them bring, what moves when one comes, and what they ask of storage.
import { TableClient } from '@azure/data-tables';
import { connectionString } from './azurite.js';
import { startCountingProxy } from './counting-proxy.js';
import { startOurs, startReference } from './engines.js';
import { runInstances } from './scenarios.js';
import { measureSilence } from './silence.js';
import { median } from './statistics.js';
import { countAll } from './storage-requests.js';
import { storedOutcomes } from './stored-outcomes.js';

const PARTITIONS = 4;
const SHARED_WITHIN_MS = 120_000;
const HELLO = { name: 'HelloSequence', inFlight: 100 };

/**
 * Timed straight on Azurite; counted behind a proxy.
 * @param reference folder of the .NET extension. All of its workers on a machine have one name, so that there can only be one.
 * @returns one entry for each number of workers that is asked for.
 */
export async function measureWorkers(azurite, { workers, reference, unique, ...options }) {
  const results = [];
  for (const count of workers) {
    const start = (where) => startOurs({ storage: 'azurite', ...where });
    const label = count === 1 ? '1 worker' : `${count} workers`;
    results.push(
      await measureOne(azurite, { ...options, id: `w${count}${unique}`, label, count, start }),
    );
  }
  if (reference !== undefined) {
    const start = (where) => startReference({ folder: reference, ...where });
    const one = { id: `net${unique}`, label: '.NET extension, 1 worker', count: 1, start };
    results.push(await measureOne(azurite, { ...options, ...one }));
  }
  return results;
}

async function measureOne(azurite, { id, label, count, start, isQuick, runs, silenceSeconds }) {
  console.log(`workers on one hub: ${label}`);
  // Who reads the history of an instance that another process started has Azurite look through the table of all: it must stay small.
  const size = isQuick ? 100 : 200;
  const metrics = {};
  await withWorkers(azurite, { hub: `Rate${id}`, count, start }, async (target, joined) => {
    Object.assign(metrics, joined);
    await runInstances(target, { ...HELLO, count: size });
    const rates = [];
    for (let run = 0; run < runs; run++) {
      rates.push((await runInstances(target, { ...HELLO, count: size })).perSecond);
    }
    metrics.rate = median(rates);
  });
  const proxy = await startCountingProxy(azurite.ports);
  try {
    const where = { hub: `Count${id}`, count, start, ports: proxy.ports };
    await withWorkers(azurite, where, async (target) => {
      await runInstances(target, { ...HELLO, count: 100 });
      proxy.reset();
      const { totalMs } = await runInstances(target, { ...HELLO, count: size });
      metrics.requestsLoaded = (countAll(proxy) * 60_000) / totalMs;
      metrics.requestsAnInstance = countAll(proxy) / size;
      const { idleRequestsPerMinute } = await measureSilence(target, silenceSeconds, proxy);
      metrics.requestsIdle = idleRequestsPerMinute;
    });
  } finally {
    proxy.close();
  }
  return { label, metrics };
}

/** Runs `work` on a target whose starts go to each host in turn, when all hosts have their share. */
async function withWorkers(azurite, { hub, count, start, ports = azurite.ports }, work) {
  const hosts = [];
  try {
    const joined = { moved: undefined, sharedMs: undefined };
    for (let n = 0; n < count; n++) {
      const before = n === 0 ? [] : await owners(azurite, hub);
      hosts.push(await start({ connection: connectionString(ports), hub }));
      const begun = performance.now();
      const after = await untilShared(azurite, hub, n + 1);
      if (n === 0) continue;
      joined.moved = after.filter((owner, partition) => owner !== before[partition]).length;
      joined.sharedMs = performance.now() - begun;
    }
    let turn = 0;
    const target = {
      get management() {
        return hosts[turn++ % count].management;
      },
      pids: hosts.flatMap(({ pids }) => pids),
      outcomes: storedOutcomes(connectionString(azurite.ports), hub),
    };
    await work(target, joined);
  } finally {
    await Promise.all(hosts.map((host) => host.stop()));
  }
}

/** Resolves with the owners when so many workers have all partitions, in shares that differ by one at most. */
async function untilShared(azurite, hub, count) {
  const deadline = Date.now() + SHARED_WITHIN_MS;
  for (;;) {
    const found = await owners(azurite, hub);
    const shares = new Map();
    for (const owner of found) shares.set(owner, (shares.get(owner) ?? 0) + 1);
    const sizes = [...shares.values()];
    const isEven = Math.max(...sizes) - Math.min(...sizes) <= 1;
    const isWhole = found.length === PARTITIONS && !shares.has(undefined);
    if (isWhole && shares.size === Math.min(count, PARTITIONS) && isEven) return found;
    if (Date.now() > deadline) {
      throw new Error(`${count} workers do not share the hub: ${JSON.stringify(found)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** By partition; undefined for one that is on its way. */
async function owners(azurite, hub) {
  const table = TableClient.fromConnectionString(
    connectionString(azurite.ports),
    `${hub}Partitions`,
    { allowInsecureConnection: true },
  );
  const found = [];
  for await (const { CurrentOwner, NextOwner } of table.listEntities()) {
    found.push(NextOwner ? undefined : CurrentOwner || undefined);
  }
  return found;
}
