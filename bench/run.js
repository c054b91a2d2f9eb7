// npm run bench [-- --reference] [-- --quick]
// Measures our host on Azurite, and with --reference the .NET extension on the same Azurite in the same run. An instance is done
// when its stored status says so.
// Prints a table and writes bench/results/latest.json.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { measureEngineWork } from './engine-work.js';
import { startCountingProxy } from './counting-proxy.js';
import { connectionString, root, startAzurite, startOurs, startReference } from './processes.js';
import { countRequests, runInstances } from './scenarios.js';
import { storedOutcomes } from './stored-outcomes.js';

const withReference = process.argv.includes('--reference');
const isQuick = process.argv.includes('--quick');
const unique = Date.now().toString(36);

/** A chain that the .NET extension takes many minutes for: it is not asked to. */
const LONG_CHAIN = 2000;

async function measure(label, startEngine, azurite) {
  const proxy = await startCountingProxy(azurite.ports);
  // The engine may see storage through the proxy; what is stored is read past it.
  const start = async (connection, hub) => ({
    ...(await startEngine(connection, hub)),
    outcomes: storedOutcomes(connectionString(azurite.ports), hub),
  });
  try {
    console.log(`\n${label}: timing`);
    const direct = await start(connectionString(azurite.ports), `Bench${label}${unique}`);
    let result;
    try {
      await runInstances(direct, { name: 'HelloSequence', count: 20, inFlight: 5 });
      const alone = await runInstances(direct, {
        name: 'HelloSequence',
        count: isQuick ? 10 : 40,
        inFlight: 1,
      });
      const loaded = await runInstances(direct, {
        name: 'HelloSequence',
        count: isQuick ? 200 : 600,
        inFlight: 100,
      });
      const fanOut = await best(direct, { name: 'FanOut', input: 200, count: 1, inFlight: 1 });
      const chain = await best(direct, { name: 'Chain', input: 500, count: 1, inFlight: 1 });
      const long = { name: 'Chain', input: LONG_CHAIN, count: 1, inFlight: 1 };
      const isAsked = label === 'Ours' || (label === 'OursWithoutWindow' && !isQuick);
      const longChain = isAsked ? await runInstances(direct, long) : undefined;
      result = { alone, loaded, fanOut, chain, longChain };
    } finally {
      await direct.stop();
    }
    console.log(`${label}: counting requests to storage`);
    const counted = await start(connectionString(proxy.ports), `Count${label}${unique}`);
    try {
      await runInstances(counted, { name: 'HelloSequence', count: 5, inFlight: 1 });
      const requests = {
        hello: await countRequests(counted, proxy, { name: 'HelloSequence', count: 20 }),
        fanOut200: await countRequests(counted, proxy, { name: 'FanOut', input: 200, count: 1 }),
        chain100: await countRequests(counted, proxy, { name: 'Chain', input: 100, count: 1 }),
        chain200: await countRequests(counted, proxy, { name: 'Chain', input: 200, count: 1 }),
        chain400: await countRequests(counted, proxy, { name: 'Chain', input: 400, count: 1 }),
      };
      return { ...result, requests };
    } finally {
      await counted.stop();
    }
  } finally {
    proxy.close();
  }
}

/** The better of two runs: the first may meet cold code. */
async function best(target, scenario) {
  const runs = [await runInstances(target, scenario), await runInstances(target, scenario)];
  return runs.sort((a, b) => a.totalMs - b.totalMs)[0];
}

const azurite = await startAzurite();
const results = {};
try {
  results.ours = await measure('Ours', startOurs, azurite);
  results.oursNoWindow = await measure(
    'OursWithoutWindow',
    (connection, hub) =>
      startOurs(connection, hub, {
        AzureFunctionsJobHost__extensions__durableTask__commitWindow: '00:00:00',
      }),
    azurite,
  );
  if (withReference) results.reference = await measure('Reference', startReference, azurite);
} finally {
  await azurite.stop();
}
results.engineWork = await measureEngineWork([500, LONG_CHAIN]);

const rows = [
  ['hello sequence alone, p50 (ms)', (r) => r.alone.p50, 'time'],
  ['hello sequence alone, p95 (ms)', (r) => r.alone.p95, 'time'],
  ['hello sequences per second, 100 in flight', (r) => r.loaded.perSecond, 'rate'],
  ['200-way fan-out (ms)', (r) => r.fanOut.totalMs, 'time'],
  ['500-step chain (ms)', (r) => r.chain.totalMs, 'time'],
  ['2000-step chain (ms)', (r) => r.longChain?.totalMs, 'time'],
  ['requests: hello sequence', (r) => r.requests.hello.perInstance, 'time'],
  ['requests: 200-way fan-out', (r) => r.requests.fanOut200.perInstance, 'time'],
  ['requests: 100-step chain', (r) => r.requests.chain100.perInstance, 'time'],
  ['requests: 200-step chain', (r) => r.requests.chain200.perInstance, 'time'],
  ['requests: 400-step chain', (r) => r.requests.chain400.perInstance, 'time'],
];
const number = (value) =>
  value === undefined ? '' : value >= 100 ? value.toFixed(0) : value.toFixed(1);
console.log('\nours = commit window of 100 ms (the default); no window = commitWindow 00:00:00');
console.table(
  Object.fromEntries(
    rows.map(([name, pick, kind]) => {
      const ours = pick(results.ours);
      const theirs = results.reference && pick(results.reference);
      const ratio = theirs && (kind === 'rate' ? ours / theirs : theirs / ours);
      return [
        name,
        {
          ours: number(ours),
          'no window': number(pick(results.oursNoWindow)),
          ...(theirs ? { '.NET extension': number(theirs), 'times better': number(ratio) } : {}),
        },
      ];
    }),
  ),
);
console.log(
  'Of a chain of 2000 steps most is Azurite, which looks through all rows of a table for each one that it writes.',
);
for (const { steps, engineMs, sdkMs, around } of results.engineWork) {
  console.log(
    `Work per message in a chain of ${steps} (ms), in memory: the engine, and the SDK; ` +
      `all messages together: ${number(engineMs)} and ${number(sdkMs)}`,
  );
  console.table(
    Object.fromEntries(
      around.map((place) => [
        `around step ${place.step}`,
        { engine: place.engineMs.toFixed(3), SDK: place.sdkMs.toFixed(3) },
      ]),
    ),
  );
}
mkdirSync(path.join(root, 'bench/results'), { recursive: true });
writeFileSync(path.join(root, 'bench/results/latest.json'), JSON.stringify(results, null, 2));
console.log('written: bench/results/latest.json');
