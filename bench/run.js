// npm run bench: see options.js. Measures our host, and beside it, in the same run, the engines that are asked for and present.
import { connectionString, startAzurite } from './azurite.js';
import { startCountingProxy } from './counting-proxy.js';
import { measureEngineWork } from './engine-work.js';
import { root, startOurs, startReference } from './engines.js';
import { measureGrowth } from './growth.js';
import { measureIdle, measureRequests, measureTimes } from './measure.js';
import { measureWorkerStart, startOfficialWorker } from './official-worker.js';
import { readOptions, USAGE } from './options.js';
import { findPeers } from './peers.js';
import { describeMachine, report } from './report.js';
import { storedOutcomes } from './stored-outcomes.js';
import { measureWorkers } from './workers.js';

const unique = Date.now().toString(36);

let options;
try {
  options = readOptions(process.argv.slice(2), process.env, root);
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
if (options.isHelp) {
  console.log(USAGE);
  process.exit(0);
}

const results = {
  machine: describeMachine(),
  isQuick: options.isQuick,
  runs: options.runs,
  columns: [],
  growth: [],
  engineWork: [],
  workers: [],
};
for (const storage of options.storages.filter((each) => each !== 'azurite')) {
  await measureWithoutAzurite(storage);
}
for (const { id, label, measure } of options.peers === undefined ? [] : findPeers(options.peers)) {
  await attempt(label, async () => {
    const metrics = await measure(options);
    if (metrics !== undefined) results.columns.push({ id, label, metrics });
  });
}
await measureOnAzurite();
if (!options.isQuick && options.storages.length > 0) {
  await attempt('work of the engine', async () => {
    results.engineWork = await measureEngineWork([500, 2000]);
  });
}
await report(results, options);

/** What fails does not take with it what was measured of others; the exit code tells. */
async function attempt(label, work) {
  console.log(label);
  try {
    await work();
  } catch (error) {
    console.error(`${label} failed:`, error);
    process.exitCode = 1;
  }
}

async function measureWithoutAzurite(storage) {
  const label = `ours, ${storage === 'memory' ? 'in memory' : storage}`;
  await attempt(label, async () => {
    const target = await startOurs({ storage, hub: `Bench${unique}` });
    const metrics = {};
    try {
      Object.assign(metrics, await measureTimes(target, options));
      Object.assign(metrics, await measureIdle(target, { ...options, storage }));
    } finally {
      await target.stop();
    }
    results.columns.push({ id: storage, label, isOurs: true, metrics });
  });
  if (options.hasGrowth) await addGrowth({ storage }, label);
}

async function measureOnAzurite() {
  const isUsed =
    options.storages.includes('azurite') ||
    options.triesNoWindow ||
    options.officialWorker !== undefined ||
    options.workers.length > 0 ||
    options.reference !== undefined;
  if (!isUsed) return;
  const azurite = await startAzurite();
  try {
    if (options.storages.includes('azurite')) {
      const start = (where) => startOurs({ storage: 'azurite', ...where });
      await addAzuriteColumn(
        azurite,
        { id: 'azurite', label: 'ours, Azurite', isOurs: true },
        start,
      );
      const connection = connectionString(azurite.ports);
      if (options.hasGrowth) await addGrowth({ storage: 'azurite', connection }, 'ours, Azurite');
    }
    if (options.triesNoWindow) {
      const environment = {
        AzureFunctionsJobHost__extensions__durableTask__commitWindow: '00:00:00',
      };
      const start = (where) => startOurs({ storage: 'azurite', ...where, environment });
      const column = { id: 'noWindow', label: 'ours, Azurite, no commit window', isOurs: true };
      await addAzuriteColumn(azurite, column, start);
    }
    if (options.officialWorker !== undefined) {
      const folder = options.officialWorker;
      const start = (where) => startOfficialWorker({ folder, ...where });
      const column = { id: 'worker', label: 'ours, Azurite, official worker', isOurs: true };
      const connection = connectionString(azurite.ports);
      await addAzuriteColumn(azurite, column, start, () =>
        measureWorkerStart({ folder, connection, hub: `Start${unique}` }),
      );
    }
    if (options.workers.length > 0) {
      await attempt('workers on one hub', async () => {
        results.workers = await measureWorkers(azurite, { ...options, unique });
      });
    }
    if (options.reference !== undefined && options.storages.length > 0) {
      const start = (where) => startReference({ folder: options.reference, ...where });
      await addAzuriteColumn(
        azurite,
        { id: 'reference', label: '.NET extension', isSlow: true },
        start,
      );
    }
  } finally {
    await azurite.stop();
  }
}

/** Timed straight on Azurite; counted, and left alone, behind a proxy. What is stored is always read past it. */
async function addAzuriteColumn(azurite, column, start, measureMore) {
  const metrics = {};
  const withTarget = async (ports, name, work) => {
    const hub = `${name}${column.id}${unique}`;
    const target = await start({ connection: connectionString(ports), hub });
    try {
      const outcomes = storedOutcomes(connectionString(azurite.ports), hub);
      Object.assign(metrics, await work({ ...target, outcomes }));
    } finally {
      await target.stop();
    }
  };
  await attempt(`${column.label}: times`, () =>
    withTarget(azurite.ports, 'Times', (target) => {
      const { isSlow } = column;
      return measureTimes(target, { ...options, storagePid: azurite.pid, isSlow });
    }),
  );
  await attempt(`${column.label}: requests to storage, and silence`, async () => {
    const proxy = await startCountingProxy(azurite.ports);
    try {
      await withTarget(proxy.ports, 'Counts', async (target) => ({
        ...(await measureRequests(target, proxy)),
        ...(await measureIdle(target, { ...options, storage: 'azurite' }, proxy)),
      }));
    } finally {
      proxy.close();
    }
  });
  if (measureMore !== undefined) {
    await attempt(`${column.label}: start`, async () => {
      Object.assign(metrics, await measureMore());
    });
  }
  results.columns.push({ ...column, metrics });
}

/** On a hub of its own, which is filled. */
async function addGrowth({ storage, connection }, label) {
  const hub = `Growth${unique}`;
  await attempt(`${label}: growth`, async () => {
    const target = await startOurs({ storage, connection, hub });
    try {
      const outcomes = connection === undefined ? undefined : storedOutcomes(connection, hub);
      const growth = await measureGrowth({ ...target, outcomes }, { ...options, storage });
      results.growth.push({ label, ...growth });
    } finally {
      await target.stop();
    }
  });
}
