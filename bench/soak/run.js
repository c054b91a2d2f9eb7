// npm run soak: see options.js. Hosts run mixed work and are killed at random; at the end every instance is checked, and the hub for
// what was left behind. The last line has the sums; the exit code is 0 when nothing is wrong.
import { atMost } from '../../dist/base/at-most.js';
import { disturb, disturbancesOf } from './disturbances.js';
import { hasEnded, HubClient } from './hub-client.js';
import { openStorage, startHosts } from './hosts.js';
import { readOptions, USAGE } from './options.js';
import { randomFrom } from './random.js';
import { countStored } from './stored.js';
import { KINDS, problemOf } from './work.js';

/** Longer than anything takes that is not stuck, hosts that were killed included. */
const PATIENCE_MS = 120_000;
/** What could not be handled comes again after pauses that grow up to this. */
const LONGEST_REDELIVERY_MS = 660_000;
const PARALLEL = 16;
const REPORT_EVERY_MS = 30_000;
const HUB = 'Soak';

let options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
if (options.isHelp) {
  console.log(USAGE);
  process.exit(0);
}

const { seed, storage: storageName, workers, inFlight, durationMs } = options;
console.log(
  `Soak of ${durationMs / 60_000} minutes: storage ${storageName}, workers ${workers}, seed ${seed}`,
);
const problems = [];
/** id → input: a later generation of an instance has another one. */
const acknowledged = new Map();
const storage = await openStorage(storageName, HUB, randomFrom(seed + 4));
let running;
let client;
// Hosts and Azurite would go on alone.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => void close().finally(() => process.exit(1)));
}
try {
  running = await startHosts(workers, storage);
  client = new HubClient(running.hosts, randomFrom(seed + 1));
  const struck = await work();
  await finish();
  report(await check(), struck);
} catch (error) {
  console.error(`The soak broke off (seed ${seed}):`, error);
  console.error(`Hosts printed:\n${printed()}`);
  process.exitCode = 1;
} finally {
  await close();
}

async function close() {
  await running?.stop();
  running?.dispose();
  await storage.close();
}

/** Starts instances, each lane one after the other, while the hosts are disturbed. @returns how often each disturbance struck. */
async function work() {
  const deadline = Date.now() + durationMs;
  let broken;
  const disturbances = disturb(
    disturbancesOf(options, { hosts: running.hosts, storage, random: randomFrom(seed + 2) }),
    seed + 3,
    (error) => {
      broken = error;
    },
  );
  const progress = setInterval(() => {
    console.log(`  ${acknowledged.size} started, ${JSON.stringify(disturbances.counts)}`);
  }, REPORT_EVERY_MS);
  const names = Object.keys(KINDS);
  const lane = async (number) => {
    const random = randomFrom(seed * 1000 + number);
    let count = 0;
    while (Date.now() < deadline && broken === undefined) {
      const name = names[Math.floor(random() * names.length)];
      const input = KINDS[name].input(random);
      const instance = { instanceId: `${seed}-${number}-${count++}`, name, input };
      await client.start(instance);
      acknowledged.set(instance.instanceId, input);
      await client.steer(instance);
      // Who does not end in time is found at the end.
      await client.ended(instance.instanceId, PATIENCE_MS);
    }
  };
  try {
    await Promise.all(Array.from({ length: inFlight }, (_, number) => lane(number)));
  } finally {
    clearInterval(progress);
    await disturbances.stop();
  }
  if (broken !== undefined) throw broken;
  return disturbances.counts;
}

function report({ instances, wrong, stuck, orphans }, struck) {
  for (const problem of problems.slice(0, 20)) console.log(`  ${problem}`);
  if (problems.length > 0) console.log(`Hosts printed:\n${printed()}`);
  const strikes = Object.entries(struck).map(([name, count]) => `${count} ${name}`);
  console.log(
    `${instances} instances (${acknowledged.size} acknowledged starts, ${client.unanswered} attempts without an answer), ${strikes.join(', ')}`,
  );
  console.log(`${wrong} wrong, ${stuck} stuck, ${orphans} orphans; seed ${seed}`);
  process.exitCode = problems.length === 0 ? 0 : 1;
}

/** Lets everything end: sub-orchestrations may outlive those who started them. */
async function finish() {
  const open = (await orchestrations()).filter((instance) => !hasEnded(instance));
  await atMost(PARALLEL, open, ({ instanceId }) => client.ended(instanceId, PATIENCE_MS));
}

/** @returns the sums; what is wrong goes to `problems`. */
async function check() {
  const instances = await orchestrations();
  const found = new Set(instances.map(({ instanceId }) => instanceId));
  const stuck = instances.filter((instance) => !hasEnded(instance));
  const wrong = instances
    .filter(hasEnded)
    .map((instance) => ({ ...instance, problem: problemOf(asStarted(instance)) }))
    .filter(({ problem }) => problem !== undefined);
  const lost = [...acknowledged.keys()].filter((id) => !found.has(id));
  for (const { instanceId, name, problem } of wrong) {
    problems.push(`${name} ${instanceId} ${problem}`);
  }
  for (const id of lost) problems.push(`${id} was acknowledged, and is not there`);
  for (const { instanceId, name, runtimeStatus } of stuck) {
    problems.push(`${name} ${instanceId} is ${runtimeStatus}`);
  }
  return {
    instances: instances.length,
    wrong: wrong.length + lost.length,
    stuck: stuck.length,
    orphans: await countOrphans(),
  };
}

function asStarted(instance) {
  return { ...instance, input: acknowledged.get(instance.instanceId) ?? instance.input };
}

/** Messages that nobody takes, and what is there of instances that are purged. */
async function countOrphans() {
  const { messages } = await settled(({ messages: left }) => left === 0);
  const all = await client.list();
  await atMost(PARALLEL, all.filter(isPurgeable), ({ instanceId }) => client.purge(instanceId));
  await running.stop();
  const { instances, histories, payloads } = await countStored(storage, HUB);
  const left = { messages, instances, histories, payloads };
  const orphans = messages + instances + histories + payloads;
  if (orphans > 0) problems.push(`left behind: ${JSON.stringify(left)}`);
  return orphans;
}

/** Those that are stuck are counted already. */
function isPurgeable(instance) {
  return instance.instanceId.startsWith('@') || hasEnded(instance);
}

/** What is stored, once it is as it should be, or does not become so. */
async function settled(isSettled) {
  const deadline = Date.now() + LONGEST_REDELIVERY_MS;
  for (;;) {
    const stored = await countStored(storage, HUB);
    if (isSettled(stored) || Date.now() > deadline) return stored;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Without the entities. */
async function orchestrations() {
  return (await client.list()).filter(({ instanceId }) => !instanceId.startsWith('@'));
}

function printed() {
  return (running?.hosts ?? []).map(({ printed: text }) => text.slice(-4000)).join('\n');
}
